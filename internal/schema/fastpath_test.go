package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sampleFast uses each keyword that the fast path knows, and some that it does not.
const sampleFast = `{
  "title": "Sample", "description": "of the fast path", "type": "object", "additionalProperties": false,
  "properties": {
    "Name": {"type": "string", "required": true, "minLength": 2, "maxLength": 5},
    "Secret": {"type": "string", "format": "password", "default": "x"},
    "Token": {"type": "string", "pattern": "^[a-z]+$"},
    "Order": {"type": "string", "enum": ["asc", "desc"], "examples": ["asc"]},
    "When": {"type": "string", "format": "date-time"},
    "Days": {"type": "integer", "minimum": 7, "maximum": 30},
    "Any": {"type": "integer"},
    "Ratio": {"type": "number"},
    "Half": {"type": "number", "minimum": 0.5},
    "Force": {"type": "boolean"},
    "List": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string", "minLength": 1}},
    "Entries": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {"Key": {"type": "string", "required": true}}}},
    "Binary": {"type": "string", "contentEncoding": "base64", "x-minBytes": 1},
    "Not": {"type": "string", "not": {"pattern": "^aws:"}},
    "Open": {"type": "object"},
    "Either": {"type": ["string", "integer"]}
  }
}`

func fastDocuments() map[string]bool {
	return map[string]bool{
		`{"Name":"ab"}`:                                    true,
		" {\t\"Name\" :\r\n\"ab\" } ":                      true,
		`{"Name":"äöüß€"}`:                                 true, // characters, not bytes
		`{"Name":"a\"\\\/\n"}`:                             true,
		`{"Name":"😀😀"}`:                                    true,
		`{"Name":"ab","Secret":"x: {\"y\": [1, 2]}"}`:      true,
		`{"Name":"ab","Token":"abc"}`:                      true,
		`{"Name":"ab","Order":"desc"}`:                     true,
		`{"Name":"ab","When":"2026-11-23T12:00:00Z"}`:      true,
		`{"Name":"ab","When":"2024-02-29T12:00:00.123Z"}`:  true,
		`{"Name":"ab","Days":7,"Any":-5,"Ratio":0}`:        true,
		`{"Name":"ab","Force":true}`:                       true,
		`{"Name":"ab","Force":false}`:                      true,
		`{"Name":"ab","List":["a","b"]}`:                   true,
		`{"Name":"ab","Entries":[]}`:                       true,
		`{"Name":"ab","Entries":[{"Key":"k"},{"Key":""}]}`: true,

		``: false, `null`: false, `[]`: false, `{}`: false, `{"Name":"ab"`: false, `{"Name":"ab"}}`: false, `{"Name":"ab"} {}`: false,
		"{\"Name\":\"ab\"}\x00": false, "{\"Name\":\"a\xff\"}": false, "{\"Name\":\"a\tb\"}": false, `{"Name":"ab",}`: false, `{,"Name":"ab"}`: false,
		`{"Name" "ab"}`: false, `{"Name":"ab" "Any":1}`: false, `{"Name":"ab\`: false, `{"Name":"ab\x"}`: false, `{"Name":"ab\u0041"}`: false,
		`{"Name":"a"}`: false, `{"Name":"😀"}`: false, `{"Name":"\n"}`: false, `{"Name":"abcdef"}`: false, `{"Name":"äöüß€ä"}`: false,
		`{"Name":7}`: false, `{"Name":null}`: false, `{"Name":["ab"]}`: false,
		`{"Name":"ab","Name":"ab"}`: false, `{"Name":"ab","Other":1}`: false, `{"N\u0061me":"ab"}`: false,
		`{"Name":"ab","Token":"ABC"}`: false, `{"Name":"ab","Token":"a\tb"}`: false, `{"Name":"ab","Order":"up"}`: false,
		`{"Name":"ab","When":"2026-02-30T12:00:00Z"}`: false, `{"Name":"ab","When":"2026-11-23T12:00:00,5Z"}`: false, `{"Name":"ab","When":"now"}`: false,
		`{"Name":"ab","Days":6}`: false, `{"Name":"ab","Days":31}`: false, `{"Name":"ab","Days":"7"}`: false, `{"Name":"ab","Days":7.0}`: false,
		`{"Name":"ab","Any":07}`: false, `{"Name":"ab","Any":-}`: false, `{"Name":"ab","Any":1e3}`: false, `{"Name":"ab","Any":12345678901234567890}`: false,
		`{"Name":"ab","Half":1}`: false, `{"Name":"ab","Force":"true"}`: false, `{"Name":"ab","Force":tru}`: false, `{"Name":"ab","Force":trueish}`: false,
		`{"Name":"ab","List":[]}`: false, `{"Name":"ab","List":["a","b","c"]}`: false, `{"Name":"ab","List":[""]}`: false, `{"Name":"ab","List":["a",]}`: false,
		`{"Name":"ab","List":{}}`: false, `{"Name":"ab","Entries":[{}]}`: false,
		`{"Name":"ab","Binary":"eA=="}`: false, `{"Name":"ab","Not":"x"}`: false, `{"Name":"ab","Open":{}}`: false, `{"Name":"ab","Either":1}`: false,
	}
}

// What the fast path accepts, the validator accepts as it is.
func TestFastPath(t *testing.T) {
	s := compiled(t, sampleFast)
	for doc, want := range fastDocuments() {
		assert.Equal(t, want, s.fastPath.IsValid([]byte(doc)), doc)
		if want {
			out, err := s.validate([]byte(doc))
			require.NoError(t, err, doc)
			assert.Equal(t, doc, string(out))
		}
	}
}

func TestFastPathOfUnknownSchemas(t *testing.T) {
	for _, document := range []string{
		`{}`,
		`{"type": "object"}`,
		`{"type": "object", "additionalProperties": {"type": "string"}}`,
		`{"type": "object", "additionalProperties": false, "maxProperties": 1}`,
		`{"type": "object", "additionalProperties": false, "required": ["other"]}`,
		`{"type": "object", "additionalProperties": false, "not": {"required": ["a", "b"]}}`,
		`{"type": "object", "additionalProperties": false, "patternProperties": {"x": {}}}`,
		`{"type": "object", "additionalProperties": false, "dependencies": {"a": ["b"]}}`,
		`{"type": "object", "additionalProperties": false, "oneOf": [{}]}`,
		`{"type": "array"}`,
		`{"type": "array", "items": {"type": "string"}, "uniqueItems": true}`,
		`{"type": "boolean", "enum": [true]}`,
		`{"type": "integer", "enum": [1]}`,
		`{"type": "string", "enum": [1]}`,
		`{"type": "integer", "multipleOf": 2}`,
		`{"type": "integer", "minimum": 1, "exclusiveMinimum": true}`,
		`{"type": "string", "contentEncoding": "base64"}`,
		`{"type": ["string", "boolean"]}`,
	} {
		s := compiled(t, document)
		for _, doc := range []string{`{}`, `[]`, `["a"]`, `true`, `1`, `"a"`, `""`} {
			assert.False(t, s.fastPath.IsValid([]byte(doc)), "%s of %s", doc, document)
		}
	}
	wide := `{"type": "object", "additionalProperties": false, "properties": {"a": {}`
	for i := range 64 {
		wide += `, "a` + strings.Repeat("b", i+1) + `": {}`
	}
	assert.False(t, compiled(t, wide+"}}").fastPath.IsValid([]byte("{}")), "more members than there are bits")
}

// FuzzFastPath holds the fast path to the validator.
func FuzzFastPath(f *testing.F) {
	for doc := range fastDocuments() {
		f.Add([]byte(doc))
	}
	s := compiled(f, sampleFast)
	f.Fuzz(func(t *testing.T, doc []byte) {
		if !s.fastPath.IsValid(doc) {
			return
		}
		out, err := s.validate(doc)
		require.NoError(t, err)
		require.Equal(t, string(doc), string(out))
	})
}
