package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	connector "aws-secrets-manager-connector"
)

// carried is the source of the component.json that the binary carries.
const carried = "the component.json inside the program"

// descriptor reads component.json from a directory; none is the working
// directory. Where it has none, the one that the binary carries serves, unless
// the directory was asked for. The source says which one it is.
func descriptor(directory string) (document []byte, source string, err error) {
	file := filepath.Join(directory, "component.json")
	document, err = os.ReadFile(file)
	switch {
	case err == nil:
		return document, file, nil
	case errors.Is(err, fs.ErrNotExist) && directory == "":
		return connector.Descriptor, carried, nil
	default:
		return nil, "", fmt.Errorf("read component.json: %w", fileError(err))
	}
}
