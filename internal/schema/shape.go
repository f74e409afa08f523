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
	secret  bool
	types   []string // JSON type names; none: any type
	members map[string]*shape
	rest    *shape // members whose names are free; nil when there are none
	entries *shape // of a list
}

// learn notes node and all schemas below it. A schema in allOf, anyOf or oneOf
// speaks of the same place, so it is merged; one under not says what must not
// be, so it has no part in the shape.
func (s *Schema) learn(node *jsonschema.Schema, into *shape) {
	s.nodes[node.Location] = node
	if node.Format != nil && node.Format.Name == formatSecret {
		into.secret = true
	}
	if node.Types != nil {
		into.types = append(into.types, node.Types.ToStrings()...)
	}
	for name, sub := range node.Properties {
		if into.members == nil {
			into.members = map[string]*shape{}
		}
		s.learn(sub, below(into.members[name], func(n *shape) { into.members[name] = n }))
	}
	rest := func(n *shape) { into.rest = n }
	for _, sub := range node.PatternProperties {
		s.learn(sub, below(into.rest, rest))
	}
	if sub, ok := node.AdditionalProperties.(*jsonschema.Schema); ok {
		s.learn(sub, below(into.rest, rest))
	}
	s.learnEntries(node, into)
	for _, group := range [][]*jsonschema.Schema{node.AllOf, node.AnyOf, node.OneOf} {
		for _, sub := range group {
			s.learn(sub, into)
		}
	}
	for _, dependency := range node.Dependencies {
		if sub, ok := dependency.(*jsonschema.Schema); ok {
			s.learn(sub, into)
		}
	}
	if node.Not != nil {
		s.learn(node.Not, &shape{})
	}
}

func (s *Schema) learnEntries(node *jsonschema.Schema, into *shape) {
	entries := func(n *shape) { into.entries = n }
	switch items := node.Items.(type) {
	case *jsonschema.Schema:
		s.learn(items, below(into.entries, entries))
	case []*jsonschema.Schema:
		for _, sub := range items {
			s.learn(sub, below(into.entries, entries))
		}
	}
	if sub, ok := node.AdditionalItems.(*jsonschema.Schema); ok {
		s.learn(sub, below(into.entries, entries))
	}
}

// below returns there, or a new shape after handing it to keep.
func below(there *shape, keep func(*shape)) *shape {
	if there == nil {
		there = &shape{}
		keep(there)
	}
	return there
}

// next returns the shape one step further down, nil when none is known.
func (s *shape) next(to step) *shape {
	switch {
	case s == nil:
		return nil
	case to.list:
		return s.entries
	}
	if member, ok := s.members[to.name]; ok {
		return member
	}
	return s.rest
}

// private reports whether what stands here must not show: it is unknown, a
// secret, or something with a secret below, given perhaps in the wrong form.
func (s *shape) private() bool {
	if s == nil || s.secret {
		return true
	}
	for _, below := range []*shape{s.rest, s.entries} {
		if below != nil && below.private() {
			return true
		}
	}
	for _, member := range s.members {
		if member.private() {
			return true
		}
	}
	return false
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
			if c, ok := s.next(step{name: name}).convert(member); ok {
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
		n := tame(json.Number(text))
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
	if text == "" || !strings.ContainsAny(text[:1], "-0123456789") || !strings.ContainsAny(text[len(text)-1:], "0123456789") {
		return false
	}
	return json.Valid([]byte(text))
}
