package schema

import (
	"bytes"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
)

// The platform's mapper cannot write every value as a schema has it: JSONata
// makes the bare value of a list of one, null of a path that finds nothing, and
// text of numbers and check boxes; lists of plain strings cannot be drawn, and an
// object is mapped where AWS wants JSON text. What is meant is understood here,
// for all functions.

// mapping is what the dialect adds to a schema for the sake of the mapper, and of
// whoever uses it.
type mapping struct {
	jsonText       bool // "x-jsonText": an object or list becomes JSON text
	commaSeparated bool // "x-commaSeparated": a list may be text with commas
	asItIs         bool // "x-asItIs": an object is kept as it came, and may be any

	example string // the first of "examples", for errors
}

// entryMember is the member of an object that stands for an entry of a list of
// strings.
const entryMember = "Value"

// convert turns what the mapper made into what the schema asks for. It changes
// objects and lists in place and reports whether it did.
func (s *Schema) convert(doc []byte, value any) (any, bool) {
	texts := s.shape.jsonTexts(doc, value)
	value, changed := s.shape.convert(value)
	return value, changed || texts
}

// jsonTexts writes objects and lists as text, with names and digits as they came.
func (s *shape) jsonTexts(doc []byte, value any) (changed bool) {
	members, _ := value.(map[string]any)
	var raw map[string]json.RawMessage
	for name, member := range members {
		property := s.properties[name]
		if property == nil || !property.mapping.jsonText || !isComposite(member) {
			continue
		}
		var text bytes.Buffer
		if raw == nil && json.Unmarshal(doc, &raw) != nil || json.Compact(&text, raw[name]) != nil {
			continue // cannot happen: it was decoded
		}
		members[name], changed = text.String(), true
	}
	return changed
}

func isComposite(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

func (s *shape) convert(v any) (any, bool) {
	if s == nil {
		return v, false
	}
	v, changed := s.list(v)
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if member == nil && s.isOptional(name) {
				delete(v, name)
				changed = true
			} else if c, ok := s.member(name).convert(member); ok {
				v[name], changed = c, true
			}
		}
	case []any:
		for i, entry := range v {
			if c, ok := s.entries.entry(entry); ok {
				v[i], changed = c, true
			}
		}
	case string:
		return s.fromText(v)
	case json.Number:
		return s.wholeNumber(v)
	}
	return v, changed
}

// isOptional reports whether the property of that name may be left out.
func (s *shape) isOptional(name string) bool {
	p := s.properties[name]
	return p != nil && !p.takes("null") && !slices.Contains(s.required, name)
}

// list makes a list of a bare value where the schema asks for one. An empty text
// stays: it stands for no list at all.
func (s *shape) list(v any) (any, bool) {
	if _, is := v.([]any); is || v == nil || v == "" || !s.takes("array") || s.takes("object", "string") {
		return v, false
	}
	text, ok := v.(string)
	switch {
	case !s.entries.mayBe(v):
		return v, false
	case !ok || !s.mapping.commaSeparated:
		return []any{v}, true
	}
	entries := []any{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			entries = append(entries, part)
		}
	}
	return entries, true
}

// mayBe reports whether a value may be meant as one of this shape.
func (s *shape) mayBe(v any) bool {
	if s == nil {
		return false
	}
	switch v := v.(type) {
	case string:
		return s.takes("string", "integer", "number", "boolean")
	case map[string]any:
		return s.takes("object") || standsForText(v)
	case json.Number:
		return s.takes("integer", "number")
	case bool:
		return s.takes("boolean")
	}
	return false
}

// standsForText reports whether an object is {"Value": "text"}.
func standsForText(object map[string]any) bool {
	_, ok := object[entryMember].(string)
	return ok && len(object) == 1
}

// entry converts an entry of a list. {"Value": "text"} is the text where the
// schema asks for one, for the mapper draws lists of objects only.
func (s *shape) entry(v any) (any, bool) {
	if s == nil {
		return v, false
	}
	if object, ok := v.(map[string]any); ok && s.takes("string") && !s.takes("object") && standsForText(object) {
		return object[entryMember], true
	}
	return s.convert(v)
}

func (s *shape) fromText(text string) (any, bool) {
	switch {
	case s.takes("string"):
		return text, false
	case s.takes("boolean") && slices.Contains([]string{"true", "on", "false", "off"}, text): // on and off: check boxes
		return text == "true" || text == "on", true
	case s.takes("integer", "number") && isNumber(text):
		n := limitNumber(json.Number(text))
		if plain, ok := n.(json.Number); ok {
			n, _ = s.wholeNumber(plain)
		}
		return n, true
	}
	return text, false
}

// wholeNumber writes 7.0 and 7e0 as 7 where the schema asks for an integer.
func (s *shape) wholeNumber(n json.Number) (any, bool) {
	if !s.takes("integer") || s.takes("number") || !strings.ContainsAny(string(n), ".eE") {
		return n, false
	}
	r, ok := new(big.Rat).SetString(string(n))
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return n, false
	}
	return json.Number(r.Num().String()), true
}

// isNumber reports whether text is a number as JSON writes it.
func isNumber(text string) bool {
	return strings.Trim(text, "+-.0123456789eE") == "" && json.Valid([]byte(text))
}
