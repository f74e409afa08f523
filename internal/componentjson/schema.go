package componentjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"aws-secrets-manager-connector/internal/schema"
)

// member is a place in a schema, as far as the designer shows it.
type member struct {
	Title, Description, Type string

	Order             int
	Example           json.RawMessage
	Enum, Examples    []json.RawMessage
	Default           json.RawMessage
	Properties        map[string]*member
	PatternProperties map[string]*member
	Items             *member

	text json.RawMessage // the member itself
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *member) UnmarshalJSON(text []byte) error {
	type plain member
	m.text = bytes.Clone(text)
	return json.Unmarshal(text, (*plain)(m))
}

// takes reports whether all values are valid for the member.
func (m *member) takes(values ...json.RawMessage) bool {
	if len(values) == 0 {
		return true
	}
	var keywords map[string]json.RawMessage
	_ = json.Unmarshal(m.text, &keywords) // was read before
	for _, ofProperties := range []string{"required", "x-jsonText"} {
		delete(keywords, ofProperties)
	}
	alone, err := json.Marshal(keywords)
	if err != nil {
		return false
	}
	compiled, err := schema.Compile("", alone)
	return err == nil && !slices.ContainsFunc(values, func(value json.RawMessage) bool {
		_, err := compiled.Check(value)
		return err != nil
	})
}

var memberRules = []rule[*member]{
	{"title is missing", "name it as people say it", func(m *member) bool { return m.Title != "" }},
	{"description is missing", "say what stands there", func(m *member) bool { return m.Description != "" }},
}

// valueRules are for what has no title of its own, too.
var valueRules = []rule[*member]{
	{"enum has a value of another type", "correct it, for it could never be given", func(m *member) bool {
		for _, value := range m.Enum {
			if isText := value[0] == '"'; isText != (m.Type == "string") {
				return false
			}
		}
		return true
	}},
	{"examples has a value that is not valid", "correct it, for the designer offers it", func(m *member) bool { return m.takes(m.Examples...) }},
	{"default is not valid", "give what is taken where none is given", func(m *member) bool { return m.Default == nil || m.takes(m.Default) }},
}

var schemaRules = []rule[*member]{
	{"example is missing", "give one, for the designer shows it and the tests send it", func(m *member) bool { return m.Example != nil }},
}

// CheckSchemas checks all schemas in a directory as CheckSchema does.
func CheckSchemas(directory fs.FS) error {
	names, err := fs.Glob(directory, "*.json")
	errs := []error{err}
	if len(names) == 0 {
		errs = append(errs, problem("schemas", "the directory has none", "put NAME.in.json and NAME.out.json of each function there"))
	}
	for _, name := range names {
		text, err := fs.ReadFile(directory, name)
		if err == nil {
			err = CheckSchema(name, text)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// CheckSchema tells every rule that a schema in the platform's dialect breaks. Its
// example must be valid. The name appears in errors only.
func CheckSchema(name string, text []byte) error {
	compiled, err := schema.Compile(name, text)
	if err != nil {
		return fmt.Errorf("%w – correct the schema", err)
	}
	var root member
	if err := json.Unmarshal(text, &root); err != nil {
		return fmt.Errorf("read %s: %w – correct the schema", name, err)
	}
	errs := broken(name, schemaRules, &root)
	errs = append(errs, broken(name, memberRules, &root)...)
	errs = append(errs, root.check(name)...)
	if root.Example != nil {
		if _, err := compiled.Check(root.Example); err != nil {
			errs = append(errs, problem(name, "example is not valid", err.Error()))
		}
	}
	return errors.Join(errs...)
}

// check checks a member and what lies below it.
func (m *member) check(at string) []error {
	if m == nil {
		return nil
	}
	errs := broken(at, valueRules, m)
	orders := map[int]bool{}
	for name, property := range sorted(m.Properties) {
		at := at + "." + name
		errs = append(errs, broken(at, memberRules, property)...)
		errs = append(errs, ranked(at, property.Order, orders)...)
		errs = append(errs, property.check(at)...)
	}
	for _, value := range sorted(m.PatternProperties) {
		errs = append(errs, value.check(at+"{}")...)
	}
	return append(errs, m.Items.check(at+"[]")...)
}
