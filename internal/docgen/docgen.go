// Package docgen writes the reference of all functions from component.json and
// the schemas, so that it never tells something else than the code does.
package docgen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/schemas"
)

//go:generate go run ./gen

// The marks in README.md between which the table of functions stands.
const (
	Begin = "<!-- actions:begin -->"
	End   = "<!-- actions:end -->"
)

type descriptor struct {
	Triggers ordered[function]
	Actions  ordered[function]
}

type function struct {
	Title       string
	Description string
	Help        struct{ Link string }
	Fields      ordered[field]
}

type field struct {
	Label, Note, Default string
	Model                ordered[string]
}

// does and needs split a description: what the function does, and the IAM
// actions that it needs.
func (f function) does() string {
	does, _, _ := strings.Cut(f.Description, " Needs ")
	return does
}

func (f function) needs() string {
	_, needs, _ := strings.Cut(f.Description, " Needs ")
	return strings.TrimSuffix(needs, ".")
}

func read() (descriptor, error) {
	var d descriptor
	if err := json.Unmarshal(connector.Descriptor, &d); err != nil {
		return d, fmt.Errorf("read component.json: %w", err)
	}
	return d, nil
}

// Reference returns the text of docs/actions.md.
func Reference() ([]byte, error) {
	d, err := read()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("<!-- Made by `go generate ./internal/docgen` from component.json and schemas/. Do not edit. -->\n\n# Functions\n\n")
	b.WriteString("Members have the names that AWS gives them. A number or boolean may be given as text. Dates are ISO 8601 in UTC,\n" +
		"binaries base64. `[]` stands for each entry of a list, `{}` for each value of a map.\n\n")
	table(&b, d, "")
	for _, section := range []struct {
		title     string
		functions ordered[function]
	}{{"Triggers", d.Triggers}, {"Actions", d.Actions}} {
		fmt.Fprintf(&b, "\n## %s\n", section.title)
		for name, f := range section.functions.all() {
			if err := chapter(&b, name, f); err != nil {
				return nil, err
			}
		}
	}
	return b.Bytes(), nil
}

// ReadmeTable returns the compact table of all functions, with links into
// docs/actions.md.
func ReadmeTable() (string, error) {
	d, err := read()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	table(&b, d, "docs/actions.md")
	return b.String(), nil
}

// UpdateReadme returns readme with the table between its marks brought up to
// date. It fails when a mark is missing.
func UpdateReadme(readme []byte) ([]byte, error) {
	before, rest, ok := bytes.Cut(readme, []byte(Begin+"\n"))
	_, after, closed := bytes.Cut(rest, []byte(End))
	if !ok || !closed {
		return nil, errors.New("the readme has no lines " + Begin + " and " + End)
	}
	text, err := ReadmeTable()
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{before, []byte(Begin + "\n" + text + End), after}, nil), nil
}

func table(b *bytes.Buffer, d descriptor, file string) {
	row(b, "function", "what it does", "IAM actions it needs")
	row(b, "---", "---", "---")
	for _, functions := range []ordered[function]{d.Triggers, d.Actions} {
		for name, f := range functions.all() {
			row(b, fmt.Sprintf("[%s](%s#%s)", name, file, strings.ToLower(name)), f.does(), permissions(f.needs()))
		}
	}
}

func chapter(b *bytes.Buffer, name string, f function) error {
	fmt.Fprintf(b, "\n### %s\n\n**%s.** %s\n", name, f.Title, f.does())
	if f.Help.Link != "" {
		fmt.Fprintf(b, "\nIt needs %s.\n\n[What AWS says about it](%s)\n", permissions(f.needs()), f.Help.Link)
	}
	for name, field := range f.Fields.all() {
		fmt.Fprintf(b, "\nField `%s` (%s), default `%s`:\n\n", name, field.Label, field.Default)
		for value, label := range field.Model.all() {
			fmt.Fprintf(b, "- `%s`: %s\n", value, label)
		}
	}
	for _, direction := range []string{"in", "out"} {
		text, err := schemas.FS.ReadFile(name + "." + direction + ".json")
		if err != nil {
			return fmt.Errorf("read schema: %w", err)
		}
		var s node
		if err := json.Unmarshal(text, &s); err != nil {
			return fmt.Errorf("read schema %s.%s: %w", name, direction, err)
		}
		fmt.Fprintf(b, "\n#### %s: %s\n\n%s\n", name, direction, s.Description)
		members(b, s)
	}
	return nil
}

// members writes the table of all members, and the rules between them.
func members(b *bytes.Buffer, s node) {
	if len(s.Properties.names) == 0 {
		return
	}
	b.WriteByte('\n')
	row(b, "member", "type", "required", "limits", "description")
	row(b, "---", "---", "---", "---", "---")
	var rules []string
	s.walk("", func(path string, n node) {
		if path != "" {
			required := ""
			if n.Required {
				required = "yes"
			}
			row(b, "`"+path+"`", n.kind(), required, n.limits(), n.Description)
		}
		rules = append(rules, n.rules(path)...)
	})
	if len(rules) > 0 {
		b.WriteByte('\n')
	}
	for _, rule := range rules {
		fmt.Fprintf(b, "- %s\n", rule)
	}
}

// permissions sets the IAM actions of a text in code style.
func permissions(text string) string {
	words := strings.Fields(text)
	for i, word := range words {
		if !strings.Contains(word, ":") {
			continue
		}
		name := strings.TrimRight(word, ",;.")
		words[i] = "`" + name + "`" + word[len(name):]
	}
	return strings.Join(words, " ")
}

func row(b *bytes.Buffer, cells ...string) {
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(cell, "|", `\|`)
	}
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
