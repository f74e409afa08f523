package envelope

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func TestNewMessage(t *testing.T) {
	text, err := FormatMessage(component.NewMessage(json.RawMessage(`{"a":1}`)))
	require.NoError(t, err)
	assert.Equal(t, `{"headers":{},"body":{"a":1}}`, string(text))
}

// TestMessageInJSON reads a message and writes it: nothing is lost.
func TestMessageInJSON(t *testing.T) {
	empty := map[string]any{}
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	others := func(name, value string) map[string]json.RawMessage {
		return map[string]json.RawMessage{name: raw(value)}
	}
	for _, test := range []struct {
		name, text string
		want       component.Message
		again      string // if not text
	}{
		{
			name: "all members", text: `{"id":"1","headers":{"a":"b"},"body":[1],"attachments":{},"passthrough":{"step_1":{"body":2}},"method":"GET","query":{"a":"<&>"}}`,
			want: component.Message{
				ID: "1", Headers: map[string]any{"a": "b"}, Body: raw(`[1]`), Attachments: raw(`{}`),
				Passthrough: others("step_1", `{"body":2}`),
				Extra:       map[string]json.RawMessage{"method": raw(`"GET"`), "query": raw(`{"a":"<&>"}`)},
			},
		},
		{name: "no members", text: `{}`, want: component.Message{Headers: empty}, again: `{"headers":{}}`},
		{name: "null headers", text: `{"headers":null}`, want: component.Message{Headers: empty}, again: `{"headers":{}}`},
		{name: "false headers", text: `{"headers":false}`, want: component.Message{Headers: empty}, again: `{"headers":{}}`},
		{
			name: "null members", text: `{"headers":{},"body":null,"attachments":null,"id":null,"passthrough":null}`,
			want: component.Message{Headers: empty, Body: raw("null"), Attachments: raw("null"),
				Extra: map[string]json.RawMessage{"id": raw("null"), "passthrough": raw("null")}},
		},
		{name: "empty passthrough", text: `{"headers":{},"passthrough":{}}`, want: component.Message{Headers: empty, Passthrough: map[string]json.RawMessage{}}},
		{name: "id is a number", text: `{"headers":{},"id":12345678901234567890}`, want: component.Message{Headers: empty, Extra: others("id", "12345678901234567890")}},
		{name: "id is an object", text: `{"headers":{},"id":{}}`, want: component.Message{Headers: empty, Extra: others("id", "{}")}},
		{name: "id is empty", text: `{"headers":{},"id":""}`, want: component.Message{Headers: empty, Extra: others("id", `""`)}},
		{
			name: "another case", text: `{"headers":{},"BODY":2,"Headers":{"a":1}}`,
			want: component.Message{Headers: empty, Extra: map[string]json.RawMessage{"BODY": raw("2"), "Headers": raw(`{"a":1}`)}},
		},
		{name: "odd names", text: `{"headers":{},"":1,"\"":2,"\\":3,"é":4}`, want: component.Message{Headers: empty, Extra: map[string]json.RawMessage{
			"": raw("1"), `"`: raw("2"), `\`: raw("3"), "é": raw("4"),
		}}},
		{name: "large number", text: `{"headers":{},"body":12345678901234567890}`, want: component.Message{Headers: empty, Body: raw("12345678901234567890")}},
		{
			name: "members twice", text: `{"headers":{},"body":1,"url":1,"body":2,"url":2}`, again: `{"headers":{},"body":2,"url":2}`,
			want: component.Message{Headers: empty, Body: raw("2"), Extra: others("url", "2")},
		},
		{
			name: "entries twice", text: `{"passthrough":{"a":{"b":1},"a":{}}}`, again: `{"headers":{},"passthrough":{"a":{}}}`,
			want: component.Message{Headers: empty, Passthrough: others("a", "{}")},
		},
		{
			name: "odd entries", text: `{"passthrough":{"z":{"body":"<&>"},"\"":{},"a":{ "b" : 1 }}}`, again: `{"headers":{},"passthrough":{"\"":{},"a":{"b":1},"z":{"body":"<&>"}}}`,
			want: component.Message{Headers: empty, Passthrough: map[string]json.RawMessage{"z": raw(`{"body":"<&>"}`), `"`: raw("{}"), "a": raw(`{ "b" : 1 }`)}},
		},
		{name: "white space", text: " { \"body\" : [ 1 ] } ", want: component.Message{Headers: empty, Body: raw("[ 1 ]")}, again: `{"headers":{},"body":[1]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := ParseMessage([]byte(test.text))
			require.NoError(t, err)
			assert.Equal(t, test.want, m)
			if test.again == "" {
				test.again = test.text
			}
			again, err := FormatMessage(m)
			require.NoError(t, err)
			assert.Equal(t, test.again, string(again))
		})
	}
}

func TestExtraYieldToTheFields(t *testing.T) {
	m := component.NewMessage(json.RawMessage("1"))
	m.ID, m.Passthrough = "own", map[string]json.RawMessage{}
	m.Extra = map[string]json.RawMessage{"id": json.RawMessage("5"), "body": json.RawMessage("2"), "passthrough": json.RawMessage("null"), "url": json.RawMessage(`"u"`)}
	text, err := FormatMessage(m)
	require.NoError(t, err)
	assert.Equal(t, `{"id":"own","headers":{},"body":1,"passthrough":{},"url":"u"}`, string(text))
}

func TestEntriesWithoutValueAreNull(t *testing.T) {
	text, err := FormatMessage(component.Message{Passthrough: map[string]json.RawMessage{"step": nil}})
	require.NoError(t, err)
	assert.Equal(t, `{"headers":{},"passthrough":{"step":null}}`, string(text))
}

func TestNoMessage(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"null", `null`, "message: must be an object (given: null)"},
		{"number", ` -5 `, "message: must be an object (given: a number)"},
		{"text", `"s3cret"`, "message: must be an object (given: a string)"},
		{"boolean", `true`, "message: must be an object (given: true or false)"},
		{"list", `["s3cret"]`, "message: must be an object (given: a list)"},
		{"headers are a list", `{"headers":["s3cret"]}`, "headers: must be an object (given: a list)"},
		{"headers are a text", `{"headers":"s3cret"}`, "headers: must be an object (given: a string)"},
		{"headers are true", `{"headers":true}`, "headers: must be an object (given: true or false)"},
		{"headers with a number beyond all", `{"headers":{"s3cret":1e999}}`, "headers: must not have numbers that are too large"},
		{"passthrough is a text", `{"passthrough":"s3cret"}`, "passthrough: must be an object (given: a string)"},
		{"entry is a list", `{"passthrough":{"s3cret":["s3cret"]}}`, "entry in passthrough: must be an object (given: a list)"},
		{"entry is null", `{"passthrough":{"s3cret":null}}`, "entry in passthrough: must be an object (given: null)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var malformed *component.Error
			_, err := ParseMessage([]byte(test.text))
			require.ErrorAs(t, err, &malformed)
			assert.Equal(t, component.Errorf(component.InvalidInput, "%s", test.want), malformed)
		})
	}

	for name, m := range map[string]component.Message{
		"body is no JSON":         component.NewMessage(json.RawMessage(`{"a`)),
		"other member is none":    {Extra: map[string]json.RawMessage{"a": json.RawMessage(`{"a`)}},
		"header has no JSON":      {Headers: map[string]any{"a": func() {}}, Body: json.RawMessage("1")},
		"passthrough is empty":    {Passthrough: map[string]json.RawMessage{"s": {}}},
		"passthrough has no JSON": {Passthrough: map[string]json.RawMessage{"s": json.RawMessage("a")}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := FormatMessage(m)
			require.Error(t, err)
		})
	}
}
