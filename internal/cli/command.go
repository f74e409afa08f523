package cli

import (
	"context"
	"strings"

	"github.com/spf13/pflag"
)

// command is one of the things that the program does.
type command struct {
	name     string
	synopsis string // what stands behind the name
	purpose  string // one line of help
	details  string // the rest of it, in lines of 80 characters

	argument *string              // takes the one that is not a flag; nil where the command has none
	flags    func(*pflag.FlagSet) // declares them; nil where the command has none
	run      func(context.Context, Process) error
}

// commands are in the order of the help.
func commands() []command {
	return []command{
		newRun(), newService(), newDemo(), newWorkbench(), newProcess(), newExec(), newEmulator(), newPolicy(), newValidate(),
	}
}

const defaultCommand = "run"

func find(name string) (command, error) {
	var names []string
	for _, c := range commands() {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
	}
	return command{}, newUsageError("", unknown("command", name)+"; the commands are "+strings.Join(names, ", "))
}
