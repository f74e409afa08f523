package schema

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// FuzzDecode holds the quick way of decoding to the thorough one.
func FuzzDecode(f *testing.F) {
	for _, doc := range []string{
		`{"a": {"b": [1, "x:{[", true, null]}, "c": 1e3}`, `{"a": 1, "a": 2}`, `[[[]]]`, `"\\\""`, `1e999`, `{"a":{"a":1}}`, `{} x`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		doc = bytes.Trim(doc, " \t\r\n")
		if len(doc) == 0 {
			return
		}
		quick, ok := decodeFlawless(doc)
		if !ok {
			return
		}
		value, flaws, readable := decodeFlawed(doc)
		assert.True(t, readable)
		assert.Empty(t, flaws)
		assert.Equal(t, value, quick)
	})
}

func TestDecodeFlawless(t *testing.T) {
	for name, tc := range map[string]struct {
		doc  string
		want bool
	}{
		"plain":                    {`{"a": [{"b": "c:d"}], "e\"": "{"}`, true},
		"a member twice":           {`{"a": {"b": 1, "b": 2}}`, false},
		"something behind":         {`{} {}`, false},
		"an escape to look at":     {`"\u00e4"`, false},
		"not UTF-8":                {"\"\xff\"", false},
		"too deep":                 {string(bytes.Repeat([]byte("["), 65)) + string(bytes.Repeat([]byte("]"), 65)), false},
		"just not too deep":        {string(bytes.Repeat([]byte("["), 64)) + string(bytes.Repeat([]byte("]"), 64)), true},
		"brackets inside a string": {`"[[[[["`, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, ok := decodeFlawless([]byte(tc.doc))
			assert.Equal(t, tc.want, ok)
		})
	}
}
