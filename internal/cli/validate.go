package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/componentjson"
	"aws-secrets-manager-connector/schemas"
)

type validateCommand struct{ Dir string }

func newValidate() command {
	var c validateCommand
	return command{
		name:     "validate",
		synopsis: "[DIR]",
		purpose:  "Check component.json and the schemas.",
		details: `DIR is the directory of the component.json; the files that it names, its docs
and its schemas are looked for there. By default it is the working directory, or
what the program carries, without other files. The rules are those of the
platform's own validator, and of what its designer shows.`,
		argument: &c.Dir,
		run:      c.run,
	}
}

// run prints every rule that is broken, each on a line of its own.
func (c *validateCommand) run(_ context.Context, p Process) error {
	document, source, err := descriptor(c.Dir)
	if err != nil {
		return usageError{err}
	}
	checked := componentjson.Component{Descriptor: document, Specs: specs(awsapi.Options{})}
	files := fs.FS(schemas.FS)
	if c.Dir != "" {
		checked.Files = os.DirFS(c.Dir)
		files = os.DirFS(filepath.Join(c.Dir, "schemas"))
	}
	if !json.Valid(document) { // one text is enough
		return fmt.Errorf("%s: %w", source, checked.Check())
	}
	registry, err := component.NewRegistry(document, checked.Specs...)
	if err := errors.Join(err, checked.Check(), componentjson.CheckSchemas(files)); err != nil {
		return fmt.Errorf("%s:\n%w", source, err)
	}
	_, err = fmt.Fprintf(p.Stdout, "%s and the schemas of %d functions are in order\n", source, len(registry.Names()))
	return err
}
