package sailor

import (
	"context"
	"errors"
	"log/slog"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// dispatch takes one delivery from its decoding to its settling.
func (s *Sailor) dispatch(ctx context.Context, d broker.Delivery) {
	headers, msg, malformed := s.decode(d)
	if malformed != nil && !safeToTell(malformed) {
		s.Log.Error("message cannot be decoded, rejected", "err", malformed)
		s.settle(ctx, d.Settler, reject)
		return
	}

	out := s.newEmitter(d, headers)
	log := messageLog(s.Log, &out.headers)
	key := s.ledger.key(headers, d.Body)
	switch state, v := s.ledger.begin(key, d); state {
	case joined:
		log.Warn("message is in work already, this delivery is settled with it")
		return
	case finished:
		log.Warn("message had finished before its settlement was lost, settled again")
		s.settle(ctx, d.Settler, v)
		return
	}

	log.Debug("message in work")
	v, err := s.work(ctx, out, msg, malformed)
	if err != nil {
		// Neither the result nor its error could be handed over.
		log.Error("message is left to the broker", "err", err)
		for _, settler := range s.ledger.abandon(key, d) {
			s.end(ctx, settler.Requeue)
		}
		return
	}
	for _, settler := range s.ledger.end(key, d, v) {
		s.settle(ctx, settler, v)
	}
	log.Debug("message done", "ok", v == ack)
}

func (s *Sailor) decode(d broker.Delivery) (envelope.Headers, component.Message, error) {
	headers, err := envelope.ParseHeaders(d.Headers, s.NewID)
	if err != nil {
		return headers, component.Message{}, err
	}
	var msg component.Message
	if s.Settings.InputFormat == "error" {
		msg, err = envelope.DecodeErrorInput(s.cipher, d.Body, d.Headers)
	} else {
		msg, err = envelope.DecodeMessage(s.cipher, d.Body, headers.Protocol)
	}
	if err != nil {
		return headers, msg, err
	}
	if key, ok := headers.Carried["reply_to"]; ok {
		msg.Headers["reply_to"] = key
	}
	return headers, msg, nil
}

// safeToTell reports whether an error speaks of the rule that a message breaks,
// so that the flow's owner is told.
func safeToTell(err error) bool {
	_, ok := errors.AsType[*component.Error](err)
	return ok
}

// work runs the function and emits how it failed, if it did; malformed is why it
// cannot even be run. An error means that the outcome could not be published.
func (s *Sailor) work(ctx context.Context, out *emitter, msg component.Message, malformed error) (verdict, error) {
	headers := &out.headers
	if malformed != nil {
		return out.finish(ctx, malformed)
	}
	msg, err := s.resolve(ctx, headers, msg)
	if err != nil {
		if s.isStopping() { // it has not begun: whoever comes next may do it
			return reject, err
		}
		return out.finish(ctx, err)
	}
	passthrough, err := s.inherit(msg, headers)
	if err != nil {
		return out.finish(ctx, err)
	}
	out.inherit(passthrough)
	err = s.handler.Handle(ctx, component.Request{
		Message:   msg,
		Snapshot:  s.currentSnapshot(),
		MessageID: headers.MessageID,
		ReplyTo:   headers.ReplyTo,
		Log:       messageLog(s.ComponentLog, headers),
	}, out)
	return out.finish(ctx, err)
}

func (s *Sailor) settle(ctx context.Context, settler broker.Settler, v verdict) {
	if v == ack {
		s.end(ctx, settler.Ack)
	} else {
		s.end(ctx, settler.Reject)
	}
}

// end settles a delivery. A stale one needs nothing: the broker delivers its
// message again, and the ledger knows how it ended.
func (s *Sailor) end(ctx context.Context, settle func(context.Context) error) {
	if err := settle(ctx); err != nil {
		level := slog.LevelError
		if errors.Is(err, broker.ErrStale) {
			level = slog.LevelDebug
		}
		s.Log.Log(ctx, level, "delivery could not be settled", "err", err)
	}
}
