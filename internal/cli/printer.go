package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/terminal"
)

// printer is the Emitter of a local run.
type printer struct {
	terminal.Style
	w    io.Writer
	out  terminal.Masker // knows the secrets in the data
	json bool

	mu     sync.Mutex // one emit at a time
	failed bool
}

// Data implements component.Emitter.
func (e *printer) Data(_ context.Context, msg component.Message) error {
	return e.document("data", "body", e.Mask(e.out, msg.Body))
}

// Snapshot implements component.Emitter.
func (e *printer) Snapshot(_ context.Context, snapshot json.RawMessage) error {
	return e.document("snapshot", "snapshot", e.Mask(undescribed{}, snapshot))
}

// UpdateSnapshot implements component.Emitter.
func (e *printer) UpdateSnapshot(_ context.Context, changes json.RawMessage) error {
	return e.document("updateSnapshot", "changes", e.Mask(undescribed{}, changes))
}

// HTTPReply implements component.Emitter.
func (e *printer) HTTPReply(_ context.Context, reply component.HTTPReply) error {
	return e.document("httpReply", "body", e.Mask(undescribed{}, reply.Body))
}

// UpdateKeys implements component.Emitter.
func (e *printer) UpdateKeys(_ context.Context, keys json.RawMessage) error {
	return e.document("updateKeys", "keys", e.Mask(undescribed{}, keys))
}

// Error implements component.Emitter.
func (e *printer) Error(_ context.Context, err error) error {
	kind, name := "error", "Error"
	var known *component.Error
	var rebound *component.Rebound
	if errors.As(err, &known) {
		name = known.Name
	}
	if errors.As(err, &rebound) {
		kind = "rebound"
	}
	fields := map[string]any{"name": name, "message": err.Error()}
	return e.emit(kind, terminal.Red, fields, e.Failure(name, err.Error(), 0))
}

func (e *printer) document(kind, field string, content json.RawMessage) error {
	return e.emit(kind, terminal.Green, map[string]any{field: content}, e.JSON(content, 0))
}

// emit shows fields to programs, text to people.
func (e *printer) emit(kind string, colour terminal.Colour, fields map[string]any, text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failed = e.failed || colour == terminal.Red
	if e.json {
		fields["emit"] = kind
		return json.NewEncoder(e.w).Encode(fields)
	}
	_, err := fmt.Fprintf(e.w, "%s %s\n%s\n", e.Paint(colour, "● "+kind), e.Paint(terminal.Grey, time.Now().Format(time.TimeOnly)), text)
	return err
}

// undescribed masks all of a document that no schema describes, for nobody
// knows what in it is secret.
type undescribed struct{}

func (undescribed) Mask(json.RawMessage) json.RawMessage { return json.RawMessage(`"***"`) }
