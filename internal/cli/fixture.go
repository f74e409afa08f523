package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/joho/godotenv"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// fixture is a fake message with what else a function needs, in the format of
// the platform's own command line tool.
type fixture struct {
	Msg           message
	Cfg, Snapshot json.RawMessage
}

// message is one that json.Unmarshal reads as the runtime does.
type message struct{ component.Message }

// UnmarshalJSON implements json.Unmarshaler.
func (m *message) UnmarshalJSON(text []byte) (err error) {
	m.Message, err = envelope.ParseMessage(bytes.Clone(text))
	return err
}

// read sets what the named fixture of a file has. "<function>:<name>" comes
// before "<name>", so that one file serves functions that need different
// messages. {{NAME}} stands for a variable of the environment or of the .env
// file beside the current directory's files.
func (f *fixture) read(file, function, name string, env func(string) (string, bool)) error {
	raw, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return fmt.Errorf("read the fixtures: %w", fileError(err))
	}
	var all struct {
		Fixtures map[string]json.RawMessage `json:"fixtures"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return fmt.Errorf("fixtures in %s: %w", file, withoutInput(err))
	}
	for _, key := range []string{function + ":" + name, name} {
		document, ok := all.Fixtures[key]
		if !ok {
			continue
		}
		text, err := expand(string(document), env)
		if err == nil {
			err = withoutInput(json.Unmarshal([]byte(text), f))
		}
		if err != nil {
			return fmt.Errorf("fixture %q in %s: %w", key, file, err)
		}
		return nil
	}
	return fmt.Errorf("fixtures in %s: there is no %q, only %s",
		file, name, strings.Join(slices.Sorted(maps.Keys(all.Fixtures)), ", "))
}

var placeholder = regexp.MustCompile(`\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}`)

// expand replaces {{NAME}} inside JSON strings.
func expand(text string, env func(string) (string, bool)) (string, error) {
	if !placeholder.MatchString(text) {
		return text, nil
	}
	dotenv, err := godotenv.Read()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("the file .env cannot be read")
	}
	var missing []string
	text = placeholder.ReplaceAllStringFunc(text, func(match string) string {
		name := placeholder.FindStringSubmatch(match)[1]
		value, ok := env(name)
		if !ok {
			value, ok = dotenv[name]
		}
		if !ok && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
		quoted, _ := json.Marshal(value) // a string always encodes
		return string(quoted[1 : len(quoted)-1])
	})
	if missing != nil {
		return "", fmt.Errorf("%s: set in neither the environment nor .env", strings.Join(missing, ", "))
	}
	return text, nil
}

// withoutInput describes a JSON error by place and type: its own text may
// quote what was read.
func withoutInput(err error) error {
	var known *component.Error
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.As(err, &syntax):
		return fmt.Errorf("invalid JSON at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		what, _, _ := strings.Cut(kind.Value, " ") // "number 5" has the value in it
		return fmt.Errorf("%s must not be a JSON %s", cmp.Or(kind.Field, "it"), what)
	default:
		return errors.New("invalid JSON")
	}
}
