package demo

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/sailor"
	"aws-secrets-manager-connector/internal/terminal"
)

// trace prints the story for a person: each message in and out, with its time,
// function, the headers that matter, and the body with its secrets masked.
type trace struct {
	terminal.Style
	w       io.Writer
	schemas sailor.SchemaLoader
}

// bodyIndent sets bodies off from the lines that tell of their messages.
const bodyIndent = 8

func (t *trace) opening(realBroker bool) {
	where := "a broker in memory"
	if realBroker {
		where = "the RabbitMQ of AMQP_URI"
	}
	secrets := "*** stands for a secret"
	if t.ShowSecrets {
		secrets = "secrets are shown"
	}
	t.line("%s", t.Paint(terminal.Bold, "AWS Secrets Manager connector: a short story"))
	t.aside("one sailor per function, " + where + ", a fake of the platform and of AWS, all on this machine")
	t.aside("→ a message comes to a step, ← the step emits one; ids are cut to 8 characters; " + secrets)
	t.line("")
	t.row(terminal.Grey, columns{
		time: "time", arrow: " ", function: "function", kind: "kind",
		protocol: "protocolVersion", id: "messageId", parent: "parentMessageId", took: "took",
	})
}

func (t *trace) chapter(number int, title string) {
	t.line("\n%s", t.Paint(terminal.Bold, fmt.Sprintf("%2d  %s", number, title)))
}

func (t *trace) incoming(m fake.Sent) {
	t.row(terminal.Cyan, headersOf(m.Headers, columns{time: clock(m.At), arrow: "→", function: m.Function, kind: "in"}))
	if in, _, err := t.schemas(m.Function); err == nil {
		t.line("%s", t.Document(in, m.Body, bodyIndent))
	}
}

func (t *trace) outgoing(m fake.Received, after time.Duration) {
	colour := terminal.Green
	if m.Kind != "data" {
		colour = terminal.Red
	}
	t.row(colour, headersOf(m.Headers, columns{
		time: clock(time.Now()), arrow: "←", function: m.Function, kind: m.Kind,
		took: fmt.Sprintf("%.1f ms", float64(after.Microseconds())/1000),
	}))
	switch m.Kind {
	case "error":
		t.line("%s", t.Failure(m.Failure.Name, m.Failure.Message, bodyIndent))
	case "data":
		if _, out, err := t.schemas(m.Function); err == nil {
			t.line("%s", t.Document(out, m.Content, bodyIndent))
		}
	}
}

func (t *trace) ending(chapters int, calls map[string]int, took time.Duration) {
	var parts []string
	total := 0
	for _, operation := range slices.Sorted(maps.Keys(calls)) {
		parts = append(parts, fmt.Sprintf("%s %d", operation, calls[operation]))
		total += calls[operation]
	}
	t.line("\n%s", t.Paint(terminal.Bold, fmt.Sprintf("%d messages in, %d out, %d AWS calls, %.2f s", chapters, chapters, total, took.Seconds())))
	t.aside("AWS calls: " + strings.Join(parts, ", "))
}

// columns are what the trace tells of a message on one line.
type columns struct{ time, arrow, function, kind, protocol, id, parent, took string }

func (t *trace) row(colour terminal.Colour, c columns) {
	line := fmt.Sprintf("    %-12s %s %-15s %s %-16s %-10s %-16s %s",
		c.time, t.Paint(colour, c.arrow), c.function, t.Paint(colour, fmt.Sprintf("%-8s", c.kind)), c.protocol, c.id, c.parent, c.took)
	t.line("%s", strings.TrimRight(line, " "))
}

// headersOf fills in the headers that matter.
func headersOf(headers map[string]any, c columns) columns {
	text := func(name string) string {
		if value, ok := headers[name]; ok {
			return fmt.Sprint(value)
		}
		return ""
	}
	const enough = 8 // characters tell ids apart
	c.protocol = text("protocolVersion")
	c.id, c.parent = fmt.Sprintf("%.*s", enough, text("messageId")), fmt.Sprintf("%.*s", enough, text("parentMessageId"))
	return c
}

func clock(t time.Time) string { return t.Format("15:04:05.000") }

func (t *trace) aside(text string) { t.line("%s", t.Paint(terminal.Grey, t.Text(text, 0))) }

func (t *trace) line(format string, args ...any) {
	_, _ = fmt.Fprintf(t.w, format+"\n", args...)
}
