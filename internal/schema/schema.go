// Package schema checks message bodies against JSON schemas in the platform's
// dialect: draft-04, except that a required property says so itself with
// "required": true, and that "format": "password" marks a secret.
//
// What is wrong with a document is told by path and rule. Of its values only
// numbers and booleans appear, where the schema asks for them, and of its names
// only those that the schema knows, or almost. So the texts are safe to show.
package schema

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"aws-secrets-manager-connector/internal/rawjson"
	"aws-secrets-manager-connector/internal/schema/fastpath"
)

// Schema is a compiled schema. It is safe for concurrent use.
type Schema struct {
	compiled *jsonschema.Schema
	shape    *shape
	fastPath fastpath.Validator
	nodes    map[string]*jsonschema.Schema // by location, to explain a broken rule
	mappings map[string]mapping            // by location
}

// Compile compiles a document in the platform's dialect. Keywords that the
// dialect does not know are refused, and so is $ref: nothing is ever fetched.
// The name appears in errors only.
func Compile(name string, document []byte) (*Schema, error) {
	s := &Schema{shape: &shape{}, nodes: map[string]*jsonschema.Schema{}, mappings: map[string]mapping{}}
	var err error
	if s.compiled, err = s.compile(document); err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	s.collect(s.compiled, s.shape)
	s.fastPath = fastpath.New(s.compiled)
	return s, nil
}

func (s *Schema) compile(document []byte) (*jsonschema.Schema, error) {
	read := decode(document, nil)
	if !read.readable || len(read.errs) > 0 {
		return nil, fmt.Errorf("document %s", read.errs[0].rule)
	}
	node, ok := read.value.(map[string]any)
	if !ok {
		return nil, errors.New("document must be an object")
	}
	const url = "schema:document"
	mappings := map[string]mapping{}
	if err := toDraft4("", node, mappings); err != nil {
		return nil, err
	}
	for pointer, m := range mappings {
		s.mappings[url+"#"+pointer] = m
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.UseLoader(noLoader{})
	c.RegisterFormat(&jsonschema.Format{Name: formatSecret, Validate: func(any) error { return nil }})
	c.RegisterVocabulary(contentVocabulary())
	if err := c.AddResource(url, node); err != nil {
		return nil, err
	}
	return c.Compile(url)
}

// noLoader keeps the compiler from reading files and the network.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s: other documents are not loaded", url)
}

// Check validates doc. Before it does, what the platform's mapper makes of a
// value becomes what the schema asks for: numbers and booleans given as text,
// bare values for lists, null for what is absent, objects for JSON text. Whole
// numbers written as 7.0 become 7.
// It returns the document to work with: the input bytes when nothing changed. An
// object that the schema wants as it is keeps its bytes, but for white space.
// An error is always a *Violations with every violation there is; then the
// document is returned as it came. An empty doc counts as null.
func (s *Schema) Check(doc json.RawMessage) (json.RawMessage, error) {
	if s.fastPath.IsValid(doc) {
		return doc, nil
	}
	return s.validate(doc)
}

// validate is Check without the fast path.
func (s *Schema) validate(doc json.RawMessage) (json.RawMessage, error) {
	read := decode(doc, s.shape)
	e := explainer{schema: s, value: read.value}
	for _, err := range read.errs {
		e.syntaxError(err)
	}
	changed := false
	if read.readable {
		e.nulls = nulls(read.value)
		e.value, changed = s.convert(doc, read.value)
		var broken *jsonschema.ValidationError
		if errors.As(s.compiled.Validate(e.value), &broken) {
			e.explain(broken)
		}
	}
	switch {
	case len(e.found) > 0 && s.shape.isGenerated(e.value):
		return doc, newViolations([]Violation{s.shape.moved()})
	case len(e.found) > 0:
		return doc, newViolations(e.found)
	}
	if !changed {
		return doc, nil
	}
	read.restore()
	out, err := rawjson.Marshal(e.value)
	if err != nil { // cannot happen: the value came from JSON
		return doc, newViolations([]Violation{{Path: root, Rule: "cannot be written as JSON"}})
	}
	return out, nil
}
