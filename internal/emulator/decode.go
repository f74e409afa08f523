package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"aws-secrets-manager-connector/internal/apimodel"
	"aws-secrets-manager-connector/internal/rawjson"
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
	if !utf8.Valid(body) || rawjson.LoneSurrogate(body) >= 0 {
		return nil, fail("SerializationException", "The request body is not valid Unicode.")
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

// decodeStrict reads exactly one JSON value, without unknown members.
func decodeStrict(r io.Reader, into any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the JSON value")
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
