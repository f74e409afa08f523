package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"aws-secrets-manager-connector/internal/apimodel"
	"aws-secrets-manager-connector/internal/iampolicy"
	"aws-secrets-manager-connector/internal/rawjson"
)

// component is component.json with its schemas, as far as the templates show it.
type component struct {
	EnvVars           ordered[struct{ Description string }]
	Credentials       struct{ Fields ordered[field] }
	Triggers, Actions ordered[*function]
}

type function struct {
	Title       string
	Order       int
	Description string
	Help        struct{ Description string }
	Fields      ordered[field]
	In, Out     node             `json:"-"`
	Errors      []string         `json:"-"` // the codes that AWS names for its operations
	IsOperation bool             `json:"-"` // of AWS, and not made of several
	Notes       string           `json:"-"` // what else there is to know
	Policy      iampolicy.Policy `json:"-"`
}

type field struct {
	Label, Default string
	Required       bool
	Help           struct{ Description string }
	Model          json.RawMessage
}

// Choices are those of a drop-down that always has the same ones.
func (f field) Choices() (choices ordered[string]) {
	if json.Unmarshal(f.Model, &choices) != nil { // the name of a model, or nothing
		return nil
	}
	return choices
}

func readComponent(descriptor []byte, schemas fs.FS) (c component, err error) {
	if err := json.Unmarshal(descriptor, &c); err != nil {
		return c, fmt.Errorf("read component.json: %w", err)
	}
	operations, err := apimodel.Operations()
	if err != nil {
		return c, err
	}
	for _, f := range c.Functions() {
		needs, known := iampolicy.Of(f.Name)
		if !known {
			return c, fmt.Errorf("it is not known what %s needs", f.Name)
		}
		_, f.Value.IsOperation = operations[f.Name]
		f.Value.Errors = errorsOf(f.Name, needs, operations)
		f.Value.Policy = needs.Policy(iampolicy.Secret{})
		if f.Value.Notes, err = readNotes(f.Name); err != nil {
			return c, err
		}
		if f.Value.In, err = readSchema(schemas, f.Name+".in.json"); err != nil {
			return c, err
		}
		if f.Value.Out, err = readSchema(schemas, f.Name+".out.json"); err != nil {
			return c, err
		}
	}
	return c, nil
}

// errorsOf are the codes that AWS names for an operation, or for those that a
// function is made of.
func errorsOf(function string, needs iampolicy.Needs, operations map[string]apimodel.Operation) []string {
	codes := slices.Clone(operations[function].Errors)
	if codes == nil {
		for _, need := range needs {
			if operation, ok := strings.CutPrefix(need.Action, "secretsmanager:"); ok && need.When != "for the list of secrets" {
				codes = append(codes, operations[operation].Errors...)
			}
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// readNotes returns what notes/<function>.md says, if there is one.
func readNotes(function string) (string, error) {
	text, err := fs.ReadFile(files, "notes/"+function+".md")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}

func readSchema(schemas fs.FS, name string) (n node, err error) {
	text, err := fs.ReadFile(schemas, name)
	if err != nil {
		return n, fmt.Errorf("read schema: %w", err)
	}
	if err := json.Unmarshal(text, &n); err != nil {
		return n, fmt.Errorf("read schema %s: %w", name, err)
	}
	return n, nil
}

// Functions are the triggers and then the actions.
func (c component) Functions() ordered[*function] {
	return slices.Concat(c.Triggers, c.Actions)
}

// Composed are the names of the actions that AWS does not have.
func (c component) Composed() (names []string) {
	for _, f := range c.Actions {
		if !f.Value.IsOperation {
			names = append(names, f.Name)
		}
	}
	return names
}

// Does is the part of the description that says what the function does.
func (f function) Does() string {
	does, _, _ := strings.Cut(f.Description, " Needs ")
	return does
}

// Needs is the part of the description that says which IAM actions the function
// needs, with those in code style.
func (f function) Needs() string {
	_, needs, _ := strings.Cut(f.Description, " Needs ")
	words := strings.Fields(strings.TrimSuffix(needs, "."))
	for i, word := range words {
		if name := strings.TrimRight(word, ",;"); strings.Contains(name, ":") {
			words[i] = "`" + name + "`" + word[len(name):]
		}
	}
	return strings.Join(words, " ")
}

// ordered is a JSON object whose members keep the order of the file.
type ordered[V any] []member[V]

type member[V any] struct {
	Name  string
	Value V
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *ordered[V]) UnmarshalJSON(text []byte) (err error) {
	ok := rawjson.EachMember(text, func(name []byte, value json.RawMessage) bool {
		m := member[V]{Name: string(name)}
		if err = json.Unmarshal(value, &m.Value); err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		*o = append(*o, m)
		return err == nil
	})
	if !ok && err == nil {
		err = errors.New("not an object with plain names")
	}
	return err
}
