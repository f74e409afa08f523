package schema

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The formats of the dialect.
const (
	formatSecret   = "password"
	formatDateTime = "date-time"
)

const draft4 = "http://json-schema.org/draft-04/schema"

// keywords that may stand in a document. A keyword outside this list would be
// ignored by the validator, and a rule with a typing error would be no rule.
var keywords = strings.Fields(`
	$schema title description default type format enum required
	properties patternProperties additionalProperties minProperties maxProperties dependencies
	items additionalItems minItems maxItems uniqueItems
	minLength maxLength pattern contentEncoding x-minBytes x-maxBytes
	minimum maximum exclusiveMinimum exclusiveMaximum multipleOf
	allOf anyOf oneOf not`)

// toDraft4 turns node, and all below it, from the platform's dialect into
// draft-04: "required": true of a property moves into the array of its object.
// The path at is a JSON pointer, for errors.
func toDraft4(at string, node map[string]any) error {
	if err := checkKeywords(at, node); err != nil {
		return err
	}
	if err := hoistRequired(at, node); err != nil {
		return err
	}
	return eachSubschema(at, node, toDraft4)
}

func checkKeywords(at string, node map[string]any) error {
	for _, keyword := range slices.Sorted(maps.Keys(node)) {
		switch {
		case keyword == "$ref" || keyword == "id" || keyword == "definitions":
			return fmt.Errorf("%s/%s: references are not supported", at, keyword)
		case !slices.Contains(keywords, keyword):
			return fmt.Errorf("%s/%s: unknown keyword", at, keyword)
		}
	}
	if v, ok := node["$schema"]; ok && strings.TrimSuffix(fmt.Sprint(v), "#") != draft4 {
		return fmt.Errorf("%s/$schema: only draft-04 is supported", at)
	}
	if v, ok := node["format"]; ok && v != formatSecret && v != formatDateTime {
		return fmt.Errorf("%s/format: unknown format, want %s or %s", at, formatSecret, formatDateTime)
	}
	if _, flag := node["required"].(bool); flag {
		return fmt.Errorf("%s/required: true or false may only stand in a property", at)
	}
	return nil
}

// hoistRequired collects the names of required properties into an array.
func hoistRequired(at string, node map[string]any) error {
	properties, err := object(at+"/properties", node["properties"])
	if err != nil {
		return err
	}
	names, _ := node["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		property, ok := properties[name].(map[string]any)
		if !ok {
			return fmt.Errorf("%s/properties/%s: must be an object", at, name)
		}
		required, ok := property["required"].(bool)
		if !ok {
			continue
		}
		delete(property, "required")
		if required && !slices.Contains(names, any(name)) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		node["required"] = names
	}
	return nil
}

// eachSubschema calls do for every schema directly below node, in order.
func eachSubschema(at string, node map[string]any, do func(string, map[string]any) error) error {
	for _, keyword := range []string{"properties", "patternProperties", "dependencies"} {
		m, err := object(at+"/"+keyword, node[keyword])
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if sub, ok := m[name].(map[string]any); ok {
				if err := do(at+"/"+keyword+"/"+name, sub); err != nil {
					return err
				}
			}
		}
	}
	for _, keyword := range []string{"additionalProperties", "items", "additionalItems", "not", "allOf", "anyOf", "oneOf"} {
		switch sub := node[keyword].(type) {
		case map[string]any:
			if err := do(at+"/"+keyword, sub); err != nil {
				return err
			}
		case []any:
			for i, v := range sub {
				entry, ok := v.(map[string]any)
				if !ok {
					return fmt.Errorf("%s/%s/%d: must be an object", at, keyword, i)
				}
				if err := do(fmt.Sprintf("%s/%s/%d", at, keyword, i), entry); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

var errNoObject = errors.New("must be an object")

// object returns v as an object; what is not there is an empty one.
func object(at string, v any) (map[string]any, error) {
	if v == nil {
		return nil, nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: %w", at, errNoObject)
	}
	return m, nil
}
