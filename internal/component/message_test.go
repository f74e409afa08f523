package component_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func TestMessageDoesNotPrint(t *testing.T) {
	m := component.Message{
		ID:          planted,
		Headers:     map[string]any{"h": planted},
		Body:        json.RawMessage(`"` + planted + `"`),
		Attachments: json.RawMessage(`"` + planted + `"`),
		Passthrough: map[string]json.RawMessage{planted: json.RawMessage(`"` + planted + `"`)},
	}
	const shape = "message{headers: 1, body: 15 bytes, passthrough: 1}"
	for name, v := range map[string]any{"value": m, "pointer": &m} {
		t.Run(name, func(t *testing.T) {
			for way, text := range printed(t, v) {
				assert.NotContains(t, text, planted, way)
				assert.Contains(t, text, shape, way)
			}
		})
	}
	assert.Equal(t, shape, m.String())
	assert.Equal(t, shape, m.GoString())
}

func TestNewMessage(t *testing.T) {
	text, err := json.Marshal(component.NewMessage(json.RawMessage(`{"a":1}`)))
	require.NoError(t, err)
	assert.Equal(t, `{"headers":{},"body":{"a":1}}`, string(text))
}

func TestMessageInJSON(t *testing.T) {
	const text = `{"id":"1","headers":{"a":"b"},"body":[1],"attachments":{},"passthrough":{"step_1":{"body":2}}}`
	var m component.Message
	require.NoError(t, json.Unmarshal([]byte(text), &m))
	again, err := json.Marshal(m)
	require.NoError(t, err)
	assert.Equal(t, text, string(again))
}
