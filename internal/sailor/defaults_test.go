package sailor

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/schema"
)

func TestDefaults(t *testing.T) {
	in, err := schema.Compile("in", []byte(`{"type": "object", "additionalProperties": false, "properties": {
		"Id": {"type": "string", "required": true, "minLength": 1},
		"Other": {"type": "string"},
		"Text": {"type": "string", "x-jsonText": true}}}`))
	require.NoError(t, err)
	list := []component.Default{{Member: "Id", Field: "id", Hint: "choose it, or map Id"}}

	for _, test := range []struct{ name, config, body, want, fails string }{
		{"the body lacks it", `{"id": "chosen"}`, `{"Other": "x"}`, `{"Id": "chosen", "Other": "x"}`, ""},
		{"the body's counts more", `{"id": "chosen"}`, `{"Id": "mapped"}`, `{"Id": "mapped"}`, ""},
		{"mapped from nothing", `{"id": "chosen"}`, `{"Id": null}`, `{"Id": "chosen"}`, ""},
		{"empty body", `{"id": "chosen"}`, `{}`, `{"Id": "chosen"}`, ""},
		{"null", `{"id": "chosen"}`, `null`, `{"Id": "chosen"}`, ""},
		{"no body", `{"id": "chosen"}`, ``, `{"Id": "chosen"}`, ""},
		{"characters of markup, digits and order stay", `{"id": "<a>"}`, `{"Text": {"b": 1.50, "a": "<&>"}}`, `{"Id": "<a>", "Text": "{\"b\":1.50,\"a\":\"<&>\"}"}`, ""},
		{"no field", `{}`, `{"Id": "mapped"}`, `{"Id": "mapped"}`, ""},
		{"no configuration", ``, `{"Id": "mapped"}`, `{"Id": "mapped"}`, ""},

		{"neither", `{}`, `{"Other": "x"}`, ``, "body.Id: is missing – choose it, or map Id"},
		{"neither, without a configuration", ``, `{}`, ``, "body.Id: is missing – choose it, or map Id"},
		{"the field is empty", `{"id": ""}`, `{}`, ``, "body.Id: is missing – choose it, or map Id"},
		{"the field is null", `{"id": null}`, `{"Id": null}`, ``, "body.Id: is null: the mapping found nothing – choose it, or map Id"},
		{"of another type", `{}`, `{"Id": 5}`, ``, "body.Id: must be a string (given: a number) – make text of it with $string(…)"},
		{"mapped as empty text", `{"id": "chosen"}`, `{"Id": ""}`, ``, "body.Id: must not be empty (given: a string of 0 characters) – leave it out, and the one of the step is taken"},
		{"mapped as empty text, and no field", `{}`, `{"Id": ""}`, ``, "body.Id: must not be empty (given: a string of 0 characters) – choose it, or map Id"},
		{"the field is of another type", `{"id": {"s3cret": 1}}`, `{}`, ``, "body.Id: must be a string (given: an object)"},
		{"the body is no object", `{"id": "chosen"}`, `["s3cret"]`, ``, "body: must be an object (given: a list of 1 entry)"},
		{"the body is no JSON", `{"id": "chosen"}`, `{"s3cret`, ``, "body: must be one JSON value"},
		{"other rules stay", `{"id": "chosen"}`, `{"Others": "x"}`, ``, "body.Others: is an unknown property – did you mean Other?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got json.RawMessage
			handler := component.HandlerFunc(func(_ context.Context, req component.Request, _ component.Emitter) error {
				got = req.Message.Body
				return nil
			})
			guard := Guard{In: in, Out: in, Function: component.Spec{Defaults: list}, Config: json.RawMessage(test.config)}
			var request component.Request
			if test.body != "" {
				request.Message.Body = json.RawMessage(test.body)
			}
			err := guard.Around(handler).Handle(t.Context(), request, nil)
			if test.fails == "" {
				require.NoError(t, err)
				assert.JSONEq(t, test.want, string(got))
				return
			}
			require.ErrorContains(t, err, test.fails)
			assert.NotContains(t, err.Error(), "s3cret")
			assert.Equal(t, strings.Contains(test.fails, "choose it"), strings.Contains(err.Error(), "choose it"))
		})
	}
}

func TestCompleteInput(t *testing.T) {
	in, err := schema.Compile("in", []byte(`{"type": "object", "properties": {"Id": {"type": "integer"}}}`))
	require.NoError(t, err)
	refused := component.Errorf(component.InvalidConfig, "as told")
	for _, test := range []struct {
		name, body string
		err        error
		want       string
	}{
		{"completed, then checked", `{"Id": "7"}`, nil, `{"Id":7}`},
		{"what it adds is checked as well", `{"Id": "planted"}`, nil, ""},
		{"refused", `{}`, refused, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got json.RawMessage
			guard := Guard{In: in, Out: in, Config: json.RawMessage(`{"a":"b"}`), Function: component.Spec{
				Complete: func(config, body json.RawMessage) (json.RawMessage, error) {
					assert.JSONEq(t, `{"a":"b"}`, string(config))
					assert.JSONEq(t, `{}`, string(body))
					return json.RawMessage(test.body), test.err
				},
			}}
			err := guard.Around(component.HandlerFunc(func(_ context.Context, req component.Request, _ component.Emitter) error {
				got = req.Message.Body
				return nil
			})).Handle(t.Context(), component.Request{Message: component.NewMessage(json.RawMessage(`{}`))}, nil)
			if test.want != "" {
				require.NoError(t, err)
				assert.JSONEq(t, test.want, string(got))
				return
			}
			require.Error(t, err)
			assert.Nil(t, got, "the function is not called")
			if test.err != nil {
				assert.ErrorIs(t, err, test.err)
			}
		})
	}
}
