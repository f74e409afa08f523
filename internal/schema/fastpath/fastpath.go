// Package fastpath recognizes valid documents in one pass over their bytes,
// where the JSON Schema library builds a tree of them. It says either "valid,
// and nothing to convert" or nothing: whatever is unusual in a schema or in a
// document is left to the library, and so is whatever is wrong. Decision 17 has
// what that saves.
package fastpath

import (
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"aws-secrets-manager-connector/internal/rawjson"
)

// Validator recognizes valid documents of one schema. It is safe for concurrent
// use.
type Validator struct{ accepts acceptor }

// New returns the Validator of a compiled draft-04 schema.
func New(schema *jsonschema.Schema) Validator { return Validator{compile(schema)} }

// IsValid reports whether doc is valid for sure, with every value of the type
// that the schema asks for. False means nothing.
func (v Validator) IsValid(doc []byte) bool {
	s := rawjson.NewScanner(doc)
	return v.accepts(&s) && s.End() && utf8.Valid(doc)
}

// acceptor skips a value, and reports whether it is valid for sure.
type acceptor func(*rawjson.Scanner) bool

// never is the acceptor of a schema with anything that is not known here.
func never(*rawjson.Scanner) bool { return false }

func compile(schema *jsonschema.Schema) acceptor {
	if schema == nil || schema.Types == nil || !hasKnownKeywords(schema) {
		return never
	}
	types := schema.Types.ToStrings()
	if len(types) != 1 || schema.Enum != nil && types[0] != "string" {
		return never
	}
	switch types[0] {
	case "object":
		return object(schema)
	case "array":
		return array(schema)
	case "string":
		return text(schema)
	case "integer", "number":
		return integer(schema)
	case "boolean":
		return func(s *rawjson.Scanner) bool {
			return s.Peek() == 't' && s.Word("true") || s.Peek() == 'f' && s.Word("false")
		}
	}
	return never
}

// hasKnownKeywords reports whether the schema says nothing but what is read
// here. It looks at every field, so that a keyword that is not known makes its
// schema slow and never wrong.
func hasKnownKeywords(schema *jsonschema.Schema) bool {
	rest := *schema
	rest.DraftVersion, rest.Location, rest.Title, rest.Description, rest.Default = 0, "", "", "", nil
	rest.Types, rest.Enum, rest.Format, rest.Required, rest.Properties, rest.AdditionalProperties = nil, nil, nil, nil, nil, nil
	rest.MinItems, rest.MaxItems, rest.Items, rest.MinLength, rest.MaxLength, rest.Pattern = nil, nil, nil, nil, nil, nil
	rest.Minimum, rest.Maximum = nil, nil
	value := reflect.ValueOf(rest)
	for i := range value.NumField() {
		if value.Type().Field(i).IsExported() && !value.Field(i).IsZero() {
			return false
		}
	}
	return true
}

const maxProperties = 64

type property struct {
	bit     uint64 // its place in the set of those that were seen
	accepts acceptor
}

func object(schema *jsonschema.Schema) acceptor {
	if schema.AdditionalProperties != false || len(schema.Properties) > maxProperties {
		return never
	}
	properties := map[string]property{}
	for name, sub := range schema.Properties {
		properties[name] = property{bit: 1 << len(properties), accepts: compile(sub)}
	}
	required := uint64(0)
	for _, name := range schema.Required {
		p, ok := properties[name]
		if !ok {
			return never
		}
		required |= p.bit
	}
	return func(s *rawjson.Scanner) bool {
		seen := uint64(0)
		return s.Object(func(name []byte) bool {
			p, known := properties[string(name)]
			if !known || seen&p.bit != 0 {
				return false
			}
			seen |= p.bit
			return p.accepts(s)
		}) && seen&required == required
	}
}

func array(schema *jsonschema.Schema) acceptor {
	items, ok := schema.Items.(*jsonschema.Schema)
	if !ok {
		return never
	}
	accepts, minItems, maxItems := compile(items), or(schema.MinItems, 0), or(schema.MaxItems, math.MaxInt)
	return func(s *rawjson.Scanner) bool {
		count := 0
		return s.List(func() bool {
			count++
			return accepts(s)
		}) && minItems <= count && count <= maxItems
	}
}

func text(schema *jsonschema.Schema) acceptor {
	format := ""
	if schema.Format != nil {
		format = schema.Format.Name
	}
	if format != "" && format != "password" && format != "date-time" {
		return never
	}
	var enum map[string]bool
	if schema.Enum != nil {
		enum = map[string]bool{}
		for _, value := range schema.Enum.Values {
			if v, ok := value.(string); ok {
				enum[v] = true
			}
		}
	}
	minLength, maxLength := or(schema.MinLength, 0), or(schema.MaxLength, math.MaxInt)
	free := schema.Pattern == nil && enum == nil && format != "date-time"
	return func(s *rawjson.Scanner) bool {
		t, ok := s.Text()
		if !ok || t.Unicode {
			return false
		}
		if length := t.Characters(); length < minLength || length > maxLength {
			return false
		}
		if free {
			return true
		}
		value := string(t.Raw)
		return t.Escapes == 0 && (enum == nil || enum[value]) &&
			(schema.Pattern == nil || schema.Pattern.MatchString(value)) && (format != "date-time" || isUsualTime(value))
	}
}

// isUsualTime knows the times that AWS and this connector write.
func isUsualTime(text string) bool {
	const layout = "2006-01-02T15:04:05Z"
	_, err := time.Parse(layout, text) // takes fractions, too, and an hour of one digit
	return err == nil && len(text) >= len(layout) && text[len("2006-01-02T15")] == ':' && !strings.Contains(text, ",")
}

func integer(schema *jsonschema.Schema) acceptor {
	minimum, ok := wholeLimit(schema.Minimum, math.MinInt64)
	maximum, alsoOK := wholeLimit(schema.Maximum, math.MaxInt64)
	if !ok || !alsoOK {
		return never
	}
	return func(s *rawjson.Scanner) bool {
		raw, ok := s.Integer()
		if !ok {
			return false
		}
		n, err := strconv.ParseInt(string(raw), 10, 64)
		return err == nil && minimum <= n && n <= maximum
	}
}

// wholeLimit returns a limit, and whether it is a whole number of 64 bits.
func wholeLimit(limit *big.Rat, otherwise int64) (int64, bool) {
	if limit == nil {
		return otherwise, true
	}
	return limit.Num().Int64(), limit.IsInt() && limit.Num().IsInt64()
}

func or(limit *int, otherwise int) int {
	if limit == nil {
		return otherwise
	}
	return *limit
}
