package sailor

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// emitter sends what the function makes of one incoming message.
type emitter struct {
	sailor   *Sailor
	delivery broker.Delivery
	headers  envelope.Headers
	start    time.Time

	mu          sync.Mutex
	passthrough map[string]json.RawMessage // of each emit, without itself
	errors      int                        // error emits
	failed      error                      // first data emit that failed
}

func (s *Sailor) newEmitter(d broker.Delivery, h envelope.Headers) *emitter {
	return &emitter{sailor: s, delivery: d, headers: h, start: s.Now()}
}

// Data implements component.Emitter.
func (e *emitter) Data(ctx context.Context, msg component.Message) error {
	err := e.data(ctx, msg)
	if err != nil {
		e.mu.Lock()
		e.failed = errors.Join(e.failed, err)
		e.mu.Unlock()
	}
	return err
}

func (e *emitter) data(ctx context.Context, msg component.Message) error {
	id := envelope.OwnID(msg)
	if id == nil {
		id = e.sailor.NewID()
	}
	if e.sailor.step.IsPassthrough {
		msg.Passthrough = e.inherited()
	}
	msg, err := e.sailor.exchange(ctx, &e.headers, msg)
	if err != nil {
		return err
	}
	if e.sailor.step.IsPassthrough {
		e.inherit(msg.Passthrough) // bodies that were moved once are not moved again
	}
	if err := e.sailor.addSelf(&msg); err != nil {
		return err
	}
	return e.sailor.outbox.data(ctx, msg, e.outgoing(id))
}

func (e *emitter) inherit(passthrough map[string]json.RawMessage) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.passthrough = passthrough
}

func (e *emitter) inherited() map[string]json.RawMessage {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.passthrough
}

// Error implements component.Emitter.
func (e *emitter) Error(ctx context.Context, cause error) error {
	e.mu.Lock()
	e.errors++
	e.mu.Unlock()
	return e.publishError(ctx, cause, e.outgoing(e.sailor.NewID()))
}

func (e *emitter) publishError(ctx context.Context, cause error, headers map[string]any) error {
	failure := describe(cause)
	messageLog(e.sailor.ComponentLog, &e.headers).Warn("function emitted an error", "error", failure.Name, "text", failure.Message)
	return e.sailor.outbox.error(ctx, failure, headers, e.delivery, e.headers)
}

// Snapshot implements component.Emitter.
func (e *emitter) Snapshot(ctx context.Context, snapshot json.RawMessage) error {
	e.sailor.setSnapshot(snapshot)
	return e.sailor.outbox.snapshot(ctx, snapshot, e.headersWithoutEnd(e.sailor.NewID()))
}

// UpdateSnapshot implements component.Emitter.
func (e *emitter) UpdateSnapshot(ctx context.Context, changes json.RawMessage) error {
	if err := e.sailor.mergeSnapshot(changes); err != nil {
		return err
	}
	return e.sailor.outbox.updateSnapshot(ctx, changes, e.headersWithoutEnd(e.sailor.NewID()))
}

// HTTPReply implements component.Emitter.
func (e *emitter) HTTPReply(ctx context.Context, reply component.HTTPReply) error {
	if e.headers.ReplyTo == "" {
		return errNobodyWaits
	}
	return e.sailor.outbox.httpReply(ctx, reply, e.headers.ReplyTo, e.headersWithoutEnd(e.sailor.NewID()))
}

// UpdateKeys implements component.Emitter.
func (e *emitter) UpdateKeys(ctx context.Context, keys json.RawMessage) error {
	account, err := e.sailor.account()
	if err != nil {
		return err
	}
	return e.sailor.Platform.UpdateKeys(ctx, account, keys)
}

// finish emits how the function ended and tells how its message is settled.
func (e *emitter) finish(ctx context.Context, err error) (verdict, error) {
	e.mu.Lock()
	emitted, failed := e.errors, e.failed
	e.mu.Unlock()
	if err == nil && emitted == 0 {
		err = failed // a failed emit counts even when the function ignored it
	}
	if err == nil {
		return verdict(emitted == 0), nil
	}
	if e.sailor.isStopping() && unsent(errors.Join(err, failed)) {
		return reject, err // there is no time left: whoever comes next may do it
	}

	rebound, wanted := errors.AsType[*component.Rebound](err)
	switch {
	case wanted && e.headers.ReplyTo != "" && rebound.Err != nil:
		err = rebound.Err // an HTTP caller waits: no time for another try
	case wanted:
		if err = e.rebound(ctx, rebound); !unroutable(err) {
			return ack, err
		}
	}
	return reject, e.Error(ctx, err)
}

// unsent reports whether the broker has not taken a message, so that it is not
// the message's fault.
func unsent(err error) bool {
	return errors.Is(err, broker.ErrNotConnected) || errors.Is(err, broker.ErrNacked)
}

func (e *emitter) outgoing(messageID any) map[string]any {
	return e.sailor.outbox.stamp.Headers(e.headers, messageID, e.start, e.sailor.Now())
}

// headersWithoutEnd are for emits that do not end anything.
func (e *emitter) headersWithoutEnd(messageID string) map[string]any {
	return e.sailor.outbox.stamp.Headers(e.headers, messageID, e.start, time.Time{})
}
