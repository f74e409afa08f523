package cli

import (
	"fmt"
	"io"
)

const overview = `AWS Secrets Manager connector for flow platforms.

Without a command it serves the step that its ELASTICIO_ environment variables
name.`

func writeOverview(w io.Writer) error {
	list := ""
	for _, c := range commands() {
		list += fmt.Sprintf("  %-9s  %s\n", c.name, c.purpose)
	}
	_, err := fmt.Fprintf(w, "Usage: component [COMMAND] [flags]\n\n%s\n\nCommands:\n%s\nFlags:\n%s\nMore about a command: component COMMAND --help\n",
		overview, list, command{}.flagUsages())
	return err
}

func (c command) writeHelp(w io.Writer) error {
	text := c.purpose + "\n"
	if c.details != "" {
		text += "\n" + c.details + "\n"
	}
	_, err := fmt.Fprintf(w, "Usage: %s [flags]\n\n%s\nFlags:\n%s", invocation(c.name+" "+c.synopsis), text, c.flagUsages())
	return err
}

func (c command) flagUsages() string { return c.flagSet(new(globalFlags)).FlagUsages() }
