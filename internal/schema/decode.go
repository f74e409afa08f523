package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxDepth    = 64  // levels of objects and lists
	maxDigits   = 100 // characters of a number
	maxExponent = 400 // of a number, either way
)

// A flaw is what is wrong with a document as JSON, whatever the schema.
type flaw struct {
	at   []step
	rule string
}

// A step leads from an object to a member, or from a list to an entry.
type step struct {
	name  string
	index int // used when the step leads into a list
	list  bool
}

// decode reads one JSON value. Unlike encoding/json it tells of everything
// that package would silently change: invalid UTF-8, halves of surrogate pairs,
// members given twice. Without a readable value there is exactly one flaw.
func decode(doc []byte) (value any, flaws []flaw, readable bool) {
	doc = bytes.Trim(doc, " \t\r\n")
	if len(doc) == 0 {
		return nil, nil, true
	}
	if value, ok := decodeFlawless(doc); ok {
		return value, nil, true
	}
	return decodeFlawed(doc)
}

func decodeFlawed(doc []byte) (value any, flaws []flaw, readable bool) {
	unreadable := func(format string, args ...any) (any, []flaw, bool) {
		return nil, []flaw{{rule: fmt.Sprintf(format, args...)}}, false
	}
	if at := invalidUTF8(doc); at >= 0 {
		return unreadable("must be UTF-8, which breaks at byte %s", count(at+1))
	}
	var broken *json.SyntaxError
	if errors.As(json.Unmarshal(doc, new(json.RawMessage)), &broken) {
		// The position is all that is told: the text around it may be secret.
		return unreadable("must be one JSON value, which breaks at byte %s", count(int(broken.Offset)))
	}
	r := reader{tokens: json.NewDecoder(bytes.NewReader(doc))}
	r.tokens.UseNumber()
	value, err := r.value()
	if err != nil {
		return unreadable("must not be nested deeper than %d levels", maxDepth)
	}
	if at := loneSurrogate(doc); at >= 0 {
		return unreadable(`must not have half of a surrogate pair, as the \u escape at byte %s is`, count(at+1))
	}
	return value, r.flaws, true
}

// decodeFlawless reads documents that have no flaw, which nearly all are, in a
// fraction of the time that it takes to find flaws.
func decodeFlawless(doc []byte) (value any, ok bool) {
	if !utf8.Valid(doc) || bytes.Contains(doc, []byte(`\u`)) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil || decoder.InputOffset() != int64(len(doc)) {
		return nil, false
	}
	written, depth := outline(doc)
	value, kept := tamed(value)
	return value, depth <= maxDepth && kept == written // fewer kept: a member was given twice
}

// outline counts the members of all objects in valid JSON, and the levels.
func outline(doc []byte) (members, depth int) {
	level, quoted := 0, false
	for i := 0; i < len(doc); i++ {
		switch c := doc[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ':':
			members++
		case c == '{' || c == '[':
			level++
			depth = max(depth, level)
		case c == '}' || c == ']':
			level--
		}
	}
	return members, depth
}

// tamed tames all numbers in v and counts the members of all objects.
func tamed(v any) (result any, members int) {
	switch v := v.(type) {
	case json.Number:
		return tame(v), 0
	case map[string]any:
		members = len(v)
		for name, member := range v {
			below, n := tamed(member)
			if _, number := member.(json.Number); number {
				v[name] = below
			}
			members += n
		}
	case []any:
		for i, entry := range v {
			below, n := tamed(entry)
			v[i] = below
			members += n
		}
	}
	return v, members
}

var errTooDeep = errors.New("too deep")

type reader struct {
	tokens *json.Decoder
	at     []step
	flaws  []flaw
}

func (r *reader) value() (any, error) {
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
			return r.object()
		}
		return r.list()
	case json.Number:
		return tame(token), nil
	}
	return token, nil
}

func (r *reader) object() (any, error) {
	members := map[string]any{}
	for r.tokens.More() {
		token, err := r.tokens.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string) // the decoder lets nothing else be a name
		r.at = append(r.at, step{name: name})
		if _, twice := members[name]; twice {
			r.flaws = append(r.flaws, flaw{at: append([]step(nil), r.at...), rule: ruleTwice})
		}
		if members[name], err = r.value(); err != nil {
			return nil, err
		}
		r.at = r.at[:len(r.at)-1]
	}
	_, err := r.tokens.Token()
	return members, err
}

func (r *reader) list() (any, error) {
	entries := []any{}
	for r.tokens.More() {
		r.at = append(r.at, step{index: len(entries), list: true})
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		entries = append(entries, v)
		r.at = r.at[:len(r.at)-1]
	}
	_, err := r.tokens.Token()
	return entries, err
}

// outsized is a number with so many digits or so large an exponent that
// computing with it would cost memory without bound. The validator refuses the
// type wherever a schema says anything about the value.
type outsized string

// MarshalJSON writes the number as it came.
func (o outsized) MarshalJSON() ([]byte, error) { return []byte(o), nil }

func tame(n json.Number) any {
	text := string(n)
	if len(text) > maxDigits {
		return outsized(text)
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if e, err := strconv.Atoi(text[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return outsized(text)
		}
	}
	return n
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(doc []byte) int {
	if utf8.Valid(doc) {
		return -1
	}
	for i := 0; i < len(doc); {
		r, size := utf8.DecodeRune(doc[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// loneSurrogate returns the offset of the first \u escape in valid JSON that is
// half of a surrogate pair without the other, or -1.
func loneSurrogate(doc []byte) int {
	for i := 0; i < len(doc); i++ {
		if doc[i] != '\\' {
			continue
		}
		r := escape(doc[i:])
		switch {
		case !utf16.IsSurrogate(r):
			i++ // what is escaped may be a backslash
		case utf16.DecodeRune(r, escape(doc[i+6:])) == utf8.RuneError:
			return i
		default:
			i += 11
		}
	}
	return -1
}

// escape returns the UTF-16 unit of the \uXXXX that text begins with, or -1.
func escape(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
