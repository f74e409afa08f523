package sailor

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"aws-secrets-manager-connector/internal/component"
)

// emitter is the function's way out for one incoming message. It keeps what
// decides the message's outcome.
type emitter struct {
	step stepRuntime
	in   *incoming

	mu          sync.Mutex
	emits       int
	errors      int   // error emits
	failedEmits error // of data
}

// stepRuntime sends what is emitted for a message in work. The place of an emit is
// its number among those of the message, from 1 on.
type stepRuntime interface {
	now() time.Time
	emitData(ctx context.Context, in *incoming, place int, msg component.Message) error
	// emitError says when the work ended, unless end is zero.
	emitError(ctx context.Context, in *incoming, place int, cause error, end time.Time) error
	emitSnapshot(ctx context.Context, in *incoming, place int, snapshot json.RawMessage) error
	emitSnapshotUpdate(ctx context.Context, in *incoming, place int, changes json.RawMessage) error
	emitHTTPReply(ctx context.Context, in *incoming, place int, reply component.HTTPReply) error
	updateKeys(ctx context.Context, keys json.RawMessage) error
}

// next returns the place of the next emit.
func (e *emitter) next() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.emits++
	return e.emits
}

// summary returns how many errors were emitted, and why data could not be.
func (e *emitter) summary() (errorEmits int, failedEmits error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.errors, e.failedEmits
}

// Data implements component.Emitter.
func (e *emitter) Data(ctx context.Context, msg component.Message) error {
	err := e.step.emitData(ctx, e.in, e.next(), msg)
	if err != nil {
		e.mu.Lock()
		e.failedEmits = errors.Join(e.failedEmits, err)
		e.mu.Unlock()
	}
	return err
}

// Error implements component.Emitter.
func (e *emitter) Error(ctx context.Context, cause error) error {
	place := e.next()
	e.mu.Lock()
	e.errors++
	e.mu.Unlock()
	return e.step.emitError(ctx, e.in, place, cause, e.step.now())
}

// Snapshot implements component.Emitter.
func (e *emitter) Snapshot(ctx context.Context, snapshot json.RawMessage) error {
	return e.step.emitSnapshot(ctx, e.in, e.next(), snapshot)
}

// UpdateSnapshot implements component.Emitter.
func (e *emitter) UpdateSnapshot(ctx context.Context, changes json.RawMessage) error {
	return e.step.emitSnapshotUpdate(ctx, e.in, e.next(), changes)
}

// HTTPReply implements component.Emitter.
func (e *emitter) HTTPReply(ctx context.Context, reply component.HTTPReply) error {
	return e.step.emitHTTPReply(ctx, e.in, e.next(), reply)
}

// UpdateKeys implements component.Emitter.
func (e *emitter) UpdateKeys(ctx context.Context, keys json.RawMessage) error {
	return e.step.updateKeys(ctx, keys)
}
