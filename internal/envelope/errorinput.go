package envelope

import (
	"encoding/json"
	"errors"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
)

// DecodeErrorInput reads an error emit as the input of an error handler: its
// body is the payload with error and errorInput decrypted, its headers are the
// AMQP headers. It fails as DecodeMessage does.
func DecodeErrorInput(c *Cipher, payload []byte, headers map[string]any) (component.Message, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(payload, &members); err != nil {
		if _, kind := errors.AsType[*json.UnmarshalTypeError](err); kind {
			return component.Message{}, notObject("message", payload)
		}
		return component.Message{}, ErrDecode
	}
	if members == nil {
		return component.Message{}, ErrDecode
	}
	for _, name := range []string{"error", "errorInput"} {
		var encrypted string
		if json.Unmarshal(orNull(members[name]), &encrypted) != nil {
			return component.Message{}, ErrDecode
		}
		if encrypted == "" {
			continue
		}
		plain, err := c.Decode([]byte(encrypted), Base64)
		if err != nil {
			return component.Message{}, err
		}
		if !json.Valid(plain) {
			return component.Message{}, ErrDecode
		}
		members[name] = plain
	}
	body, err := rawjson.Marshal(members)
	if err != nil {
		return component.Message{}, ErrDecode
	}
	m := component.Message{Headers: map[string]any{}, Body: body}
	for name, value := range headers {
		m.Headers[name] = value
	}
	return m, nil
}
