package sailor

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"math"
	"strconv"
	"sync"
	"time"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// incoming is a message that is in work.
type incoming struct {
	delivery broker.Delivery
	headers  envelope.Headers
	message  component.Message
	start    time.Time

	mu          sync.Mutex
	passthrough map[string]json.RawMessage // of each emit, without the emit itself
}

// outcome is how a message ends.
type outcome int

const (
	ack     outcome = iota // its work is done
	reject                 // it failed, and an error emit tells so
	requeue                // its end could not be published: the broker delivers it again
)

// dispatch takes one delivery the whole way: decode, deduplicate, run the
// function, publish how that ended, settle.
func (s *Sailor) dispatch(ctx context.Context, d broker.Delivery) {
	in, malformed := s.decode(d)
	if malformed != nil && !safeToTell(malformed) {
		s.Log.Error("message cannot be decoded, rejected", "err", malformed)
		s.settle(ctx, reject, d.Settler)
		return
	}
	log := messageLog(s.Log, &in.headers)

	key := s.deduplicator.key(in.headers, d.Body)
	switch state, earlier := s.deduplicator.begin(key, d); state {
	case inFlight:
		log.Warn("message is in work already, this delivery is settled with it")
		return
	case done:
		log.Warn("message had finished before its settlement was lost, settled again")
		s.settle(ctx, earlier, d.Settler)
		return
	}

	log.Debug("message in work")
	end, err := s.run(ctx, in, malformed)
	if err != nil {
		log.Error("message is requeued", "err", err)
	}
	s.settle(ctx, end, s.deduplicator.end(key, d, end)...)
	if err == nil {
		log.Debug("message done", "ok", end == ack)
	}
}

// decode reads a delivery. An error that is safe to tell comes with the
// headers.
func (s *Sailor) decode(d broker.Delivery) (in *incoming, err error) {
	in = &incoming{delivery: d, start: s.Now()}
	if in.headers, err = envelope.ParseHeaders(d.Headers, s.NewID); err != nil {
		return in, err
	}
	if s.Settings.InputFormat == "error" {
		in.message, err = envelope.DecodeErrorInput(s.cipher, d.Body, d.Headers)
	} else {
		in.message, err = envelope.DecodeMessage(s.cipher, d.Body, in.headers.Protocol)
	}
	if err != nil {
		return in, err
	}
	if key, ok := in.headers.Propagated["reply_to"]; ok {
		in.message.Headers["reply_to"] = key
	}
	return in, nil
}

// safeToTell reports whether an error speaks of the rule that a message breaks,
// so that the flow's owner is told.
func safeToTell(err error) bool {
	_, ok := errors.AsType[*component.Error](err)
	return ok
}

// run has the function work on a message, unless it is malformed, and publishes
// how that ended. An error tells why the message is requeued.
func (s *Sailor) run(ctx context.Context, in *incoming, malformed error) (outcome, error) {
	out := &emitter{step: s, in: in}
	err := malformed
	if err == nil {
		err = s.handle(ctx, in, out)
	}
	emittedErrors, failedEmit := out.summary()
	if err == nil && emittedErrors == 0 {
		err = failedEmit // it counts even when the function ignored it
	}
	if err == nil {
		if emittedErrors > 0 {
			return reject, nil
		}
		return ack, nil
	}
	if s.leftToNext(errors.Join(err, failedEmit)) {
		return requeue, err
	}
	return s.fail(ctx, in, out, err)
}

// handle calls the function with the message's bodies and passthrough in place.
func (s *Sailor) handle(ctx context.Context, in *incoming, out *emitter) (err error) {
	if in.message, err = s.resolveBodies(ctx, in); err != nil {
		return err
	}
	if err = s.inheritPassthrough(in); err != nil {
		return err
	}
	return s.handler.Handle(ctx, component.Request{
		Message:   in.message,
		Snapshot:  s.snapshot.current(),
		MessageID: in.headers.MessageID,
		ReplyTo:   in.headers.ReplyTo,
		Stopping:  s.stopping,
		Log:       messageLog(s.ComponentLog, &in.headers),
	}, out)
}

// fail publishes what becomes of a message whose work failed: it rebounds, or
// an error is emitted.
func (s *Sailor) fail(ctx context.Context, in *incoming, out *emitter, err error) (outcome, error) {
	rebound, wanted := errors.AsType[*component.Rebound](err)
	switch {
	case wanted && in.headers.ReplyTo != "" && rebound.Err != nil:
		err = rebound.Err // an HTTP caller waits: no time for another try
	case wanted:
		if err = s.rebound(ctx, in, out, rebound); !isFinal(err) {
			return published(ack, err)
		}
	}
	return published(reject, out.Error(ctx, err))
}

// published is the outcome of a message once its end has been published, with
// this error.
func published(end outcome, err error) (outcome, error) {
	if err != nil {
		return requeue, err
	}
	return end, nil
}

// rebound sends the incoming message, unchanged, to where the platform keeps
// it for a while: 2^(n-1) times the initial expiration at the n-th time. Past
// the limit an error is emitted instead.
func (s *Sailor) rebound(ctx context.Context, in *incoming, out *emitter, cause *component.Rebound) error {
	iteration := in.headers.ReboundIteration + 1
	if iteration > s.Settings.ReboundLimit {
		return s.emitError(ctx, in, out.next(), errReboundLimit, time.Time{})
	}
	messageLog(s.ComponentLog, &in.headers).Warn("message rebounds", "iteration", iteration, "reason", cause.Reason)

	properties := in.delivery.Properties
	properties.UserID = "" // RabbitMQ refuses to take any but our own from us
	properties.Headers = maps.Clone(properties.Headers)
	properties.Headers["reboundIteration"] = int64(iteration)
	properties.Headers["reboundReason"] = cause.Reason
	properties.Headers["end"] = s.Now().UnixMilli()
	properties.Expiration = reboundExpiration(s.Settings.ReboundInitialExpiry, iteration)
	return s.publisher.forward(ctx, s.Settings.ReboundRoutingKey, properties, in.delivery.Body)
}

// maxExpiration is 10 years: RabbitMQ closes the channel of who asks for much
// more.
const maxExpiration = 10 * 365 * 24 * time.Hour

// reboundExpiration is in ms.
func reboundExpiration(initial time.Duration, iteration int) string {
	ms := float64(initial.Milliseconds()) * math.Pow(2, float64(iteration-1))
	return strconv.FormatInt(int64(min(ms, float64(maxExpiration.Milliseconds()))), 10)
}

// settle ends deliveries, all in the same way. A stale one needs nothing: the
// broker delivers its message again, and the deduplicator knows how it ended.
func (s *Sailor) settle(ctx context.Context, end outcome, settlers ...broker.Settler) {
	for _, settler := range settlers {
		var err error
		switch end {
		case ack:
			err = settler.Ack(ctx)
		case reject:
			err = settler.Reject(ctx)
		case requeue:
			err = settler.Requeue(ctx)
		}
		if err != nil {
			level := slog.LevelError
			if errors.Is(err, broker.ErrStale) {
				level = slog.LevelDebug
			}
			s.Log.Log(ctx, level, "delivery could not be settled", "err", err)
		}
	}
}
