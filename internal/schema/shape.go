package schema

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// shape is what a schema says of one place in a document, apart from rules:
// which types it takes, whether it is secret, and what lies below.
type shape struct {
	title      string // what the designer calls it
	secret     bool
	mapping    mapping
	types      []string // JSON type names; none: any type
	required   []string // properties that must be there
	properties map[string]*shape
	others     *shape // properties whose names are free; nil when there are none
	entries    *shape // of a list
}

// collect notes node and all schemas below it. A schema in allOf, anyOf or oneOf
// speaks of the same place, so it is merged; one under not says what must not
// be, so it has no part in the shape.
func (s *Schema) collect(node *jsonschema.Schema, into *shape) {
	s.nodes[node.Location] = node
	into.title = cmp.Or(into.title, node.Title)
	into.secret = into.secret || node.Format != nil && node.Format.Name == formatSecret
	if m, ok := s.mappings[node.Location]; ok {
		into.mapping = m
	}
	into.required = append(into.required, node.Required...)
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
		entries := child(&into.entries)
		s.collect(sub, entries)
		entries.mapping.example = cmp.Or(entries.mapping.example, into.mapping.example)
	}
	for _, sub := range slices.Concat(node.AllOf, node.AnyOf, node.OneOf) {
		alternative := *into
		s.collect(sub, &alternative)
		alternative.required = into.required // only what is required in any case
		*into = alternative
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
	if s == nil {
		return nil
	}
	if p, ok := s.properties[name]; ok {
		return p
	}
	return s.others
}

// named returns the name of a property with its title.
func (s *shape) named(name string) string {
	if s == nil || s.properties[name] == nil {
		return name
	}
	return titled(name, s.properties[name].title)
}

// memberNames lists the properties.
func (s *shape) memberNames() string {
	return strings.Join(slices.Sorted(maps.Keys(s.properties)), ", ")
}

func (s *shape) takes(types ...string) bool {
	return slices.ContainsFunc(types, func(t string) bool { return slices.Contains(s.types, t) })
}
