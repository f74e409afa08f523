package component

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Field is one that the designer of a flow fills in.
type Field struct {
	Name  string // in component.json, and in the configuration of the step
	Label string // what the designer sees
}

// String returns both, such as cacheSeconds ("Cache for (seconds)"), but the name
// alone where they are the same.
func (f Field) String() string {
	if strings.EqualFold(f.Name, f.Label) {
		return f.Name
	}
	return fmt.Sprintf("%s (%q)", f.Name, f.Label)
}

// Wrong is the error of a field that breaks a rule, such as "must be a date". It
// tells the length of what was entered and no more: a secret is easily pasted into
// the wrong field.
func (f Field) Wrong(rule, value string) *Error {
	return Errorf(InvalidConfig, "%s %s%s", f, rule, Given(value))
}

// Given tells the length of a text, as errors end.
func Given(value string) string {
	n, unit := utf8.RuneCountInString(value), "characters"
	if n == 1 {
		unit = "character"
	}
	return fmt.Sprintf(" (given: a text of %d %s)", n, unit)
}

// Fields are what was entered in the fields of a step, by name.
type Fields map[string]json.RawMessage

// ReadFields reads the configuration of a step, which may be absent.
func ReadFields(config json.RawMessage) (fields Fields, err error) {
	if len(config) > 0 && json.Unmarshal(config, &fields) != nil {
		return nil, Errorf(InvalidConfig, "the step's configuration must be a JSON object")
	}
	return fields, nil
}

// Text returns what was entered, without white space around it; "" where nothing
// was.
func (f Fields) Text(field Field) (value string, err error) {
	if raw := f[field.Name]; len(raw) > 0 && json.Unmarshal(raw, &value) != nil {
		return "", Errorf(InvalidConfig, "%s must be text", field)
	}
	return strings.TrimSpace(value), nil
}

// plain is Text, for numbers and booleans as well.
func (f Fields) plain(field Field) string {
	value, err := f.Text(field)
	if err != nil {
		return string(f[field.Name])
	}
	return value
}

// Choice returns which of the values was chosen, the first where none was.
func (f Fields) Choice(field Field, values ...string) (string, error) {
	value, err := f.Text(field)
	switch {
	case err != nil:
		return "", err
	case value == "":
		return values[0], nil
	case !slices.Contains(values, value):
		last := len(values) - 1
		return "", field.Wrong("must be "+strings.Join(values[:last], ", ")+" or "+values[last], value)
	}
	return value, nil
}

// Checked reports whether a box was checked.
func (f Fields) Checked(field Field) (bool, error) {
	switch value := f.plain(field); value {
	case "true", "on":
		return true, nil
	case "false", "":
		return false, nil
	default:
		return false, field.Wrong("must be true or false", value)
	}
}

// WholeNumber returns the number that was entered, otherwise where none was.
func (f Fields) WholeNumber(field Field, lowest, highest, otherwise int) (int, error) {
	value := f.plain(field)
	if value == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < lowest || n > highest {
		return 0, field.Wrong(fmt.Sprintf("must be a whole number from %d to %d", lowest, highest), value)
	}
	return n, nil
}
