package secretjson

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Keys are those of a secret that somebody wants. The zero value are none.
type Keys struct{ list []key }

type key struct {
	asked string
	path  []string
}

// ParseKeys reads keys with commas between them. A key that begins with / is a
// JSON Pointer (RFC 6901) to a key of an object within the secret; any other is a
// key of the secret itself.
func ParseKeys(list string) (k Keys, err error) {
	for asked := range strings.SplitSeq(list, ",") {
		if asked = strings.TrimSpace(asked); asked == "" {
			continue
		}
		path, err := parsePath(asked)
		if err != nil {
			return Keys{}, fmt.Errorf("key %d %w", len(k.list)+1, err)
		}
		k.list = append(k.list, key{asked, path})
	}
	return k, nil
}

// Any reports whether there are keys.
func (k Keys) Any() bool { return len(k.list) > 0 }

// Pick returns a secret with these keys alone, in its own order, and those that it
// does not have, as they were asked for. Of a list that a key leads to, all goes out.
func (k Keys) Pick(secret json.RawMessage) (picked json.RawMessage, missing []string, err error) {
	wanted := tree{}
	for _, key := range k.list {
		if has(secret, key.path) {
			wanted.add(key.path)
		} else {
			missing = append(missing, key.asked)
		}
	}
	picked, err = wanted.pick(secret)
	return picked, missing, err
}

func has(text []byte, path []string) bool {
	if len(path) == 0 {
		return true
	}
	in, err := parse(text)
	return err == nil && slices.ContainsFunc(in.members, func(m member) bool {
		return m.name == path[0] && has(text[m.value:m.end], path[1:])
	})
}

// tree holds for each key that is wanted those of its object; nil are all.
type tree map[string]tree

func (t tree) add(path []string) {
	below, known := t[path[0]]
	switch {
	case len(path) == 1:
		t[path[0]] = nil
	case !known:
		below = tree{}
		t[path[0]] = below
		fallthrough
	case below != nil:
		below.add(path[1:])
	}
}

func (t tree) pick(text []byte) (json.RawMessage, error) {
	in, err := parse(text)
	if err != nil {
		return nil, err
	}
	picked := []byte("{")
	for _, m := range in.members {
		below, wanted := t[m.name]
		if !wanted {
			continue
		}
		value := json.RawMessage(text[m.value:m.end])
		if below != nil {
			if value, err = below.pick(value); err != nil {
				continue // no object, and has no such key
			}
		}
		if len(picked) > 1 {
			picked = append(picked, ',')
		}
		picked = append(append(picked, text[m.begin:m.value]...), value...)
	}
	return append(picked, '}'), nil
}
