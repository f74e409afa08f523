// Package component is the contract between a connector's functions and the
// runtime that serves them. A function implements Handler, is described by a
// Spec, and is found through a Registry. Only the standard library is used
// here, so that a function can be read and tested without the runtime.
package component

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
)

// Handler does the work of one function for one message at a time. It is
// called from as many goroutines as the step's prefetch allows.
//
// A returned error becomes an error emit, a *Rebound asks the platform to
// bring the message back later. Handlers never settle a message: the runtime
// does, once Handle has returned.
type Handler interface {
	Handle(ctx context.Context, req Request, out Emitter) error
}

// HandlerFunc lets a function serve as a Handler.
type HandlerFunc func(ctx context.Context, req Request, out Emitter) error

// Handle calls f.
func (f HandlerFunc) Handle(ctx context.Context, req Request, out Emitter) error {
	return f(ctx, req, out)
}

// Request is one incoming message with what the runtime knows about it.
type Request struct {
	Message  Message
	Snapshot json.RawMessage // the step's snapshot, a JSON object
	// MessageID is the AMQP header messageId, empty when the sender set none.
	MessageID string
	// ReplyTo is set when an HTTP caller waits for the answer.
	ReplyTo string
	// Stopping is closed when the process is to end. A handler that could go on
	// for long looks at it and returns ErrStopping. Nil means never.
	Stopping <-chan struct{}
	// Log carries the message's threadId, messageId and parentMessageId.
	Log *slog.Logger
}

// Emitter sends what a function produces. Each call returns when the broker
// has confirmed the message, or with the reason why it could not.
// It is safe for concurrent use.
type Emitter interface {
	// Data emits a message to the next step.
	Data(ctx context.Context, msg Message) error
	// Error emits an error beside other results; the incoming message is
	// rejected at the end. To fail as a whole, return the error instead.
	Error(ctx context.Context, err error) error
	// Snapshot replaces the step's snapshot, a JSON object.
	Snapshot(ctx context.Context, snapshot json.RawMessage) error
	// UpdateSnapshot sets the members of changes, a JSON object, in the step's
	// snapshot and leaves the others.
	UpdateSnapshot(ctx context.Context, changes json.RawMessage) error
	// HTTPReply answers the HTTP caller that waits; it fails when none does.
	HTTPReply(ctx context.Context, reply HTTPReply) error
	// UpdateKeys stores new credentials, a JSON object, in the account that the
	// step uses.
	UpdateKeys(ctx context.Context, keys json.RawMessage) error
}

// HTTPReply is an answer to an HTTP caller. Like a Message, it prints as its
// sizes only.
type HTTPReply struct {
	StatusCode int             `json:"statusCode,omitempty"` // 0 leaves it to the platform
	Headers    map[string]any  `json:"headers"`
	Body       json.RawMessage `json:"body,omitempty"`
}

// Format prints the reply's shape for every verb.
func (r HTTPReply) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "reply{status: %d, headers: %d, body: %d bytes}", r.StatusCode, len(r.Headers), len(r.Body))
}

// LogValue is Format, for slog.
func (r HTTPReply) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(r)) }

// Kind tells a trigger, which starts a flow, from an action inside one.
type Kind string

// The two kinds, named as component.json's sections are.
const (
	Trigger Kind = "triggers"
	Action  Kind = "actions"
)

// Spec registers one function.
type Spec struct {
	Name string
	Kind Kind
	// New builds the handler once the step's configuration is known. It must
	// not reach out to the network: a wrong configuration is best reported for
	// each message, where the flow's owner sees it.
	New func(deps Deps) (Handler, error)

	// The rest is optional.

	// Defaults are members of a message's body that the step's fields hold.
	Defaults []Default
	// Complete returns a message's body with what the step's fields add to it. The
	// schema checks what it returns.
	Complete func(config, body json.RawMessage) (json.RawMessage, error)
	// Init runs in every container before the first message.
	Init func(ctx context.Context, deps Deps) error
	// Startup runs once when the flow starts. The platform keeps the JSON object
	// that it returns, and hands it to Shutdown when the flow ends.
	Startup  func(ctx context.Context, deps Deps) (json.RawMessage, error)
	Shutdown func(ctx context.Context, deps Deps, startupData json.RawMessage) error
	// MetaModel and Models answer the flow designer while a step is configured.
	MetaModel func(ctx context.Context, deps Deps) (json.RawMessage, error)
	Models    map[string]func(ctx context.Context, deps Deps) (json.RawMessage, error)
}

// Default is a member of a message's body that a field of the step stands in for
// where the body has none, or null.
type Default struct {
	Member string
	Field  string
	Hint   string // what to do where neither is given
}

// Deps is what the runtime hands to Spec.New.
type Deps struct {
	// Config is the step's configuration, a JSON object with the fields of the
	// function and of the credentials side by side. It holds credentials.
	Config json.RawMessage
	// Variables are the flow's; they may hold secrets.
	Variables map[string]string
	FlowID    string
	// IdempotencyToken returns a UUID that is the same whenever the step gets the
	// same input in a message of that id, and that tells nothing of the input. It
	// is nil outside a flow.
	IdempotencyToken func(messageID string, input []byte) string
	// SizeLimit is the largest message that can be emitted, in bytes after
	// encoding, and a larger one where bodies go to the object storage; 0 means no
	// limit.
	SizeLimit int
	Log       *slog.Logger
}
