package component

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// Message is a decoded message of the platform, in JSON
// {"id", "headers", "body", "attachments", "passthrough"} and whatever else its
// sender put beside them.
//
// Headers, bodies and attachments may hold secrets, so a Message prints as its
// sizes only.
type Message struct {
	ID          string
	Headers     map[string]any
	Body        json.RawMessage // nil where the message has none
	Attachments json.RawMessage
	Passthrough map[string]json.RawMessage // by step
	// Extra are the members beyond these, as they came: an HTTP request has
	// method, query and url. An id that is no text is here, and so is a
	// passthrough that is null. They yield to the fields above.
	Extra map[string]json.RawMessage
}

// NewMessage returns a message that carries body and nothing else.
func NewMessage(body json.RawMessage) Message {
	return Message{Headers: map[string]any{}, Body: body}
}

// String tells the message's shape without its contents.
func (m Message) String() string {
	return fmt.Sprintf("message{headers: %d, body: %d bytes, passthrough: %d, extra: %d}",
		len(m.Headers), len(m.Body), len(m.Passthrough), len(m.Extra))
}

// GoString is String, for %#v.
func (m Message) GoString() string { return m.String() }

// Format prints String for every verb.
func (m Message) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(m.String())) }

// LogValue is String, for slog.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.String()) }
