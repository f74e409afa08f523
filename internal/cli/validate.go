package cli

import (
	"errors"
	"fmt"

	"aws-secrets-manager-connector/internal/settings"
)

type validateCommand struct{}

// Run compiles what a step compiles at its start, for every function.
func (validateCommand) Run(p Process) error {
	registry, err := newRegistry("", settings.Operator{})
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range registry.Names() {
		if _, _, err := loadSchemas(name); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "component.json and the schemas of %d functions are in order\n", len(registry.Names()))
	return err
}
