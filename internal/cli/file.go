package cli

import (
	"errors"
	"io/fs"
	"strings"
)

// fileError is the error of a file that was named on the command line, without
// the name where that looks like JSON or a URL in the wrong place, which may hold
// secrets.
func fileError(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok && strings.ContainsAny(failed.Path, "{\"\n@?") {
		return failed.Err
	}
	return err
}
