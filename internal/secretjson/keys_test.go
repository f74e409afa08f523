package secretjson

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProperties(t *testing.T) {
	for secret, want := range map[string]string{
		`{}`: `{}`,
		`{"z": "pl4nted", "a": 1.5, "ok": true, "no": false, "gone": null}`: `{"z":{"title":"z","order":5,"type":"string"},"a":{"title":"a","order":4,"type":"number"},` +
			`"ok":{"title":"ok","order":3,"type":"boolean"},"no":{"title":"no","order":2,"type":"boolean"},"gone":{"title":"gone","order":1}}`,
		`{"db": {"user": "pl4nted", "in": {}}}`: `{"db":{"title":"db","order":1,"type":"object","properties":{"user":{"title":"user","order":2,"type":"string"},` +
			`"in":{"title":"in","order":1,"type":"object","properties":{}}}}}`,
		`{"list": ["pl4nted", "x"]}`: `{"list":{"title":"list","order":1,"type":"array","items":{"type":"string"}}}`,
		`{"list": ["pl4nted", 1]}`:   `{"list":{"title":"list","order":1,"type":"array","items":{}}}`,
		`{"list": []}`:               `{"list":{"title":"list","order":1,"type":"array"}}`,
		`{"list": [[1], [2, 3]]}`:    `{"list":{"title":"list","order":1,"type":"array","items":{"type":"array","items":{"type":"number"}}}}`,
		`{"list": [{"a":1}, {"b":"x"}]}`: `{"list":{"title":"list","order":1,"type":"array","items":{"type":"object","properties":{` +
			`"a":{"title":"a","order":2,"type":"number"},"b":{"title":"b","order":1,"type":"string"}}}}}`,
		`{"twice": 1, "twice": "x", "\u0061\"<": {"deep": null}}`: `{"twice":{"title":"twice","order":2},` +
			`"a\"<":{"title":"a\"<","order":1,"type":"object","properties":{"deep":{"title":"deep","order":1}}}}`,
	} {
		got, err := Properties([]byte(secret))
		require.NoError(t, err)
		assert.Equal(t, want, string(got), secret)
	}
	for _, text := range []string{``, `pl4nted`, `["pl4nted"]`, `"pl4nted"`, `{`} {
		_, err := Properties([]byte(text))
		assert.Equal(t, ErrNotObject, err)
	}
}

func TestPropertiesOfLargeSecrets(t *testing.T) {
	got, err := Properties([]byte(strings.Repeat(`{"a":[`, 4500) + strings.Repeat(`]}`, 4500)))
	require.NoError(t, err)
	assert.Equal(t, 4, strings.Count(string(got), `"title"`))

	wide := `{"k": 1`
	for i := range 2000 {
		wide += fmt.Sprintf(`,"%d":{"a":1,"b":2}`, i)
	}
	got, err = Properties([]byte(wide + "}"))
	require.NoError(t, err)
	assert.Equal(t, 1000, strings.Count(string(got), `"title"`))
	assert.True(t, json.Valid(got))
}

// FuzzProperties holds that all values can be others of the same type, and nothing
// changes: what is told depends on no value.
func FuzzProperties(f *testing.F) {
	for _, secret := range []string{`{}`, `{"a": {"b": [1, {"c": null}, [], "x", true]}, "a": "\ud83d"}`, `{"": {"": [{"": 1}, {"": "x"}]}}`, `[]`} {
		f.Add(secret, "s3cret", 12345.6)
	}
	f.Fuzz(func(t *testing.T, secret, text string, number float64) {
		if !utf8.ValidString(secret) {
			return
		}
		got, err := Properties([]byte(secret))
		if err != nil {
			require.Equal(t, ErrNotObject, err)
			return
		}
		require.True(t, json.Valid(got))
		quoted, err := json.Marshal(text)
		require.NoError(t, err)
		digits, err := json.Marshal(number)
		if err != nil { // not a number
			return
		}
		others := replaceValues([]byte(secret), quoted, digits)
		again, err := Properties(others)
		require.NoError(t, err)
		require.Equal(t, string(got), string(again))
	})
}

// replaceValues returns a document with other texts, numbers and booleans.
func replaceValues(doc, text, number []byte) []byte {
	doc = []byte(strings.TrimSpace(string(doc)))
	switch kindOf(doc) {
	case "object":
		in, _ := parse(doc)
		out := []byte("{")
		for i, m := range in.members {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(out, doc[m.begin:m.value]...), replaceValues(doc[m.value:m.end], text, number)...)
		}
		return append(out, '}')
	case "array":
		var entries []json.RawMessage
		_ = json.Unmarshal(doc, &entries)
		out := []byte("[")
		for i, entry := range entries {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, replaceValues(entry, text, number)...)
		}
		return append(out, ']')
	case "string":
		return text
	case "number":
		return number
	case "boolean":
		return []byte("true")
	}
	return doc
}
