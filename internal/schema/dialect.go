package schema

import (
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
	$schema title description default type format enum required order example examples
	properties patternProperties additionalProperties minProperties maxProperties dependencies
	items minItems maxItems uniqueItems
	minLength maxLength pattern contentEncoding x-minBytes x-maxBytes
	x-jsonText x-commaSeparated x-asItIs
	minimum maximum exclusiveMinimum exclusiveMaximum multipleOf
	allOf anyOf oneOf not`)

// toDraft4 turns node, and all below it, from the platform's dialect into
// draft-04: "required": true of a property moves into the array of its object.
// The path at is a JSON pointer, for errors. What the dialect says of the mapper
// is moved into mappings, by JSON pointer.
func toDraft4(at string, node map[string]any, mappings map[string]mapping) error {
	if err := checkKeywords(at, node); err != nil {
		return err
	}
	if err := takeMapping(at, node, mappings); err != nil {
		return err
	}
	hoistRequired(node)
	subs := subschemas(at, node)
	for _, pointer := range slices.Sorted(maps.Keys(subs)) {
		sub, ok := subs[pointer].(map[string]any)
		if !ok {
			return fmt.Errorf("%s: must be an object", pointer)
		}
		if err := toDraft4(pointer, sub, mappings); err != nil {
			return err
		}
	}
	return nil
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

func takeMapping(at string, node map[string]any, mappings map[string]mapping) error {
	var m mapping
	for keyword, place := range map[string]*bool{
		"x-jsonText": &m.jsonText, "x-commaSeparated": &m.commaSeparated, "x-asItIs": &m.asItIs,
	} {
		v, ok := node[keyword]
		if !ok {
			continue
		}
		if v != true {
			return fmt.Errorf("%s/%s: must be true or not there", at, keyword)
		}
		*place = true
		delete(node, keyword)
	}
	if m.jsonText && strings.Count(at, "/") != 2 {
		return fmt.Errorf("%s/x-jsonText: may only stand in a property of the body", at)
	}
	if m.asItIs && !isFreeObject(node) {
		return fmt.Errorf("%s/x-asItIs: may only stand where any object is right", at)
	}
	if examples, _ := node["examples"].([]any); len(examples) > 0 {
		m.example, _ = examples[0].(string)
	}
	if m != (mapping{}) {
		mappings[at] = m
	}
	return nil
}

// isFreeObject reports whether node asks for an object, and for nothing in it.
func isFreeObject(node map[string]any) bool {
	for keyword := range node {
		if !slices.Contains(strings.Fields("title description order example type format required"), keyword) {
			return false
		}
	}
	return node["type"] == "object"
}

// hoistRequired collects the names of required properties into an array.
func hoistRequired(node map[string]any) {
	properties, _ := node["properties"].(map[string]any)
	names, _ := node["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		property, _ := properties[name].(map[string]any)
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
}

// subschemas returns what must be a schema directly below node, by JSON pointer.
func subschemas(at string, node map[string]any) map[string]any {
	found := map[string]any{}
	for keyword, value := range node {
		at := at + "/" + keyword
		switch keyword {
		case "properties", "patternProperties", "dependencies":
			members, ok := value.(map[string]any)
			if !ok {
				found[at] = value
			}
			for name, sub := range members {
				if _, names := sub.([]any); !names { // as a dependency may be
					found[at+"/"+name] = sub
				}
			}
		case "allOf", "anyOf", "oneOf":
			list, _ := value.([]any) // the library refuses anything else
			for i, sub := range list {
				found[fmt.Sprintf("%s/%d", at, i)] = sub
			}
		case "items", "additionalProperties", "not":
			if value != true && value != false {
				found[at] = value
			}
		}
	}
	return found
}
