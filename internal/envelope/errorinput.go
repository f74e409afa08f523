package envelope

import (
	"encoding/json"

	"aws-secrets-manager-connector/internal/component"
)

// DecodeErrorInput reads an error emit as the input of an error handler: its
// body is the payload with error and errorInput decrypted, its headers are the
// AMQP headers. It fails with ErrNotObject, ErrCipher or ErrJSON.
func DecodeErrorInput(c *Cipher, payload []byte, headers map[string]any) (component.Message, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(payload, &members) != nil || members == nil {
		return component.Message{}, ErrNotObject
	}
	for _, name := range []string{"error", "errorInput"} {
		var encrypted string
		if json.Unmarshal(orNull(members[name]), &encrypted) != nil {
			return component.Message{}, ErrCipher
		}
		if encrypted == "" {
			continue
		}
		plain, err := c.Decode([]byte(encrypted), Base64)
		if err != nil {
			return component.Message{}, err
		}
		if !json.Valid(plain) {
			return component.Message{}, ErrJSON
		}
		members[name] = plain
	}
	body, err := marshal(members, len(payload))
	if err != nil {
		return component.Message{}, ErrJSON
	}
	m := component.Message{Headers: map[string]any{}, Body: body}
	for name, value := range headers {
		m.Headers[name] = value
	}
	return m, nil
}
