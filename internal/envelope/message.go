package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
)

// ErrJSON tells that a message that is to be sent is not JSON in some part. Its
// text is constant, for a parser's own would show parts of the message.
var ErrJSON = errors.New("message is not valid JSON")

// DecodeMessage decrypts a delivery's body and reads the message in it. All
// members may be missing; headers are then empty. It fails with ErrDecode, or
// with a *component.Error that is safe to show when the message is JSON, but not
// of a message's form.
func DecodeMessage(c *Cipher, delivery []byte, protocol int) (component.Message, error) {
	if len(delivery) == 0 {
		return component.Message{}, ErrDecode
	}
	plain, err := c.Decode(delivery, protocol)
	if err != nil {
		return component.Message{}, err
	}
	return parseMessage(plain)
}

func parseMessage(plain []byte) (component.Message, error) {
	if !utf8.Valid(plain) {
		plain = bytes.ToValidUTF8(plain, []byte("\uFFFD"))
	}
	m, err := ParseMessage(plain)
	if err == nil {
		return m, nil
	}
	if _, malformed := errors.AsType[*component.Error](err); !malformed {
		return component.Message{}, ErrDecode
	}
	if first := bytes.TrimSpace(plain)[0]; first == 'n' || first == '-' || '0' <= first && first <= '9' {
		return component.Message{}, ErrDecode
	}
	return component.Message{}, err
}

// EncodeMessage encrypts a message for the protocol version. It fails with
// ErrJSON when a member is no JSON.
func EncodeMessage(c *Cipher, m component.Message, protocol int) ([]byte, error) {
	plain, err := FormatMessage(m)
	if err != nil {
		return nil, ErrJSON
	}
	return c.seal(plain, protocol), nil
}

// EncodeReply encrypts an answer to an HTTP caller, who reads protocol 1. It
// fails with ErrJSON when a member is no JSON.
func EncodeReply(c *Cipher, r component.HTTPReply) ([]byte, error) {
	if r.Headers == nil {
		r.Headers = map[string]any{}
	}
	plain, err := rawjson.Marshal(r)
	if err != nil {
		return nil, ErrJSON
	}
	return c.seal(plain, Base64), nil
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}
