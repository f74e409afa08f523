package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"aws-secrets-manager-connector/internal/emulator"
)

// stateFile keeps an emulator's secrets; the zero value keeps nothing.
type stateFile string

// load reads the file, unless there is none yet, and writes it at once: what
// cannot be kept is better known before anything is done.
func (s stateFile) load(aws *emulator.Emulator) error {
	if s == "" {
		return nil
	}
	if err := readFile("state", string(s), aws.Load); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.save(aws); err != nil {
		return usageError{err}
	}
	return nil
}

// save replaces the file at once: whoever reads it sees the old or the new one.
func (s stateFile) save(aws *emulator.Emulator) error {
	if s == "" {
		return nil
	}
	if err := replaceFile(string(s), aws); err != nil {
		return fmt.Errorf("save the state: %w", fileError(err))
	}
	return nil
}

func replaceFile(name string, with *emulator.Emulator) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // for its owner alone
	if err != nil {
		return err
	}
	err = errors.Join(with.Save(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
