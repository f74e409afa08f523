// Package cli is the command line: what the container runs, and the tools for
// local work.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
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

func (e usageError) Unwrap() error { return e.error }

// newUsageError returns the error of a command line that cannot be followed. It
// says where help is.
func newUsageError(command, text string) error {
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

// dispatch runs the command that the arguments name, or shows help or version.
func dispatch(ctx context.Context, p Process) error {
	var global globalFlags
	flags := command{}.flagSet(&global)
	flags.SetInterspersed(false) // what follows the command's name is its own
	if err := flags.Parse(launchArgs(p.Args)); err != nil {
		return newUsageError("", flagProblem(err))
	}
	named := flags.NArg() > 0
	name, args := defaultCommand, []string(nil)
	if named {
		name, args = flags.Arg(0), flags.Args()[1:]
	}
	c, err := find(name)
	if err != nil {
		return err
	}
	if err := c.parse(args, &global); err != nil {
		return err
	}
	switch {
	case global.help && !named:
		return writeOverview(p.Stdout)
	case global.help:
		return c.writeHelp(p.Stdout)
	case global.version:
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
