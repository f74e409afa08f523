// Package componentjson holds what a component.json, and the schemas beside it,
// must say, so that the platform takes the component and its flow designer has
// everything to show. Some rules are those of the platform's own validator, the
// others come from what the designer does with a field.
package componentjson

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"

	"aws-secrets-manager-connector/internal/component"
)

type document struct {
	Title       string                         `json:"title"`
	Description string                         `json:"description"`
	Version     string                         `json:"version"`
	BuildType   string                         `json:"buildType"`
	DocsURL     string                         `json:"docsUrl"`
	Help        help                           `json:"help"`
	EnvVars     map[string]environmentVariable `json:"envVars"`
	Credentials credentials                    `json:"credentials"`
	Triggers    map[string]function            `json:"triggers"`
	Actions     map[string]function            `json:"actions"`
}

type help struct {
	Description string `json:"description"`
	Link        string `json:"link"`
}

type environmentVariable struct {
	Required    bool   `json:"required"`
	Description string `json:"description"`
}

type credentials struct {
	Help   help             `json:"help"`
	Fields map[string]field `json:"fields"`
}

type function struct {
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Help        help             `json:"help"`
	Order       int              `json:"order"`
	Type        string           `json:"type"`
	Main        string           `json:"main"`
	Fields      map[string]field `json:"fields"`
	Metadata    *metadata        `json:"metadata"`

	DynamicMetadata             bool `json:"dynamicMetadata"`
	AutoResolveObjectReferences bool `json:"autoResolveObjectReferences"`
}

type metadata struct {
	In  string `json:"in"`
	Out string `json:"out"`
}

type field struct {
	Label       string   `json:"label"`
	ViewClass   string   `json:"viewClass"`
	Order       int      `json:"order"`
	Help        help     `json:"help"`
	Required    bool     `json:"required"`
	Require     []string `json:"require"`
	Prompt      string   `json:"prompt"`
	Placeholder string   `json:"placeholder"`
	Note        string   `json:"note"`
	Default     string   `json:"default"`
	Model       any      `json:"model"` // a map from key to label, or the name of a method
}

// Component is what is checked.
type Component struct {
	Descriptor []byte           // the component.json
	Files      fs.FS            // its directory; nil: no file is looked for
	Specs      []component.Spec // its code; nil: no code is looked for
}

// Check tells every rule that the component.json breaks, each on a line of its
// own with the place and what to do.
func (c Component) Check() error {
	var d document
	if err := json.Unmarshal(c.Descriptor, &d); err != nil {
		return fmt.Errorf("read component.json: %w", err)
	}
	check := checker{document: &d, files: c.Files, specs: map[string]component.Spec{}}
	for _, spec := range c.Specs {
		check.specs[spec.Name] = spec
	}
	check.sections = check.readSections()
	errs := unknownKeys("", c.Descriptor, reflect.TypeFor[document]())
	errs = append(errs, check.component()...)
	return errors.Join(errs...)
}

// checker goes through a component.json.
type checker struct {
	*document

	files    fs.FS
	specs    map[string]component.Spec
	sections map[string]bool // of the docs; nil where they cannot be read
}

func (c *checker) component() []error {
	errs := broken("component.json", componentRules, c)
	for name, v := range sorted(c.EnvVars) {
		errs = append(errs, broken("envVars."+name, variableRules, v)...)
	}
	errs = append(errs, c.checkFields("credentials.fields", c.Credentials.Fields, nil)...)
	errs = append(errs, c.checkFunctions("triggers", c.Triggers)...)
	return append(errs, c.checkFunctions("actions", c.Actions)...)
}

// functionPart is a function with what its rules look at.
type functionPart struct {
	function

	*checker
	name      string
	isTrigger bool
	spec      *component.Spec // nil: there is no code of that name
	titles    map[string]int  // how many functions have a title
}

func (c *checker) checkFunctions(kind string, functions map[string]function) (errs []error) {
	orders, titles := map[int]bool{}, map[string]int{}
	for _, f := range functions {
		titles[f.Title]++
	}
	for name, f := range sorted(functions) {
		at := kind + "." + name
		part := &functionPart{function: f, checker: c, name: name, isTrigger: kind == "triggers", titles: titles}
		if spec, ok := c.specs[name]; ok {
			part.spec = &spec
		}
		errs = append(errs, broken(at, functionRules, part)...)
		errs = append(errs, c.checkFields(at+".fields", f.Fields, part)...)
		errs = append(errs, ranked(at, f.Order, orders)...)
	}
	return errs
}

// fieldPart is a field with what its rules look at.
type fieldPart struct {
	field

	*checker
	name     string
	beside   map[string]field
	function *functionPart // nil: it is one of the credentials
}

func (c *checker) checkFields(at string, fields map[string]field, of *functionPart) (errs []error) {
	orders := map[int]bool{}
	for name, f := range sorted(fields) {
		at := at + "." + name
		errs = append(errs, broken(at, fieldRules, &fieldPart{f, c, name, fields, of})...)
		errs = append(errs, ranked(at, f.Order, orders)...)
	}
	return errs
}

// rule is what must hold for a part of component.json.
type rule[T any] struct {
	text  string // what is wrong where it does not hold
	todo  string
	holds func(T) bool
}

func broken[T any](at string, rules []rule[T], part T) (errs []error) {
	for _, r := range rules {
		if !r.holds(part) {
			errs = append(errs, problem(at, r.text, r.todo))
		}
	}
	return errs
}

func problem(at, text, todo string) error { return errors.New(at + ": " + text + " – " + todo) }

// The rules for the order of what stands beside each other.
const (
	orderMissing     = "order is missing, or below 1"
	orderMissingTodo = "give a number; the highest stands first"
	orderTaken       = "order is taken by another one beside it"
	orderTakenTodo   = "give each its own"
)

// ranked checks an order against those beside it, which it joins.
func ranked(at string, order int, beside map[int]bool) []error {
	taken := beside[order]
	beside[order] = true
	switch {
	case order <= 0:
		return []error{problem(at, orderMissing, orderMissingTodo)}
	case taken:
		return []error{problem(at, orderTaken, orderTakenTodo)}
	}
	return nil
}

// unknownKeys tells the keys, at any depth, that are none of a struct's: typing
// errors, for an optional one would be missing without a word.
func unknownKeys(at string, value json.RawMessage, t reflect.Type) (errs []error) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	known := map[string]reflect.Type{}
	if t.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(t) {
			known[f.Tag.Get("json")] = f.Type
		}
	}
	var members map[string]json.RawMessage
	_ = json.Unmarshal(value, &members) // null, as everything that is no object, has no keys
	for key, member := range sorted(members) {
		below, ok := known[key]
		switch {
		case t.Kind() == reflect.Map:
			below = t.Elem()
		case t.Kind() != reflect.Struct:
			return nil
		case !ok:
			errs = append(errs, problem(cmp.Or(at, "component.json"), fmt.Sprintf("key %q is unknown", key), "correct it, or take it away"))
			continue
		}
		errs = append(errs, unknownKeys(strings.TrimPrefix(at+"."+key, "."), member, below)...)
	}
	return errs
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
