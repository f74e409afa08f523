// Package cli is the command line: what the container runs, and the tools for
// local work.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
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

const description = `AWS Secrets Manager connector for flow platforms.

Without a command it serves the step that its ELASTICIO_ environment variables name.`

type commands struct {
	Run      runCommand      `cmd:"" default:"1" help:"Serve a step of a flow; this is what the container does."`
	Service  serviceCommand  `cmd:"" help:"Answer one request of the platform while a step is configured."`
	Demo     demoCommand     `cmd:"" help:"Show the whole job on this machine: broker, platform, AWS and a short story of messages."`
	Process  processCommand  `cmd:"" help:"Run one function on a fake message."`
	Exec     execCommand     `cmd:"" help:"Check credentials or ask for a model without a platform."`
	Emulator emulatorCommand `cmd:"" help:"Serve AWS Secrets Manager from memory, for any AWS SDK or CLI."`
	Validate validateCommand `cmd:"" help:"Check component.json and the schemas."`

	Version kong.VersionFlag `help:"Print the version."`
}

// errReported ends the program with statusFailed; its reason has been shown.
var errReported = errors.New("failed")

// usageError ends the program with statusUsage.
type usageError struct{ error }

// Main runs the program and returns its exit status.
func Main(ctx context.Context, p Process) int {
	var cmds commands
	exit := exitStatus(-1)
	parser, err := kong.New(&cmds,
		kong.Name("component"),
		kong.Description(description),
		kong.Vars{"version": p.Version},
		kong.Writers(p.Stdout, p.Stderr),
		kong.Exit(func(status int) { panic(exitStatus(status)) }),
	)
	if err != nil {
		return fail(p, statusFailed, err)
	}
	kctx, err := parse(parser, launchArgs(p.Args), &exit)
	if exit >= 0 {
		return int(exit)
	}
	if err != nil {
		return fail(p, statusUsage, fmt.Errorf("%w\nto see what there is: component --help", err))
	}
	kctx.BindTo(ctx, (*context.Context)(nil))
	var usage usageError
	switch err := kctx.Run(p); {
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

type exitStatus int

// parse keeps kong from ending the process after --help and --version.
func parse(parser *kong.Kong, args []string, exit *exitStatus) (kctx *kong.Context, err error) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case exitStatus:
			*exit = value
		default:
			panic(value)
		}
	}()
	return parser.Parse(args)
}

func fail(p Process, status int, err error) int {
	_, _ = fmt.Fprintf(p.Stderr, "component: %v\n", err)
	return status
}
