package emulator

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"aws-secrets-manager-connector/internal/rawjson"
)

// seed is a seed file; see the package's documentation.
type seed struct {
	Region  string       `json:"region"`
	Secrets []seedSecret `json:"secrets"`
}

type seedSecret struct {
	Name         string            `json:"name"`
	Description  string            `json:"description"`
	KmsKeyID     string            `json:"kmsKeyId"`
	SecretString json.RawMessage   `json:"secretString"`
	SecretBinary secretBinary      `json:"secretBinary"`
	Tags         map[string]string `json:"tags"`
}

// Format prints the name alone.
func (s seedSecret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "seed of %s", s.Name) }

// Seed creates the secrets of a seed file, by the rules of CreateSecret. Its
// errors name the secret and the rule, never a value. After an error, none of
// the secrets behind it exist.
func (e *Emulator) Seed(r io.Reader) error {
	s, err := e.readSeed(r)
	if err != nil {
		return fmt.Errorf("read seed: %w", err)
	}
	if err := e.createSeed(s); err != nil {
		return err
	}
	e.service.settle()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seeds = append(e.seeds, s)
	return nil
}

func (e *Emulator) readSeed(r io.Reader) (seed, error) {
	s := seed{Region: e.region}
	if err := decodeStrict(r, &s); err != nil {
		return s, withoutValue(err)
	}
	if !isRegion(s.Region) {
		return s, fmt.Errorf("region is %q, which is no AWS Region", s.Region)
	}
	return s, nil
}

// withoutValue says where a seed is wrong, without quoting it.
func withoutValue(err error) error {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	var corrupt base64.CorruptInputError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("not valid JSON at byte %d", syntax.Offset)
	case errors.As(err, &wrong):
		found, _, _ := strings.Cut(wrong.Value, " ") // "number 5" has the value in it
		return fmt.Errorf("%s must not be a JSON %s", wrong.Field, found)
	case errors.As(err, &corrupt):
		return errors.New("a secretBinary is not base64")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("not valid JSON: it ends too early")
	}
	return err // names an unknown field, or says what follows
}

// createSeed creates the secrets of a seed.
func (e *Emulator) createSeed(from seed) error {
	c := call{operation: "CreateSecret", region: from.Region}
	for i, sec := range from.Secrets {
		if err := e.createSeeded(c, sec); err != nil {
			return fmt.Errorf("seed: secrets[%d] %q: %w", i, sec.Name, err)
		}
	}
	return nil
}

func (e *Emulator) createSeeded(c call, from seedSecret) error {
	body, err := from.request(e.service.random.uuid())
	if err != nil {
		return err
	}
	in, err := e.read(c, body)
	if err != nil {
		return err
	}
	_, err = e.perform(context.Background(), c, in) // CreateSecret waits for nothing
	return err
}

// request is the body of a CreateSecret that makes the secret.
func (s seedSecret) request(token string) ([]byte, error) {
	in := map[string]any{"ClientRequestToken": token, "Name": s.Name, "Description": s.Description, "KmsKeyId": s.KmsKeyID}
	if len(s.SecretString) > 0 {
		text, err := s.text()
		if err != nil {
			return nil, err
		}
		in["SecretString"] = text
	}
	if s.SecretBinary != nil {
		in["SecretBinary"] = s.SecretBinary
	}
	var tags []tag
	for _, key := range sortedKeys(s.Tags) {
		tags = append(tags, tag{key, s.Tags[key]})
	}
	if tags != nil {
		in["Tags"] = tags
	}
	return rawjson.Marshal(in)
}

// text is a JSON string as it is, and any other JSON as its text.
func (s seedSecret) text() (secretText, error) {
	var plain secretText
	if json.Unmarshal(s.SecretString, &plain) == nil {
		return plain, nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, s.SecretString); err != nil {
		return "", errors.New("secretString is not valid JSON")
	}
	return secretText(b.String()), nil
}
