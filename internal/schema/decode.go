package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"aws-secrets-manager-connector/internal/rawjson"
)

const (
	maxDepth    = 64  // levels of objects and lists
	maxDigits   = 100 // characters of a number
	maxExponent = 400 // of a number, either way
)

// syntaxError is what is wrong with a document as JSON, whatever the schema.
type syntaxError struct {
	at   []string // names and indexes on the way there
	rule string
}

// document is a JSON value as it was read.
type document struct {
	value    any
	kept     []kept
	errs     []syntaxError
	readable bool
}

// kept is a member that stays as it came, bytes and all. In the value there
// stands an empty object for it.
type kept struct {
	in   map[string]any
	name string
	text json.RawMessage
}

// restore puts what is kept in its place. The value is then fit to be written,
// not to be looked into.
func (d document) restore() {
	for _, k := range d.kept {
		k.in[k.name] = k.text
	}
}

// decode reads one JSON value, of that shape where it is known. Unlike
// encoding/json it reports everything that package would silently change: invalid
// UTF-8, halves of surrogate pairs, members given twice. Without a readable value
// there is exactly one error.
func decode(doc []byte, of *shape) document {
	doc = bytes.Trim(doc, " \t\r\n")
	if len(doc) == 0 {
		return document{readable: true}
	}
	unreadable := func(format string, args ...any) document {
		return document{errs: []syntaxError{{rule: fmt.Sprintf(format, args...)}}}
	}
	if at := invalidUTF8(doc); at >= 0 {
		return unreadable("must be UTF-8, which breaks at byte %s", count(at+1))
	}
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(doc, new(json.RawMessage)), &syntax) {
		// The position is all that is told: the text around it may be secret.
		return unreadable("must be one JSON value, which breaks at byte %s", count(int(syntax.Offset)))
	}
	r := reader{tokens: json.NewDecoder(bytes.NewReader(doc)), changed: slices.Clone(doc)}
	r.tokens.UseNumber()
	value, err := r.value(of)
	if err != nil {
		return unreadable("must not be nested deeper than %d levels", maxDepth)
	}
	if at := rawjson.LoneSurrogate(r.changed); at >= 0 {
		return unreadable(`must not have half of a surrogate pair, as the \u escape at byte %s is`, count(at+1))
	}
	return document{value, r.kept, r.errs, true}
}

var errTooDeep = errors.New("too deep")

type reader struct {
	tokens  *json.Decoder
	at      []string
	errs    []syntaxError
	kept    []kept
	changed []byte // the document, with blanks for what is kept
}

func (r *reader) value(of *shape) (any, error) {
	token, err := r.tokens.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		if len(r.at) >= maxDepth {
			return nil, errTooDeep
		}
		if token == '{' {
			return r.object(of)
		}
		return r.list(of)
	case json.Number:
		return limitNumber(token), nil
	}
	return token, nil
}

func (r *reader) object(of *shape) (any, error) {
	members := map[string]any{}
	for r.tokens.More() {
		token, err := r.tokens.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string) // the decoder lets nothing else be a name
		r.at = append(r.at, name)
		if _, exists := members[name]; exists {
			r.errs = append(r.errs, syntaxError{at: slices.Clone(r.at), rule: ruleTwice})
		}
		member := of.member(name)
		if member != nil && member.mapping.asItIs {
			err = r.keep(members, name)
		} else {
			members[name], err = r.value(member)
		}
		if err != nil {
			return nil, err
		}
		r.at = r.at[:len(r.at)-1]
	}
	_, err := r.tokens.Token()
	return members, err
}

// keep reads a member that stays as it came, if it is an object.
func (r *reader) keep(members map[string]any, name string) error {
	var text json.RawMessage
	if err := r.tokens.Decode(&text); err != nil {
		return err
	}
	if text[0] != '{' {
		members[name] = decode(text, nil).value // of the wrong type
		return nil
	}
	end := int(r.tokens.InputOffset())
	copy(r.changed[end-len(text):end], bytes.Repeat([]byte(" "), len(text)))
	members[name] = map[string]any{}
	r.kept = append(r.kept, kept{members, name, text})
	return nil
}

func (r *reader) list(of *shape) (any, error) {
	var entry *shape
	if of != nil {
		entry = of.entries
	}
	entries := []any{}
	for r.tokens.More() {
		r.at = append(r.at, strconv.Itoa(len(entries)))
		v, err := r.value(entry)
		if err != nil {
			return nil, err
		}
		entries = append(entries, v)
		r.at = r.at[:len(r.at)-1]
	}
	_, err := r.tokens.Token()
	return entries, err
}

// oversized is a number with so many digits or so large an exponent that
// computing with it would cost memory without bound. The validator refuses the
// type wherever a schema says anything about the value.
type oversized string

// MarshalJSON writes the number as it came.
func (o oversized) MarshalJSON() ([]byte, error) { return []byte(o), nil }

// limitNumber returns n, or what stands for it when it is oversized.
func limitNumber(n json.Number) any {
	text := string(n)
	if len(text) > maxDigits {
		return oversized(text)
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if e, err := strconv.Atoi(text[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return oversized(text)
		}
	}
	return n
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(doc []byte) int {
	if utf8.Valid(doc) {
		return -1
	}
	for i, r := range string(doc) {
		if r == utf8.RuneError && !bytes.HasPrefix(doc[i:], []byte("\uFFFD")) {
			return i
		}
	}
	return -1
}
