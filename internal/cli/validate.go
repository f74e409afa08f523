package cli

import (
	"context"
	"errors"
	"fmt"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/schemas"
)

type validateCommand struct{ Dir string }

func newValidate() command {
	var c validateCommand
	return command{
		name:     "validate",
		synopsis: "[DIR]",
		purpose:  "Check component.json and the schemas.",
		details: `DIR is the directory of the component.json; by default the working directory,
or what the program carries.`,
		argument: &c.Dir,
		run:      c.run,
	}
}

// run compiles what a step compiles at its start, for every function.
func (c *validateCommand) run(_ context.Context, p Process) error {
	_, source, err := descriptor(c.Dir)
	if err != nil {
		return usageError{err}
	}
	registry, err := newRegistry(c.Dir, awsapi.Options{})
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range registry.Names() {
		if _, _, err := schemas.Load(name); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%s and the schemas of %d functions are in order\n", source, len(registry.Names()))
	return err
}
