package schema

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const sampleAsItIs = `{
  "type": "object", "additionalProperties": false,
  "properties": {
    "Secret": {"title": "Secret", "type": "object", "format": "password", "x-asItIs": true},
    "Open": {"type": "object", "x-asItIs": true},
    "Days": {"type": "integer"},
    "Text": {"type": "string"},
    "Entries": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {
      "Secret": {"type": "object", "format": "password", "x-asItIs": true}, "Days": {"type": "integer"}}}}
  }
}`

// An object stays as it came, whatever else is converted, and whatever
// encoding/json makes of it.
func TestAsItIs(t *testing.T) {
	s := compiled(t, sampleAsItIs)
	deep := strings.Repeat(`{"a":`, 200) + `[]` + strings.Repeat(`}`, 200)
	for name, object := range map[string]string{
		"order and digits":     `{"z":12345678901234567890.10,"a":1e999999,"m":-0.0}`,
		"what a mapper means":  `{"Days":"7","a":null,"b":"true","c":["x"],"d":""}`,
		"names given twice":    `{"a":1,"a":{"b":1,"b":2}}`,
		"half of a surrogate":  `{"\ud83d":"\ud83d"}`,
		"escapes":              `{"\u0061\/":"<&>\u003c \n"}`,
		"nested deeply":        deep,
		"names of the schema":  `{"Secret":{"Secret":1,"Secret":2}}`,
		"an object of nothing": `{}`,
	} {
		t.Run(name, func(t *testing.T) {
			for _, body := range []string{`{"Secret":` + object + `}`, `{"Entries":[{"Secret":` + object + `}]}`} {
				got, err := s.Check(json.RawMessage(body))
				require.NoError(t, err)
				assert.Equal(t, body, string(got))
			}
			got, err := s.Check(json.RawMessage(`{"Text": "x", "Secret": ` + object + `, "Days": "7", "Entries": [{"Days": 7.0, "Secret": ` + object + ` }]}`))
			require.NoError(t, err)
			assert.Equal(t, `{"Days":7,"Entries":[{"Days":7,"Secret":`+object+`}],"Secret":`+object+`,"Text":"x"}`, string(got))
			again, err := s.Check(got)
			require.NoError(t, err)
			assert.Equal(t, string(got), string(again))
			assert.Equal(t, `{"Days":7,"Open":`+object+`,"Secret":"***"}`, string(s.Mask(json.RawMessage(`{"Secret":`+object+`,"Open":`+object+`,"Days":7}`))))
		})
	}
}

// What is wrong beside it, or is none, is told as ever, and nothing of what is
// inside.
func TestAsItIsExplains(t *testing.T) {
	s := compiled(t, sampleAsItIs)
	for body, want := range map[string]string{
		`{"Secret":"s3cret"}`:                                   `body.Secret: must be an object (given: a string)`,
		`{"Secret":[{"s3cret":12345}]}`:                         `body.Secret: must be an object (given: a list of 1 entry)`,
		`{"Secret":true}`:                                       `body.Secret: must be an object (given: true or false)`,
		`{"Secret":12345}`:                                      `body.Secret: must be an object (given: a number)`,
		`{"Secret":{"s3cret":1},"Secret":{}}`:                   `body.Secret: is given more than once`,
		`{"Secret":{"a":12345,"a":true},"Days":"x"}`:            `body.Days: must be a whole number (given: a string of 1 character)`,
		`{"Secret":{"a":"\ud83d"},"Text":"\ud83d"}`:             "body: must not have half of a surrogate pair, as the \\u escape at byte 34 is",
		`{"Secret":{"a":12345},"Sekret":{"a":12345,"a":12345}}`: `body: has a property that is given more than once; body.Sekret: is an unknown property – did you mean Secret?`,
		`{"Secret":{"a":s3cret}}`:                               `body: must be one JSON value, which breaks at byte 16`,
	} {
		_, err := s.Check(json.RawMessage(body))
		require.EqualError(t, err, want, body)
	}
	got, err := s.Check(json.RawMessage(`{"Secret":null}`))
	require.NoError(t, err)
	assert.JSONEq(t, `{}`, string(got))
}

// FuzzAsItIs holds that any object comes out as it went in.
func FuzzAsItIs(f *testing.F) {
	for _, object := range []string{`{}`, `{"a":1,"a":[{"\ud83d":1e999}]}`, ` { "b" : null } `, `{"a":"\\\""}`} {
		f.Add([]byte(object))
	}
	s := compiled(f, sampleAsItIs)
	f.Fuzz(func(t *testing.T, object []byte) {
		var compact bytes.Buffer
		if !utf8.Valid(object) || json.Compact(&compact, object) != nil || compact.Bytes()[0] != '{' {
			return
		}
		got, err := s.Check(json.RawMessage(`{"Secret":` + string(object) + `,"Days":"7"}`))
		require.NoError(t, err)
		require.Equal(t, `{"Days":7,"Secret":`+compact.String()+`}`, string(got))
	})
}
