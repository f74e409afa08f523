package schema

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

const (
	root      = "body"
	maxShown  = 64 // characters of a value or a name in a text
	ruleTwice = "is given more than once"
)

// explainer turns the validator's errors into violations. The validator's own
// texts are not used: they hold values, and come in no fixed order.
type explainer struct {
	schema *Schema
	value  any
	found  []Violation
}

// place is a spot in the document as it may be told.
type place struct {
	path  string
	shape *shape
	value any
	// hidden: the value must not show, for it is secret, stands where an object
	// with secrets should be, is unknown to the schema, or the whole document.
	hidden bool
	// cut: the path ends above the spot, for the names below must not show.
	cut bool
}

func (e *explainer) explain(err *jsonschema.ValidationError) {
	switch k := err.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.AllOf:
		for _, cause := range err.Causes {
			e.explain(cause)
		}
	case *kind.Required:
		for _, name := range k.Missing {
			e.add(e.locate(err.InstanceLocation).path+member(name), "is required", "")
		}
	case *kind.AdditionalProperties:
		at := e.locate(err.InstanceLocation)
		if at.cut || at.shape == nil || at.shape.secret {
			e.add(at.path, "has an unknown property", "")
			return
		}
		for _, name := range k.Properties {
			e.add(at.path+member(name), unknownName(name, at.shape, e.schema.nodes[err.SchemaURL]), "")
		}
	case *kind.Not, *kind.AnyOf, *kind.OneOf, *kind.Dependency:
		at := e.locate(err.InstanceLocation)
		e.add(at.path, combination(err.ErrorKind, e.schema.nodes[err.SchemaURL]), given(at, false))
	default:
		at := e.locate(err.InstanceLocation)
		e.add(at.path, rule(err.ErrorKind), given(at, true))
	}
}

// flaw notes what is wrong with the document as JSON.
func (e *explainer) flaw(f flaw) {
	at := e.walk(f.at)
	if at.cut && f.rule == ruleTwice {
		e.add(at.path, "has a member that is given more than once", "")
		return
	}
	e.add(at.path, f.rule, "")
}

func (e *explainer) add(path, rule, given string) {
	e.found = append(e.found, Violation{Path: path, Rule: rule, Given: given})
}

// locate finds the place of a JSON pointer's tokens.
func (e *explainer) locate(tokens []string) place {
	steps := make([]step, len(tokens))
	v := e.value
	for i, token := range tokens {
		switch within := v.(type) {
		case []any:
			n, err := strconv.Atoi(token)
			if err != nil || n < 0 || n >= len(within) {
				return e.walk(steps[:i])
			}
			steps[i], v = step{index: n, list: true}, within[n]
		case map[string]any:
			steps[i], v = step{name: token}, within[token]
		}
	}
	at := e.walk(steps)
	at.value = v
	return at
}

// walk tells the path of steps, as far as it may show.
func (e *explainer) walk(steps []step) place {
	at := place{path: root, shape: e.schema.shape, hidden: true}
	for _, to := range steps {
		if at.shape == nil || at.shape.secret {
			at.cut = true
			return at
		}
		next := at.shape.next(to)
		if _, known := at.shape.members[to.name]; !known && !to.list && next != nil && next.secret {
			at.shape, at.hidden, at.cut = next, true, true
			return at
		}
		if to.list {
			at.path += "[" + strconv.Itoa(to.index) + "]"
		} else {
			at.path += member(to.name)
		}
		at.shape = next
		at.hidden = next.private()
	}
	return at
}

// member returns how a path goes on to a member of that name.
func member(name string) string {
	plain := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	})
	if plain && len(name) <= maxShown {
		return "." + name
	}
	if utf8.RuneCountInString(name) > maxShown {
		name = string([]rune(name)[:maxShown-1]) + "…"
	}
	return "[" + strconv.Quote(name) + "]"
}

// given tells what stands at a place: the value as JSON, or what it is when it
// is secret or long. Objects and lists are never shown; whole tells whether it
// helps to say that one was given.
func given(at place, whole bool) string {
	switch v := at.value.(type) {
	case nil:
		return "null"
	case map[string]any:
		if !whole {
			return ""
		}
		return "an object"
	case []any:
		if !whole {
			return ""
		}
		return "a list of " + quantity(len(v), "entry")
	case string:
		n := utf8.RuneCountInString(v)
		switch {
		case n > maxShown:
			return "a string of " + quantity(n, "character")
		case at.hidden:
			return "a string"
		}
	case outsized:
		return "a number of " + quantity(len(v), "character")
	case json.Number:
		if at.hidden {
			return "a number"
		}
	case bool:
		if at.hidden {
			return "true or false"
		}
	}
	text, err := encode(at.value)
	if err != nil {
		return ""
	}
	return string(text)
}
