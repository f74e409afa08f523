// Command docgen writes docs/actions.md and the list of functions in README.md
// from component.json and the schemas, so that they never tell something else
// than the code does. It runs in its own directory, by go generate.
package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/template"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/schemas"
)

//go:generate go run .

const (
	referenceFile = "../../docs/actions.md"
	readmeFile    = "../../README.md"

	// begin and end are the lines in the readme between which the list stands.
	begin = "<!-- actions:begin -->\n"
	end   = "<!-- actions:end -->\n"
)

//go:embed *.tmpl notes/*.md
var files embed.FS

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write() error {
	c, err := readComponent(connector.Descriptor, schemas.FS)
	if err != nil {
		return err
	}
	reference, err := render("actions.md.tmpl", c)
	if err != nil {
		return err
	}
	old, err := os.ReadFile(readmeFile)
	if err != nil {
		return err
	}
	readme, err := updateReadme(old, c)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(referenceFile, reference, 0o644), os.WriteFile(readmeFile, readme, 0o644))
}

// updateReadme returns readme with the list between its marks brought up to
// date. It fails when a mark is missing.
func updateReadme(readme []byte, c component) ([]byte, error) {
	before, rest, ok := bytes.Cut(readme, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return nil, fmt.Errorf("the readme has no lines %q and %q", begin, end)
	}
	list, err := render("readme.md.tmpl", c)
	return bytes.Join([][]byte{before, []byte(begin), list, []byte(end), after}, nil), err
}

func render(name string, c component) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{
		"cell":  func(text string) string { return strings.ReplaceAll(text, "|", `\|`) },
		"lower": strings.ToLower,
		"join":  strings.Join,
	}).ParseFS(files, name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, c)
	return b.Bytes(), err
}
