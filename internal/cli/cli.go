// Package cli is the command line: what the container runs, and the tools for
// local work.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"slices"
	"strings"
)

// Process is the outside world of one run of the program.
type Process struct {
	Args    []string
	Env     func(name string) (string, bool)
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Version string
}

// Exit statuses.
const (
	statusOK     = 0
	statusFailed = 1 // the work failed: an error emit, a failed start
	statusUsage  = 2 // the command line, or a file that it names, is wrong
)

// errReported ends the program with statusFailed; its reason has been shown.
var errReported = errors.New("failed")

// usageError ends the program with statusUsage.
type usageError struct{ error }

// misuse is the usageError of a command line that cannot be followed. It says
// where help is.
func misuse(command, text string) error {
	return usageError{fmt.Errorf("%s\nto see what there is: %s --help", text, invocation(command))}
}

// invocation is how a command is called; none is the program itself.
func invocation(command string) string {
	return strings.TrimSpace("component " + command)
}

// Main runs the program and returns its exit status.
func Main(ctx context.Context, p Process) int {
	// net/http would tell what a server sends unasked, which may be a secret.
	log.SetOutput(io.Discard)
	var usage usageError
	switch err := dispatch(ctx, p); {
	case err == nil:
		return statusOK
	case errors.Is(err, errReported):
		return statusFailed
	case errors.As(err, &usage):
		return fail(p, statusUsage, err)
	default:
		return fail(p, statusFailed, err)
	}
}

// dispatch runs the command that the arguments name, or answers what they ask.
func dispatch(ctx context.Context, p Process) error {
	common, own := launchArgs(p.Args), []string{defaultCommand}
	named := slices.IndexFunc(common, func(arg string) bool { return !isFlag(arg) })
	if named >= 0 {
		common, own = common[:named], common[named:]
	}
	var asked questions
	if err := (command{}).parse(common, &asked); err != nil {
		return err
	}
	c, err := find(own[0])
	if err != nil {
		return err
	}
	if err := c.parse(own[1:], &asked); err != nil {
		return err
	}
	switch {
	case asked.help && named < 0:
		return writeOverview(p.Stdout)
	case asked.help:
		return c.writeHelp(p.Stdout)
	case asked.version:
		_, err := fmt.Fprintln(p.Stdout, p.Version)
		return err
	default:
		return c.run(ctx, p)
	}
}

func fail(p Process, status int, err error) int {
	_, _ = fmt.Fprintf(p.Stderr, "component: %v\n", err)
	return status
}
