package schema

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCompileRefuses(t *testing.T) {
	cases := []struct{ name, document, want string }{
		{"no JSON", `{`, "schema x: document must be one JSON value, which breaks at byte 1"},
		{"no object", `[]`, "schema x: document must be an object"},
		{"keyword given twice", `{"type":"object","type":"string"}`, "schema x: document is given more than once"},
		{"remote reference", `{"properties":{"A":{"$ref":"http://127.0.0.1:1/schema"}}}`, "schema x: /properties/A/$ref: references are not supported"},
		{"local reference", `{"items":{"$ref":"#"}}`, "schema x: /items/$ref: references are not supported"},
		{"definitions", `{"definitions":{}}`, "schema x: /definitions: references are not supported"},
		{"id", `{"anyOf":[{"id":"x"}]}`, "schema x: /anyOf/0/id: references are not supported"},
		{"unknown keyword", `{"properties":{"A":{"maxLenght":1}}}`, "schema x: /properties/A/maxLenght: unknown keyword"},
		{"unknown format", `{"not":{"format":"email"}}`, "schema x: /not/format: unknown format, want password or date-time"},
		{"JSON text below", `{"properties":{"A":{"properties":{"B":{"x-jsonText":true}}}}}`, "schema x: /properties/A/properties/B/x-jsonText: may only stand in a property of the body"},
		{"JSON text that is none", `{"properties":{"A":{"x-jsonText":false}}}`, "schema x: /properties/A/x-jsonText: must be true or not there"},
		{"kept, but no object", `{"properties":{"A":{"type":"string","x-asItIs":true}}}`, "schema x: /properties/A/x-asItIs: may only stand where any object is right"},
		{"kept, but not any object", `{"type":"object","x-asItIs":true,"properties":{}}`, "schema x: /x-asItIs: may only stand where any object is right"},
		{"other draft", `{"$schema":"http://json-schema.org/draft-07/schema#"}`, "schema x: /$schema: only draft-04 is supported"},
		{"required at the root", `{"required":true}`, "schema x: /required: true or false may only stand in a property"},
		{"required of entries", `{"items":{"required":false}}`, "schema x: /items/required: true or false may only stand in a property"},
		{"properties no object", `{"properties":[]}`, "schema x: /properties: must be an object"},
		{"property no object", `{"properties":{"A":true}}`, "schema x: /properties/A: must be an object"},
		{"entries one by one", `{"items":[{}]}`, "schema x: /items: must be an object"},
		{"dependency no object", `{"dependencies":{"A":true}}`, "schema x: /dependencies/A: must be an object"},
		{"alternative no object", `{"anyOf":[true]}`, "schema x: /anyOf/0: must be an object"},
		{"other encoding", `{"contentEncoding":"hex"}`, "schema x: contentEncoding must be base64"},
		{"size without encoding", `{"x-maxBytes":1}`, "schema x: x-minBytes and x-maxBytes need contentEncoding"},
		{"size in words", `{"contentEncoding":"base64","x-maxBytes":"1"}`, "schema x: x-maxBytes must be a whole number above 0"},
		{"size of nothing", `{"contentEncoding":"base64","x-minBytes":0}`, "schema x: x-minBytes must be a whole number above 0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Compile("x", []byte(c.document))
			assert.EqualError(t, err, c.want)
		})
	}
	for name, document := range map[string]string{
		"wrong type of keyword": `{"maxLength":"1"}`,
		"unknown type":          `{"type":"text"}`,
		"broken pattern":        `{"pattern":"("}`,
		"negative length":       `{"minLength":-1}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Compile("x", []byte(document))
			assert.ErrorContains(t, err, "schema x: ")
		})
	}
}

func TestCompileHoistsRequired(t *testing.T) {
	s := compiled(t, `{
	  "$schema": "http://json-schema.org/draft-04/schema#",
	  "properties": {
	    "A": {"required": true},
	    "B": {"required": false},
	    "required": {"type": "boolean", "required": true},
	    "$ref": {"properties": {"D": {"required": true}, "E": {}}, "required": ["E"]},
	    "F": {"items": {"properties": {"G": {"required": true}}}},
	    "H": {"additionalProperties": {"properties": {"I": {"required": true}}}},
	    "J": {"additionalProperties": {"items": {"properties": {"K": {"required": true}}}}},
	    "M": {"anyOf": [{"properties": {"N": {"required": true}}}]},
	    "O": {"patternProperties": {"^x": {"properties": {"P": {"required": true}}}}}
	  },
	  "dependencies": {"M": {"properties": {"Q": {"required": true}}}}
	}`)
	_, err := s.Check([]byte(`{"$ref":{},"F":[{}],"H":{"x":{}},"J":{"x":[{}]},"M":{},"O":{"x1":{}}}`))
	require.EqualError(t, violations(t, err), `body.$ref.D: is missing – map a value; body.$ref.E: is missing – map a value; body.A: is missing – map a value; `+
		`body.F[0].G: is missing – map a value; body.H{}.I: is missing – map a value; body.J{}[0].K: is missing – map a value; `+
		`body.M: at least one of N is required; body.O{}.P: is missing – map a value; body.Q: is missing – map a value; body.required: is missing – map a value`)
}

func TestNearest(t *testing.T) {
	known := []string{"MaxResults", "NextToken", "SecretId", "SecretIdList"}
	cases := []struct{ name, given, want string }{
		{"case", "SECRETID", "SecretId"},
		{"style", "next-token", "NextToken"},
		{"one letter off", "MaxResult", "MaxResults"},
		{"letters swapped", "NextTokne", "NextToken"},
		{"part of it", "Secret", "SecretId"},
		{"far off", "Description", ""},
		{"empty", "", ""},
		{"one letter", "x", ""},
		{"not of this alphabet", "名前", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, nearest(c.given, known))
		})
	}
}
