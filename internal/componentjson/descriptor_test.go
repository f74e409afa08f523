// Package componentjson holds what a component.json, and the schemas that it
// names, must say, so that the platform takes the component and its flow designer
// has everything to show. Some rules are those of the platform's own validator,
// the others come from what the designer does with a field.
package componentjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

type document struct {
	Title, Description, DocsURL string

	Help              help
	EnvVars           map[string]environmentVariable
	Credentials       credentials
	Triggers, Actions map[string]*function
}

type help struct{ Description, Link string }

type environmentVariable struct{ Description string }

type credentials struct {
	Help   help
	Fields map[string]*field
}

type function struct {
	Title, Description, Type, Main string

	Order           int
	Help            help
	Fields          map[string]*field
	DynamicMetadata bool
	Metadata        struct{ In, Out string }

	name, docsURL string
	isTrigger     bool
	files         fs.FS
}

type field struct {
	Label, ViewClass, Default string

	Order int
	Help  help
	Model any // a map from key to label, or the name of a method

	docsURL      string
	ofCredential bool
}

// Check tells every rule that a component.json breaks, with the place. The
// files that it names must lie in files; with nil they are not looked for.
func Check(descriptor []byte, files fs.FS) error {
	var d document
	if err := json.Unmarshal(descriptor, &d); err != nil {
		return fmt.Errorf("read component.json: %w", err)
	}
	errs := broken("component.json", componentRules, &d)
	for name, v := range sorted(d.EnvVars) {
		errs = append(errs, broken("envVars."+name, variableRules, v)...)
	}
	errs = append(errs, d.checkFields("credentials.", d.Credentials.Fields, true)...)
	errs = append(errs, d.checkFunctions("triggers", d.Triggers, files)...)
	errs = append(errs, d.checkFunctions("actions", d.Actions, files)...)
	return errors.Join(errs...)
}

func (d *document) checkFunctions(kind string, functions map[string]*function, files fs.FS) (errs []error) {
	orders := map[int]bool{}
	for name, f := range sorted(functions) {
		at := kind + "." + name
		f.name, f.docsURL, f.isTrigger, f.files = name, d.DocsURL, kind == "triggers", files
		errs = append(errs, broken(at, functionRules, f)...)
		errs = append(errs, d.checkFields(at+".", f.Fields, false)...)
		errs = append(errs, ranked(at, f.Order, orders)...)
	}
	return errs
}

func (d *document) checkFields(at string, fields map[string]*field, ofCredential bool) (errs []error) {
	orders := map[int]bool{}
	for name, f := range sorted(fields) {
		at := at + "fields." + name
		f.docsURL, f.ofCredential = d.DocsURL, ofCredential
		errs = append(errs, broken(at, fieldRules, f)...)
		errs = append(errs, ranked(at, f.Order, orders)...)
	}
	return errs
}

// rule is what must hold for a part of component.json.
type rule[T any] struct {
	text  string
	holds func(T) bool
}

func broken[T any](at string, rules []rule[T], part T) (errs []error) {
	for _, r := range rules {
		if !r.holds(part) {
			errs = append(errs, errors.New(at+": "+r.text))
		}
	}
	return errs
}

const (
	orderThere  = "order must be above 0"
	orderUnique = "order must differ from that of the others beside it"
)

// ranked checks an order against those beside it, which it joins.
func ranked(at string, order int, beside map[int]bool) []error {
	taken := beside[order]
	beside[order] = true
	switch {
	case order <= 0:
		return []error{errors.New(at + ": " + orderThere)}
	case taken:
		return []error{errors.New(at + ": " + orderUnique)}
	}
	return nil
}

// sorted goes through a map in the order of its keys.
func sorted[V any](m map[string]V) func(func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
