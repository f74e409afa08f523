// Command docgen writes docs/actions.md and parts of README.md from component.json
// and the schemas, so that they never tell something else than the code does. It
// runs in its own directory, by go generate.
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

func parse(name string) (*template.Template, error) {
	return template.New(name).Funcs(template.FuncMap{
		"cell":  func(text string) string { return strings.ReplaceAll(text, "|", `\|`) },
		"lower": strings.ToLower,
		"join":  strings.Join,
	}).ParseFS(files, name)
}

func render(name string, c component) ([]byte, error) {
	t, err := parse(name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, c)
	return b.Bytes(), err
}
