package component_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"aws-secrets-manager-connector/internal/component"
)

func TestMessageDoesNotPrint(t *testing.T) {
	m := component.Message{
		ID:          planted,
		Headers:     map[string]any{"h": planted},
		Body:        json.RawMessage(`"` + planted + `"`),
		Attachments: json.RawMessage(`"` + planted + `"`),
		Passthrough: map[string]json.RawMessage{planted: json.RawMessage(`"` + planted + `"`)},
		Extra:       map[string]json.RawMessage{planted: json.RawMessage(`"` + planted + `"`)},
	}
	const shape = "message{headers: 1, body: 15 bytes, passthrough: 1, extra: 1}"
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
