package secretjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"aws-secrets-manager-connector/internal/rawjson"
)

// ErrTwice is an error of Apply.
var ErrTwice = errors.New("the value has a key more than once that is to be changed")

// Changes are keys to set and keys to remove.
type Changes struct{ list []change }

type change struct {
	path  []string
	value json.RawMessage // nil: remove
	from  string          // where it was asked for, for errors
}

// NewChanges reads what to set, a JSON object from keys to values, and which
// keys to remove, none of them a part of another. A key that begins with / is a JSON Pointer (RFC 6901) to a key
// of an object within the secret; any other is a key of the secret itself.
func NewChanges(set json.RawMessage, remove []string) (Changes, error) {
	var c Changes
	if len(set) > 0 {
		object, err := parse(set)
		if err != nil {
			//lint:ignore ST1005 it begins with a member's name
			return c, errors.New("Set must be an object")
		}
		for i, m := range object.members {
			c.list = append(c.list, change{value: set[m.value:m.end], from: fmt.Sprintf("key %d of Set", i+1)})
			if err := c.last(m.name); err != nil {
				return c, err
			}
		}
	}
	for i, key := range remove {
		c.list = append(c.list, change{from: fmt.Sprintf("Remove[%d]", i)})
		if err := c.last(key); err != nil {
			return c, err
		}
	}
	if len(c.list) == 0 {
		return c, errors.New("there is nothing to set or remove: the mapping found nothing")
	}
	return c, c.checkApart()
}

// With returns the changes and one more: key, which was asked for in the member
// from, gets the value. It may be a part of what they set, but not the other way
// round, for that would be lost.
func (c Changes) With(from, key string, value json.RawMessage) (Changes, error) {
	before := c.list
	c.list = append(slices.Clone(before), change{value: value, from: from})
	if err := c.last(key); err != nil {
		return c, err
	}
	path := c.list[len(before)].path
	for _, other := range before {
		if isWithin(other.path, path) {
			return c, fmt.Errorf("%s and %s change the same key, or one a part of the other", other.from, from)
		}
	}
	return c, nil
}

// isWithin reports whether a path is another one, or leads on from there.
func isWithin(path, other []string) bool {
	return len(other) <= len(path) && slices.Equal(other, path[:len(other)])
}

// last completes the last change.
func (c Changes) last(key string) (err error) {
	last := &c.list[len(c.list)-1]
	switch {
	case key == "":
		err = errors.New("must not be empty")
	case string(last.value) == "null":
		err = errors.New("is null: the mapping found nothing; use Remove to take a key away")
	default:
		last.path, err = parsePath(key)
	}
	if err != nil {
		err = fmt.Errorf("%s %w", last.from, err)
	}
	return err
}

// checkApart holds that the order of the changes does not matter.
func (c Changes) checkApart() error {
	sorted := slices.SortedFunc(slices.Values(c.list), func(a, b change) int { return slices.Compare(a.path, b.path) })
	for i := 1; i < len(sorted); i++ {
		outer, inner := sorted[i-1], sorted[i]
		if isWithin(inner.path, outer.path) {
			return fmt.Errorf("%s and %s change the same key, or one a part of the other", outer.from, inner.from)
		}
	}
	return nil
}

// Apply returns the secret with the changes. What is not there is not removed,
// and objects on the way to a key that is set are made.
func (c Changes) Apply(secret []byte) ([]byte, error) {
	var err error
	for _, change := range c.list {
		if secret, err = change.apply(secret, change.path); err != nil {
			return nil, err
		}
	}
	return secret, nil
}

func (c change) apply(text []byte, path []string) ([]byte, error) {
	in, err := parse(text)
	if err != nil {
		return nil, err
	}
	i, err := in.find(path[0])
	switch {
	case err != nil:
		return nil, err
	case i < 0 && c.value == nil:
		return text, nil
	case i < 0:
		return in.add(path, c.value)
	case len(path) > 1:
		m := in.members[i]
		inner, err := c.apply(text[m.value:m.end:m.end], path[1:])
		if errors.Is(err, ErrNotObject) && c.value == nil {
			return text, nil // has no such key
		}
		if errors.Is(err, ErrNotObject) {
			err = fmt.Errorf("%s leads through a value that is not an object", c.from)
		}
		if err != nil {
			return nil, err
		}
		return splice(text, m.value, m.end, inner), nil
	case c.value == nil:
		return in.remove(i), nil
	}
	return splice(text, in.members[i].value, in.members[i].end, c.value), nil
}

// find returns the index of a member, -1 if there is none.
func (o object) find(name string) (int, error) {
	found := -1
	for i, m := range o.members {
		if m.name != name {
			continue
		}
		if found >= 0 {
			return 0, ErrTwice
		}
		found = i
	}
	return found, nil
}

// add puts a member behind the last one.
func (o object) add(path []string, value json.RawMessage) ([]byte, error) {
	for _, name := range slices.Backward(path) {
		quoted, err := rawjson.Marshal(name)
		if err != nil {
			return nil, err
		}
		value = slices.Concat(quoted, []byte(":"), value)
		if len(path) > 1 {
			value = slices.Concat([]byte("{"), value, []byte("}"))
		}
		path = path[:len(path)-1]
	}
	if len(o.members) == 0 {
		return splice(o.text, o.close, o.close, value), nil
	}
	end := o.members[len(o.members)-1].end
	return splice(o.text, end, end, append([]byte(","), value...)), nil
}

// remove takes a member out, with one comma.
func (o object) remove(i int) []byte {
	m := o.members[i]
	switch {
	case i+1 < len(o.members):
		return splice(o.text, m.begin, o.members[i+1].begin, nil)
	case i > 0:
		return splice(o.text, o.members[i-1].end, m.end, nil)
	}
	return splice(o.text, m.begin, m.end, nil)
}

func splice(text []byte, begin, end int, with []byte) []byte {
	return slices.Concat(text[:begin], with, text[end:])
}
