package component

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// Message is a decoded message of the platform:
// {"id", "headers", "body", "attachments", "passthrough"}.
//
// Headers, bodies and attachments may hold secrets, so a Message prints as its
// sizes only.
type Message struct {
	ID          string                     `json:"id,omitempty"`
	Headers     map[string]any             `json:"headers"`
	Body        json.RawMessage            `json:"body"`
	Attachments json.RawMessage            `json:"attachments,omitempty"`
	Passthrough map[string]json.RawMessage `json:"passthrough,omitempty"`
}

// NewMessage returns a message that carries body and nothing else.
func NewMessage(body json.RawMessage) Message {
	return Message{Headers: map[string]any{}, Body: body}
}

// String tells the message's shape without its contents.
func (m Message) String() string {
	return fmt.Sprintf("message{headers: %d, body: %d bytes, passthrough: %d}",
		len(m.Headers), len(m.Body), len(m.Passthrough))
}

// GoString is String, for %#v.
func (m Message) GoString() string { return m.String() }

// Format prints String for every verb.
func (m Message) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(m.String())) }

// LogValue is String, for slog.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.String()) }
