package envelope_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

func TestDecodeErrorInput(t *testing.T) {
	c, err := envelope.NewCipher(component.NewSecret("a test password"), component.NewSecret("0123456789abcdef"))
	require.NoError(t, err)
	failure := envelope.Failure{Name: "Error", Message: "it failed", Stack: "none"}
	input := c.Encode([]byte(`{"headers": {}, "body": {"n": 1}}`), envelope.Raw)
	payload := envelope.ErrorPayload(envelope.EncodeError(c, failure), input, envelope.Raw)

	t.Run("both parts are decrypted", func(t *testing.T) {
		m, err := envelope.DecodeErrorInput(c, payload, map[string]any{"messageId": "m1"})
		require.NoError(t, err)
		assert.JSONEq(t, `{"error": {"name": "Error", "message": "it failed", "stack": "none"},
			"errorInput": {"headers": {}, "body": {"n": 1}}}`, string(m.Body))
		assert.Equal(t, map[string]any{"messageId": "m1"}, m.Headers)
	})
	t.Run("parts may be absent", func(t *testing.T) {
		m, err := envelope.DecodeErrorInput(c, []byte(`{"other": true}`), nil)
		require.NoError(t, err)
		assert.JSONEq(t, `{"other": true}`, string(m.Body))
		assert.NotNil(t, m.Headers)
	})
	for payload, want := range map[string]string{`["planted"]`: "a list", `"planted"`: "a string", `5`: "a number", ` true`: "true or false"} {
		t.Run(want, func(t *testing.T) {
			_, err := envelope.DecodeErrorInput(c, []byte(payload), nil)
			assert.Equal(t, component.Errorf(component.InvalidInput, "message: must be an object (given: %s)", want), err)
		})
	}
	for name, tc := range map[string]struct {
		payload string
		want    error
	}{
		"not JSON":             {`{`, envelope.ErrDecode},
		"null":                 {`null`, envelope.ErrDecode},
		"a part of no text":    {`{"error": {}}`, envelope.ErrDecode},
		"a part not encrypted": {`{"error": "planted"}`, envelope.ErrDecode},
		"a part of no JSON": {
			`{"errorInput": "` + string(c.Encode([]byte("planted"), envelope.Base64)) + `"}`, envelope.ErrDecode},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := envelope.DecodeErrorInput(c, []byte(tc.payload), nil)
			require.ErrorIs(t, err, tc.want)
			assert.NotContains(t, err.Error(), "planted")
		})
	}
}
