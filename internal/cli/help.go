package cli

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

const overview = `AWS Secrets Manager connector for flow platforms.

Without a command it serves the step that its ELASTICIO_ environment variables
name.`

func writeOverview(w io.Writer) error {
	var rows [][2]string
	for _, c := range commands() {
		rows = append(rows, [2]string{c.name, c.purpose})
	}
	_, err := fmt.Fprintf(w, "Usage: component [COMMAND] [flags]\n\n%s\n%s%s\nMore about a command: component COMMAND --help\n",
		overview, table("Commands", rows), command{}.flagTable())
	return err
}

func (c command) writeHelp(w io.Writer) error {
	text := c.purpose + "\n"
	if c.details != "" {
		text += "\n" + c.details + "\n"
	}
	_, err := fmt.Fprintf(w, "Usage: %s [flags]\n\n%s%s", invocation(c.name+" "+c.synopsis), text, c.flagTable())
	return err
}

func (c command) flagTable() string {
	flags := c.flagSet(new(questions))
	letters := map[flag.Value]string{}
	flags.VisitAll(func(f *flag.Flag) {
		if len(f.Name) == 1 {
			letters[f.Value] = f.Name
		}
	})
	var rows [][2]string
	flags.VisitAll(func(f *flag.Flag) {
		if len(f.Name) == 1 {
			return
		}
		placeholder, usage := flag.UnquoteUsage(f)
		name := "    --" + f.Name
		if short, ok := letters[f.Value]; ok {
			name = "-" + short + ", --" + f.Name
		}
		if !isSwitch(f) && f.DefValue != "" {
			usage += " (default " + f.DefValue + ")"
		}
		rows = append(rows, [2]string{strings.TrimRight(name+" "+placeholder, " "), usage})
	})
	return table("Flags", rows)
}

// table is a title above two columns.
func table(title string, rows [][2]string) string {
	width := 0
	for _, row := range rows {
		width = max(width, len(row[0]))
	}
	text := "\n" + title + ":\n"
	for _, row := range rows {
		text += fmt.Sprintf("  %-*s  %s\n", width, row[0], row[1])
	}
	return text
}
