package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"aws-secrets-manager-connector/internal/component"
)

// Reasons why a delivery is no message. Their texts are constant, for a parser's
// own would show parts of the message.
var (
	ErrEmpty     = errors.New("message is empty")
	ErrJSON      = errors.New("message is not JSON")
	ErrNotObject = errors.New("message is not a JSON object")
	ErrHeaders   = errors.New("message's headers are not a JSON object")
	// ErrPassthrough: it must be an object, for steps are looked up in it.
	ErrPassthrough = errors.New("message's passthrough is not a JSON object")
)

// DecodeMessage decrypts a delivery's body and reads the message in it. All
// members may be missing: headers are then empty, and the body null. Members
// that are not known are dropped. An array is rejected like all other values
// that are no objects, though the platform's own runtime lets it pass.
func DecodeMessage(c *Cipher, delivery []byte, protocol int) (component.Message, error) {
	if len(delivery) == 0 {
		return component.Message{}, ErrEmpty
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
	// A map, because a struct's members would match in any case.
	var members map[string]json.RawMessage
	if err := json.Unmarshal(plain, &members); err != nil {
		if _, syntax := errors.AsType[*json.SyntaxError](err); syntax {
			return component.Message{}, ErrJSON
		}
		return component.Message{}, ErrNotObject
	}
	if members == nil { // null
		return component.Message{}, ErrNotObject
	}

	m := component.Message{ID: text(members["id"]), Body: members["body"], Attachments: members["attachments"]}
	if m.Body == nil {
		m.Body = json.RawMessage("null")
	}
	if json.Unmarshal(orNull(members["headers"]), &m.Headers) != nil {
		return component.Message{}, ErrHeaders
	}
	if m.Headers == nil {
		m.Headers = map[string]any{}
	}
	if json.Unmarshal(orNull(members["passthrough"]), &m.Passthrough) != nil {
		return component.Message{}, ErrPassthrough
	}
	return m, nil
}

// EncodeMessage encrypts a message for the protocol version. A body that is
// absent is sent as null. It fails with ErrJSON when a member is no JSON.
func EncodeMessage(c *Cipher, m component.Message, protocol int) ([]byte, error) {
	if m.Headers == nil {
		m.Headers = map[string]any{}
	}
	plain, err := marshal(m, len(m.Body)+len(m.Attachments))
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
	plain, err := marshal(r, len(r.Body))
	if err != nil {
		return nil, ErrJSON
	}
	return c.seal(plain, Base64), nil
}

// marshal is json.Marshal without its escapes for HTML, which would make
// messages longer. The size is a guess of the result's length.
func marshal(v any, size int) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(size + 512)
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}

// text returns a JSON string's value, a number's text, and else nothing.
func text(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	var s string
	if raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return s
	}
	if strings.ContainsRune("-0123456789", rune(raw[0])) {
		return string(raw)
	}
	return ""
}
