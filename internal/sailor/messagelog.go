package sailor

import (
	"context"
	"log/slog"

	"aws-secrets-manager-connector/internal/envelope"
)

// messageLog returns a logger whose lines tell the message that they are about.
func messageLog(log *slog.Logger, message *envelope.Headers) *slog.Logger {
	return slog.New(messageHandler{log.Handler(), message})
}

// messageHandler makes its attributes when a line is written. Logger.With would
// encode them for each message, and of most messages nothing is ever written.
type messageHandler struct {
	slog.Handler
	message *envelope.Headers
}

func (h messageHandler) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(h.attrs()...)
	return h.Handler.Handle(ctx, r)
}

func (h messageHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.Handler.WithAttrs(h.attrs()).WithAttrs(attrs)
}

func (h messageHandler) WithGroup(name string) slog.Handler {
	return h.Handler.WithAttrs(h.attrs()).WithGroup(name)
}

func (h messageHandler) attrs() []slog.Attr {
	return []slog.Attr{
		slog.String("threadId", h.message.ThreadID),
		slog.String("messageId", h.message.MessageID),
		slog.String("parentMessageId", h.message.ParentMessageID),
	}
}
