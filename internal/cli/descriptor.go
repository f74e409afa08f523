package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	connector "aws-secrets-manager-connector"
)

// descriptor reads component.json from the directory that COMPONENT_PATH
// names, below the working directory. Where there is none, the one that the
// binary carries serves, unless the directory was asked for.
func descriptor(componentPath string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(componentPath, "component.json"))
	switch {
	case err == nil:
		return raw, nil
	case errors.Is(err, fs.ErrNotExist) && componentPath == "":
		return connector.Descriptor, nil
	default:
		return nil, fmt.Errorf("read component.json: %w", err)
	}
}
