package schema

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// shape is what a schema says of one place in a document, apart from rules:
// which types it takes, whether it is secret, and what lies below.
type shape struct {
	secret     bool
	types      []string // JSON type names; none: any type
	properties map[string]*shape
	others     *shape // properties whose names are free; nil when there are none
	entries    *shape // of a list
}

// collect notes node and all schemas below it. A schema in allOf, anyOf or oneOf
// speaks of the same place, so it is merged; one under not says what must not
// be, so it has no part in the shape.
func (s *Schema) collect(node *jsonschema.Schema, into *shape) {
	s.nodes[node.Location] = node
	into.secret = into.secret || node.Format != nil && node.Format.Name == formatSecret
	if node.Types != nil {
		into.types = append(into.types, node.Types.ToStrings()...)
	}
	for name, sub := range node.Properties {
		s.collect(sub, into.property(name))
	}
	for _, sub := range node.PatternProperties {
		s.collect(sub, child(&into.others))
	}
	if sub, ok := node.AdditionalProperties.(*jsonschema.Schema); ok {
		s.collect(sub, child(&into.others))
	}
	if sub, ok := node.Items.(*jsonschema.Schema); ok {
		s.collect(sub, child(&into.entries))
	}
	for _, sub := range slices.Concat(node.AllOf, node.AnyOf, node.OneOf) {
		s.collect(sub, into)
	}
	for _, dependency := range node.Dependencies {
		if sub, ok := dependency.(*jsonschema.Schema); ok {
			s.collect(sub, into)
		}
	}
	if node.Not != nil {
		s.collect(node.Not, &shape{})
	}
}

// property returns the shape of a property, a new one where there is none.
func (s *shape) property(name string) *shape {
	if s.properties == nil {
		s.properties = map[string]*shape{}
	}
	if s.properties[name] == nil {
		s.properties[name] = &shape{}
	}
	return s.properties[name]
}

// child returns the shape at that place, a new one where there is none.
func child(place **shape) *shape {
	if *place == nil {
		*place = &shape{}
	}
	return *place
}

// member returns the shape of an object's member, nil when none is known.
func (s *shape) member(name string) *shape {
	if p, ok := s.properties[name]; ok {
		return p
	}
	return s.others
}

// convert turns numbers and booleans given as text into what the schema asks
// for. It changes objects and lists in place and reports whether it did.
func (s *shape) convert(v any) (any, bool) {
	if s == nil {
		return v, false
	}
	changed := false
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if c, ok := s.member(name).convert(member); ok {
				v[name], changed = c, true
			}
		}
	case []any:
		for i, entry := range v {
			if c, ok := s.entries.convert(entry); ok {
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

func (s *shape) takes(types ...string) bool {
	return slices.ContainsFunc(types, func(t string) bool { return slices.Contains(s.types, t) })
}

func (s *shape) fromText(text string) (any, bool) {
	switch {
	case s.takes("string"):
		return text, false
	case s.takes("boolean") && (text == "true" || text == "false"):
		return text == "true", true
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
