package envelope

import (
	"encoding/base64"
	"encoding/json"
	"errors"

	"aws-secrets-manager-connector/internal/rawjson"
)

// ErrFailure tells that a text is no error emit.
var ErrFailure = errors.New("not an error payload")

// Failure is what an error emit tells.
type Failure struct {
	Name    string `json:"name"`
	Message string `json:"message"`
	Stack   string `json:"stack"`
}

// EncodeError encrypts f as base64 text, whatever protocol the message has
// that failed. The text alone is what an HTTP caller gets.
func EncodeError(c *Cipher, f Failure) []byte {
	plain, _ := rawjson.Marshal(f) // strings never fail
	return c.seal(plain, Base64)
}

// DecodeError reverses EncodeError. It fails with ErrDecode or ErrFailure.
func DecodeError(c *Cipher, encrypted []byte) (Failure, error) {
	plain, err := c.Decode(encrypted, Base64)
	if err != nil {
		return Failure{}, err
	}
	var f Failure
	if json.Unmarshal(plain, &f) != nil {
		return Failure{}, ErrFailure
	}
	return f, nil
}

type errorPayload struct {
	Error      string  `json:"error"`
	ErrorInput *string `json:"errorInput,omitempty"`
}

// ErrorPayload returns the body of an error emit: the result of EncodeError
// and the incoming delivery's body as it came, encoded for protocol 1. incoming
// is nil when the failure came before any message.
func ErrorPayload(encrypted, incoming []byte, protocol int) []byte {
	p := errorPayload{Error: string(encrypted)}
	if incoming != nil {
		input := string(incoming)
		if protocol >= Raw {
			// No need to decrypt: the protocols differ in the encoding alone.
			input = base64.StdEncoding.EncodeToString(incoming)
		}
		p.ErrorInput = &input
	}
	payload, _ := rawjson.Marshal(p) // strings never fail
	return payload
}

// DecodeErrorPayload reverses ErrorPayload. input is the decrypted incoming
// message, JSON text, or nil when there was none. It fails with ErrDecode or
// ErrFailure.
func DecodeErrorPayload(c *Cipher, payload []byte) (f Failure, input []byte, err error) {
	var p errorPayload
	if json.Unmarshal(payload, &p) != nil {
		return Failure{}, nil, ErrFailure
	}
	if f, err = DecodeError(c, []byte(p.Error)); err != nil {
		return Failure{}, nil, err
	}
	if p.ErrorInput != nil {
		if input, err = c.Decode([]byte(*p.ErrorInput), Base64); err != nil {
			return Failure{}, nil, err
		}
	}
	return f, input, nil
}
