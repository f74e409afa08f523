// Package rawjson reads JSON without making Go values of it, for the fast path of
// the schemas and for the messages around what they describe (decision 17). It
// knows only what is usual: where it says no, encoding/json may still say yes.
package rawjson

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// maxDepth is how many levels of objects and lists count as usual.
const maxDepth = 64

// Scanner goes over a document from its beginning. A method that returns false
// has not found what it looks for, and the scanner is of no use any more.
type Scanner struct {
	doc     []byte
	at      int
	compact bool // without white space
}

// NewScanner returns a scanner at the beginning of doc.
func NewScanner(doc []byte) Scanner { return Scanner{doc: doc} }

// IsCompact reports whether doc is one JSON value without white space around
// its tokens, in UTF-8.
func IsCompact(doc []byte) bool {
	s := Scanner{doc: doc, compact: true}
	return utf8.Valid(doc) && s.Value() && s.End()
}

// Members returns the members of the object that doc is, as parts of doc. It
// is false also when a name is there twice, or is written with escapes.
func Members(doc []byte) (members map[string]json.RawMessage, ok bool) {
	members = make(map[string]json.RawMessage, 4)
	ok = EachMember(doc, func(name []byte, value json.RawMessage) bool {
		if _, twice := members[string(name)]; twice {
			return false
		}
		members[string(name)] = value
		return true
	})
	return members, ok
}

// EachMember calls take with each member of the object that doc is, until that
// returns false. Names and values are parts of doc. It is false also when a
// name is written with escapes.
func EachMember(doc []byte, take func(name []byte, value json.RawMessage) bool) bool {
	s := NewScanner(doc)
	return utf8.Valid(doc) && s.Object(func(name []byte) bool {
		s.Peek()
		begin := s.at
		return s.Value() && take(name, s.doc[begin:s.at:s.at])
	}) && s.End()
}

// Peek skips white space and returns the next byte, 0 at the end.
func (s *Scanner) Peek() byte {
	for ; s.at < len(s.doc); s.at++ {
		switch c := s.doc[s.at]; c {
		case ' ', '\t', '\r', '\n':
			if s.compact {
				return c
			}
		default:
			return c
		}
	}
	return 0
}

// End reports whether nothing but white space is left.
func (s *Scanner) End() bool { return s.Peek() == 0 && s.at == len(s.doc) }

// Skip skips white space and the byte c.
func (s *Scanner) Skip(c byte) bool {
	if s.Peek() != c || s.at == len(s.doc) {
		return false
	}
	s.at++
	return true
}

// Value skips one value of any kind.
func (s *Scanner) Value() bool { return s.value(maxDepth) }

func (s *Scanner) value(depth int) bool {
	if depth == 0 {
		return false
	}
	switch s.Peek() {
	case '{':
		return s.Object(func([]byte) bool { return s.value(depth - 1) })
	case '[':
		return s.List(func() bool { return s.value(depth - 1) })
	case '"':
		_, ok := s.Text()
		return ok
	case 't':
		return s.Word("true")
	case 'f':
		return s.Word("false")
	case 'n':
		return s.Word("null")
	}
	_, ok := s.number()
	return ok
}

// Object skips an object. It calls member at each value, which that skips. The
// names are without escapes.
func (s *Scanner) Object(member func(name []byte) bool) bool {
	if !s.Skip('{') {
		return false
	}
	for first := true; !s.Skip('}'); first = false {
		if !first && !s.Skip(',') {
			return false
		}
		name, ok := s.Text()
		if !ok || name.Escapes > 0 || !s.Skip(':') || !member(name.Raw) {
			return false
		}
	}
	return true
}

// List skips a list. It calls entry at each value, which that skips.
func (s *Scanner) List(entry func() bool) bool {
	if !s.Skip('[') {
		return false
	}
	for first := true; !s.Skip(']'); first = false {
		if !first && !s.Skip(',') || !entry() {
			return false
		}
	}
	return true
}

// Text is a string of a document.
type Text struct {
	Raw     []byte // between the quotes, with its escapes
	Escapes int    // how many of them are in it
	Unicode bool   // one of them is \uXXXX, which may be half of a character
}

// Characters is the length of a text without Unicode escapes.
func (t Text) Characters() int { return utf8.RuneCount(t.Raw) - t.Escapes }

// Text skips a string.
func (s *Scanner) Text() (t Text, ok bool) {
	if !s.Skip('"') {
		return t, false
	}
	begin := s.at
	for s.at < len(s.doc) {
		c := s.doc[s.at]
		s.at++
		switch {
		case c == '"':
			t.Raw = s.doc[begin : s.at-1]
			return t, true
		case c == '\\':
			if !s.escape(&t) {
				return t, false
			}
		case c < ' ':
			return t, false
		}
	}
	return t, false
}

// escape skips what follows a backslash.
func (s *Scanner) escape(t *Text) bool {
	t.Escapes++
	if s.at == len(s.doc) {
		return false
	}
	c := s.doc[s.at]
	s.at++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		t.Unicode = true
		return s.hex(4)
	}
	return false
}

// hex skips that many hexadecimal digits.
func (s *Scanner) hex(digits int) bool {
	for range digits {
		if !s.skipAny("0123456789abcdefABCDEF") {
			return false
		}
	}
	return true
}

// Integer skips a number without fraction and exponent, and returns it.
func (s *Scanner) Integer() (raw []byte, ok bool) {
	raw, ok = s.number()
	return raw, ok && !bytes.ContainsAny(raw, ".eE")
}

func (s *Scanner) number() (raw []byte, ok bool) {
	s.Peek()
	begin := s.at
	s.skipAny("-")
	if !s.skipAny("0") && s.digits() == 0 {
		return nil, false
	}
	if s.skipAny(".") && s.digits() == 0 {
		return nil, false
	}
	if s.skipAny("eE") {
		s.skipAny("+-")
		if s.digits() == 0 {
			return nil, false
		}
	}
	return s.doc[begin:s.at], true
}

// skipAny skips a single byte if it is one of those.
func (s *Scanner) skipAny(of string) bool {
	if s.at == len(s.doc) || strings.IndexByte(of, s.doc[s.at]) < 0 {
		return false
	}
	s.at++
	return true
}

func (s *Scanner) digits() (count int) {
	for s.at < len(s.doc) && '0' <= s.doc[s.at] && s.doc[s.at] <= '9' {
		s.at++
		count++
	}
	return count
}

// Word skips true, false or null.
func (s *Scanner) Word(word string) bool {
	s.Peek()
	if !bytes.HasPrefix(s.doc[s.at:], []byte(word)) {
		return false
	}
	s.at += len(word)
	return true
}

// AppendPlain appends text as a JSON string, if it is ASCII and all of it stands
// there as it is.
func AppendPlain(doc []byte, text string) ([]byte, bool) {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return doc, false
		}
	}
	doc = append(append(doc, '"'), text...)
	return append(doc, '"'), true
}
