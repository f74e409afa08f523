// Command gen writes docs/actions.md and the table in README.md. It runs in
// internal/docgen, by go generate.
package main

import (
	"fmt"
	"os"

	"aws-secrets-manager-connector/internal/docgen"
)

func main() {
	if err := run("../../docs/actions.md", "../../README.md"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(reference, readme string) error {
	text, err := docgen.Reference()
	if err != nil {
		return err
	}
	if err := os.WriteFile(reference, text, 0o644); err != nil {
		return err
	}
	old, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	text, err = docgen.UpdateReadme(old)
	if err != nil {
		return err
	}
	return os.WriteFile(readme, text, 0o644)
}
