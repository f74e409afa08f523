package schema

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

const (
	root       = "body"
	maxNumber  = 20 // characters of a number in a text
	longSecret = 64 // characters from which on the length of a secret is told
	ruleTwice  = "is given more than once"
)

// explainer turns the validator's errors into violations. The validator's own
// texts are not used: they hold values, and come in no fixed order.
type explainer struct {
	schema *Schema
	value  any
	nulls  []string // members of the document that were null, and so count as absent
	found  []Violation
}

// place is a spot in the document as it may be told.
type place struct {
	path  string
	title string // of the last property in the path
	cut   bool   // the path ends above the spot, for the names below must not show
	shape *shape // nil: unknown to the schema
	value any

	optional bool // it is a property that may be left out
	isEntry  bool // of a list
}

func (e *explainer) explain(err *jsonschema.ValidationError) {
	at := e.locate(err.InstanceLocation)
	node := e.schema.nodes[err.SchemaURL]
	switch k := err.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.AllOf:
		for _, cause := range err.Causes {
			e.explain(cause)
		}
	case *kind.Required:
		for _, name := range k.Missing {
			missing := e.locate(append(slices.Clone(err.InstanceLocation), name))
			e.found = append(e.found, Violation{Path: at.path + "." + name, Title: missing.title, Rule: "is missing", Hint: "map a value", IsNothing: true})
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			e.unknownProperty(at, name, node)
		}
	case *kind.Not, *kind.AnyOf, *kind.OneOf, *kind.Dependency:
		shown := ""
		if _, isObject := at.value.(map[string]any); !isObject {
			shown = given(at)
		}
		e.found = append(e.found, Violation{
			Path: at.path, Title: at.title, Rule: combination(err.ErrorKind, node, at.shape), Given: shown, Hint: e.nullHint(at, err.ErrorKind, node),
		})
	default:
		e.valueRule(at, err.ErrorKind)
	}
}

// nulls names the members of a document that are null.
func nulls(document any) (names []string) {
	members, _ := document.(map[string]any)
	for name, value := range members {
		if value == nil {
			names = append(names, name)
		}
	}
	return names
}

// nullHint tells which of the members that a rule asks for were null.
func (e *explainer) nullHint(at place, k jsonschema.ErrorKind, node *jsonschema.Schema) string {
	if at.path != root || node == nil {
		return ""
	}
	var alternatives []*jsonschema.Schema
	switch k := k.(type) {
	case *kind.AnyOf:
		alternatives = node.AnyOf
	case *kind.OneOf:
		if len(k.Subschemas) == 0 {
			alternatives = node.OneOf
		}
	}
	for _, a := range alternatives {
		for _, name := range a.Required {
			if slices.Contains(e.nulls, name) {
				return name + " is null: the mapping found nothing"
			}
		}
	}
	return ""
}

// valueRule notes a broken rule about the value at a place. What the mapper could not
// find, or has no value for, is often all that is wrong.
func (e *explainer) valueRule(at place, k jsonschema.ErrorKind) {
	v := Violation{Path: at.path, Title: at.title, Rule: rule(k, at), Given: given(at), IsNothing: at.path != root && isNothing(at.value)}
	_, isType := k.(*kind.Type)
	switch {
	case v.IsNothing && at.value == nil:
		v.Rule, v.Given, v.Hint = "is null: the mapping found nothing", "", "check the mapping"
	case v.IsNothing && at.optional:
		v.Hint = "leave it out where there is none"
	case v.IsNothing:
		v.Hint = "map a value"
	case isType:
		v.Hint = typeHint(at)
	}
	e.found = append(e.found, v)
}

// isNothing reports whether a value is null or empty.
func isNothing(value any) bool {
	list, isList := value.([]any)
	return value == nil || value == "" || isList && len(list) == 0
}

// typeHint says how the mapper makes a value of the right type, "" where that is
// no help.
func typeHint(at place) string {
	if at.shape == nil || at.cut || at.path == root {
		return ""
	}
	_, isObject := at.value.(map[string]any)
	_, isNumber := at.value.(json.Number)
	_, isBool := at.value.(bool)
	entries := at.shape.entries
	switch {
	case at.shape.takes("string") && (isNumber || isBool):
		return "make text of it with $string(…)"
	case isObject && (at.isEntry && at.shape.takes("string") || entries != nil && entries.takes("string")):
		return "map the text alone, or an object with " + entryMember + " and nothing else"
	case entries != nil && len(entries.properties) > 0:
		return "map objects with " + entries.memberNames()
	case !isObject && len(at.shape.properties) > 0:
		return "map an object with " + at.shape.memberNames()
	}
	return ""
}

// syntaxError notes what is wrong with the document as JSON.
func (e *explainer) syntaxError(err syntaxError) {
	at := e.locate(err.at)
	if at.cut && err.rule == ruleTwice {
		err.rule = "has a property that is given more than once"
	}
	e.add(at, err.rule, "")
}

// unknownProperty notes a property that the schema does not know. Its name shows
// only where it is almost one that the schema knows: otherwise it may be anything.
func (e *explainer) unknownProperty(at place, name string, node *jsonschema.Schema) {
	if at.isPrivate() {
		e.add(at, "has an unknown property", "")
		return
	}
	if node != nil && len(node.PatternProperties) > 0 {
		at.path += anyName
		e.add(at, "must have a name that matches the pattern "+namePatterns(node), "")
		return
	}
	known := slices.Sorted(maps.Keys(at.shape.properties))
	if near := nearest(name, known); near != "" {
		e.found = append(e.found, Violation{Path: at.path + "." + name, Rule: "is an unknown property", Hint: "did you mean " + at.shape.named(near) + "?"})
		return
	}
	given := "a name of " + quantity(utf8.RuneCountInString(name), "character")
	if len(known) > 0 {
		given += ", not one of " + strings.Join(known, ", ")
	}
	e.add(at, "has an unknown property", given)
}

func (e *explainer) add(at place, rule, given string) {
	e.found = append(e.found, Violation{Path: at.path, Title: at.title, Rule: rule, Given: given})
}

// anyName stands in a path for a name that the schema leaves free.
const anyName = "{}"

// locate follows names and indexes into the document. The path goes as far as
// the schema knows the way and nothing on it is secret.
func (e *explainer) locate(tokens []string) place {
	at := place{path: root, shape: e.schema.shape, value: e.value}
	for _, token := range tokens {
		at.optional = false
		list, _ := at.value.([]any)
		index, err := strconv.Atoi(token)
		isEntry := err == nil && 0 <= index && index < len(list)
		at.isEntry = isEntry
		switch {
		case at.isPrivate():
			at.cut = true
		case isEntry:
			at.path += "[" + strconv.Itoa(index) + "]"
			at.shape = at.shape.entries
		case at.shape.properties[token] != nil:
			at.path += "." + token
			at.optional = at.shape.isOptional(token)
			at.shape = at.shape.properties[token]
			at.title = at.shape.title
		case at.shape.others != nil:
			at.path += anyName
			at.shape = at.shape.others
		default:
			at.shape, at.cut = nil, true
		}
		if isEntry {
			at.value = list[index]
		} else {
			members, _ := at.value.(map[string]any)
			at.value = members[token]
		}
	}
	return at
}

// isPrivate reports whether what stands here, and all below it, must not show.
func (at place) isPrivate() bool { return at.shape == nil || at.shape.secret }

// given tells what stands at a place. Of values it shows numbers and booleans
// alone, and only where the schema asks for them; of the others their type and
// length, for a secret may stand in the wrong place.
func given(at place) string {
	switch v := at.value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "a list of " + quantity(len(v), "entry")
	case string:
		n := utf8.RuneCountInString(v)
		if at.isPrivate() && n < longSecret {
			return "a string"
		}
		return "a string of " + quantity(n, "character")
	case oversized:
		return "a number of " + quantity(len(v), "character")
	case json.Number:
		if at.isPrivate() || !at.shape.takes("integer", "number") || len(v) > maxNumber {
			return "a number"
		}
		return v.String()
	case bool:
		if at.isPrivate() || !at.shape.takes("boolean") {
			return "true or false"
		}
		return strconv.FormatBool(v)
	}
	return ""
}
