package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"aws-secrets-manager-connector/internal/sailor"
	"aws-secrets-manager-connector/internal/standin"
)

// trace prints the story for a person: each message in and out, with its time,
// function, the headers that matter, and the body with its secrets masked.
type trace struct {
	w           io.Writer
	colour      bool
	showSecrets bool
	schemas     sailor.SchemaLoader
}

const (
	bold   = "1"
	red    = "31"
	green  = "32"
	cyan   = "36"
	grey   = "90"
	indent = "                   "
)

func (t *trace) opening(realBroker bool) {
	where := "a broker in memory"
	if realBroker {
		where = "the RabbitMQ of AMQP_URI"
	}
	t.line("%s", t.paint(bold, "AWS Secrets Manager connector: a short story"))
	t.line("%s", t.paint(grey, fmt.Sprintf("one sailor per function, %s, a stand-in for the platform and for AWS, all on this machine", where)))
}

func (t *trace) chapter(number int, title string) {
	t.line("\n%s", t.paint(bold, fmt.Sprintf("%2d  %s", number, title)))
}

func (t *trace) incoming(m standin.Sent) {
	in, _, err := t.schemas(m.Function)
	body := "***"
	if err == nil {
		body = t.body(in, m.Body)
	}
	t.message(m.At, t.paint(cyan, "→"), m.Function, "in", shown(m.Headers, "messageId", "protocolVersion"))
	t.line("%s%s", indent, body)
}

func (t *trace) outgoing(m standin.Received, after time.Duration) {
	colour, body := green, ""
	switch m.Kind {
	case "error":
		colour, body = red, m.Failure.Name+": "+m.Failure.Message
	case "data":
		if _, out, err := t.schemas(m.Function); err == nil {
			body = t.body(out, m.Content)
		}
	}
	headers := shown(m.Headers, "messageId", "parentMessageId", "protocolVersion")
	t.message(time.Now(), t.paint(colour, "←"), m.Function, t.paint(colour, m.Kind),
		append(headers, t.paint(grey, fmt.Sprintf("%.1f ms", float64(after.Microseconds())/1000))))
	for line := range strings.SplitSeq(body, "\n") {
		t.line("%s%s", indent, line)
	}
}

func (t *trace) ending(chapters int, calls map[string]int, took time.Duration) {
	var parts []string
	total := 0
	for _, operation := range slices.Sorted(maps.Keys(calls)) {
		parts = append(parts, fmt.Sprintf("%s %d", operation, calls[operation]))
		total += calls[operation]
	}
	t.line("\n%s", t.paint(bold, fmt.Sprintf("%d messages in, %d out, %d AWS calls, %.1f s", chapters, chapters, total, took.Seconds())))
	t.line("%s", t.paint(grey, "AWS calls: "+strings.Join(parts, ", ")))
}

func (t *trace) message(at time.Time, arrow, function, kind string, details []string) {
	t.line("    %s %s %s %s  %s", at.Format("15:04:05.000"), arrow, t.paint(bold, function), kind, strings.Join(details, "  "))
}

// masker hides the secret values of a document.
type masker interface {
	Mask(document json.RawMessage) json.RawMessage
}

func (t *trace) body(schema masker, body json.RawMessage) string {
	if t.showSecrets {
		return string(body)
	}
	return string(schema.Mask(body))
}

// shown are the headers that matter, ids cut to what tells them apart.
func shown(headers map[string]any, names ...string) []string {
	var out []string
	for _, name := range names {
		if value, ok := headers[name]; ok {
			text := fmt.Sprint(value)
			if len(text) > 8 {
				text = text[:8] + "…"
			}
			out = append(out, name+" "+text)
		}
	}
	return out
}

func (t *trace) line(format string, args ...any) {
	_, _ = fmt.Fprintf(t.w, format+"\n", args...)
}

func (t *trace) paint(colour, text string) string {
	if !t.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}
