package componentjson

import (
	"encoding/json"
	"errors"
	"fmt"

	"aws-secrets-manager-connector/internal/schema"
)

// member is a place in a schema, as far as the designer shows it.
type member struct {
	Title, Description string

	Order             int
	Example           json.RawMessage
	Properties        map[string]*member
	PatternProperties map[string]*member
	Items             *member
}

const exampleThere = "example must be there"

var memberRules = []rule[*member]{
	{"title must be there", func(m *member) bool { return m.Title != "" }},
	{"description must be there", func(m *member) bool { return m.Description != "" }},
}

// CheckSchema tells every rule that a schema in the platform's dialect breaks. Its
// example must be valid. The name appears in errors only.
func CheckSchema(name string, document []byte) error {
	compiled, err := schema.Compile(name, document)
	if err != nil {
		return err
	}
	var root member
	if err := json.Unmarshal(document, &root); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	errs := append(broken(name, memberRules, &root), root.check(name)...)
	if root.Example == nil {
		errs = append(errs, errors.New(name+": "+exampleThere))
	} else if _, err := compiled.Check(root.Example); err != nil {
		errs = append(errs, fmt.Errorf("%s: example: %w", name, err))
	}
	return errors.Join(errs...)
}

func (m *member) check(at string) (errs []error) {
	if m == nil {
		return nil
	}
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
