package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"aws-secrets-manager-connector/internal/apimodel"
)

// parse reads a request's body and checks it against the model. It returns the
// known members, or a SerializationException or
// ValidationException. Unknown members are ignored, as the service does.
func parse(s *apimodel.Shape, body []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fail("SerializationException", "The request body is not valid JSON.")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fail("SerializationException", "The request body holds more than one JSON value.")
	}
	var c validator
	checked, err := c.check(s, v, "")
	if err != nil {
		return nil, err
	}
	if n := len(c.violations); n > 0 {
		noun := "errors"
		if n == 1 {
			noun = "error"
		}
		return nil, fail("ValidationException", "%d validation %s detected: %s", n, noun, strings.Join(c.violations, "; "))
	}
	return checked.(map[string]any), nil
}

// bind fills a request's struct from what parse returned.
func bind(m map[string]any, into any) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode the request again: %w", err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("fill %T: %w", into, err)
	}
	return nil
}

// encode writes an answer as the service does, without HTML's escapes.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
