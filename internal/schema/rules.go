package schema

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// rule puts a broken rule about the value at a place into words. It never holds the
// value.
func rule(k jsonschema.ErrorKind, at place) string {
	switch k := k.(type) {
	case contentError:
		return string(k)
	case *kind.Type:
		return "must be " + either(k.Want)
	case *kind.InvalidJsonValue:
		return "must be a number of at most " + quantity(maxDigits, "character") + ", with an exponent of at most " + count(maxExponent)
	case *kind.Enum:
		return "must be " + oneOf(k.Want)
	case *kind.Format:
		return "must be a date and time in ISO 8601, such as 2030-01-31T12:00:00Z"
	case *kind.Pattern:
		switch {
		case at.value == "":
			return atLeast(1, "character")
		case at.shape != nil && at.shape.mapping.example != "":
			return "must look like " + at.shape.mapping.example
		}
		return "must match the pattern " + k.Want
	case *kind.MinLength:
		if at.value == "" {
			return atLeast(1, "character")
		}
		return atLeast(k.Want, "character")
	case *kind.MaxLength:
		return "must have at most " + quantity(k.Want, "character")
	case *kind.MinItems:
		return atLeast(k.Want, "entry")
	case *kind.MaxItems:
		return "must have at most " + quantity(k.Want, "entry")
	case *kind.UniqueItems:
		return fmt.Sprintf("entries must be unique, but [%d] and [%d] are equal", k.Duplicates[0], k.Duplicates[1])
	case *kind.MinProperties:
		return atLeast(k.Want, "member")
	case *kind.MaxProperties:
		return "must have at most " + quantity(k.Want, "member")
	case *kind.Minimum:
		return "must be at least " + number(k.Want)
	case *kind.Maximum:
		return "must be at most " + number(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be more than " + number(k.Want)
	case *kind.ExclusiveMaximum:
		return "must be less than " + number(k.Want)
	case *kind.MultipleOf:
		return "must be a multiple of " + number(k.Want)
	}
	return "breaks a rule of the schema"
}

// combination puts a broken rule about several members into words. The node is
// the schema that holds the rule, the shape that of the object.
func combination(k jsonschema.ErrorKind, node *jsonschema.Schema, object *shape) string {
	const unnamed = "breaks a rule of the schema about what may be given together"
	if node == nil {
		return unnamed
	}
	switch k := k.(type) {
	case *kind.Dependency:
		var missing []string
		for _, name := range k.Missing {
			missing = append(missing, object.named(name))
		}
		return object.named(k.Prop) + " needs " + strings.Join(missing, " and ") + " as well"
	case *kind.Not:
		if names := memberNames(node.Not, object); len(names) > 1 {
			return excluding(names)
		}
		if node.Not.Pattern == nil {
			break
		}
		pattern := node.Not.Pattern.String()
		if start, ok := strings.CutPrefix(pattern, "^"); ok && regexp.QuoteMeta(start) == start {
			return "must not begin with " + start
		}
		return "must not match the pattern " + pattern
	case *kind.AnyOf:
		if choices, ok := choices(node.AnyOf, object); ok {
			return "at least one of " + strings.Join(choices, ", ") + " is required"
		}
	case *kind.OneOf:
		choices, ok := choices(node.OneOf, object)
		if ok && len(k.Subschemas) == 2 {
			return excluding([]string{choices[k.Subschemas[0]], choices[k.Subschemas[1]]})
		}
		if ok {
			return "one of " + strings.Join(choices, ", ") + " is required"
		}
	}
	return unnamed
}

func excluding(names []string) string {
	return strings.Join(names, " and ") + " are mutually exclusive: give one of them"
}

// choices names alternatives that each ask for members to be there.
func choices(alternatives []*jsonschema.Schema, object *shape) ([]string, bool) {
	var list []string
	for _, a := range alternatives {
		names := memberNames(a, object)
		if len(names) == 0 {
			return nil, false
		}
		list = append(list, strings.Join(names, " with "))
	}
	return list, true
}

// memberNames lists the members that a schema asks for, each with its value
// where the schema asks for a certain one.
func memberNames(s *jsonschema.Schema, object *shape) []string {
	var names []string
	for _, name := range s.Required {
		text := object.named(name)
		if p := s.Properties[name]; p != nil && p.Enum != nil && len(p.Enum.Values) == 1 {
			text += fmt.Sprintf(" = %v", p.Enum.Values[0])
		}
		names = append(names, text)
	}
	return names
}

// namePatterns lists the patterns that the names of an object's members match.
func namePatterns(node *jsonschema.Schema) string {
	var patterns []string
	for re := range node.PatternProperties {
		patterns = append(patterns, re.String())
	}
	slices.Sort(patterns)
	return strings.Join(patterns, " or ")
}

var typeNames = map[string]string{
	"string":  "a string",
	"integer": "a whole number",
	"number":  "a number",
	"boolean": "true or false",
	"object":  "an object",
	"array":   "a list",
	"null":    "null",
}

func either(types []string) string {
	var names []string
	for _, t := range types {
		names = append(names, typeNames[t])
	}
	return strings.Join(names, " or ")
}

func oneOf(values []any) string {
	var names []string
	for _, v := range values {
		names = append(names, fmt.Sprint(v))
	}
	if len(names) == 1 {
		return names[0]
	}
	return "one of " + strings.Join(names, ", ")
}

func atLeast(n int, unit string) string {
	if n == 1 {
		return "must not be empty"
	}
	return "must have at least " + quantity(n, unit)
}

// quantity returns "1 entry", "2 entries", "65,536 bytes".
func quantity(n int, unit string) string {
	if n != 1 {
		if stem, ok := strings.CutSuffix(unit, "y"); ok {
			unit = stem + "ie"
		}
		unit += "s"
	}
	return count(n) + " " + unit
}

// count writes a number with commas between thousands.
func count(n int) string { return message.NewPrinter(language.English).Sprint(n) }

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(10), "0")
}
