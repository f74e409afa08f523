package sailor

import (
	"context"
	"encoding/json"
	"time"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

func (s *Sailor) now() time.Time { return s.Now() }

func (s *Sailor) emitData(ctx context.Context, in *incoming, place int, msg component.Message) error {
	id := envelope.OwnID(msg)
	if id == nil {
		id = s.NewID()
	}
	msg, err := s.prepareBodies(ctx, in, s.passOn(in, msg))
	if err != nil {
		return err
	}
	if msg, err = s.addSelf(in, msg); err != nil {
		return err
	}
	return s.publisher.data(ctx, msg, s.headers(in, id, s.Now()))
}

func (s *Sailor) emitError(ctx context.Context, in *incoming, place int, cause error, end time.Time) error {
	failure := describe(cause)
	messageLog(s.ComponentLog, &in.headers).Error("function emitted an error", "error", failure.Name, "text", failure.Message)
	return s.publisher.error(ctx, failure, s.headers(in, s.NewID(), end), in)
}

func (s *Sailor) emitSnapshot(ctx context.Context, in *incoming, place int, snapshot json.RawMessage) error {
	s.snapshot.replace(snapshot)
	return s.publisher.snapshot(ctx, snapshot, s.headersWithoutEnd(in, s.NewID()))
}

func (s *Sailor) emitSnapshotUpdate(ctx context.Context, in *incoming, place int, changes json.RawMessage) error {
	if err := s.snapshot.merge(changes); err != nil {
		return err
	}
	return s.publisher.updateSnapshot(ctx, changes, s.headersWithoutEnd(in, s.NewID()))
}

func (s *Sailor) emitHTTPReply(ctx context.Context, in *incoming, place int, reply component.HTTPReply) error {
	if in.headers.ReplyTo == "" {
		return errNobodyWaits
	}
	return s.publisher.httpReply(ctx, reply, in.headers.ReplyTo, s.headersWithoutEnd(in, s.NewID()))
}

func (s *Sailor) updateKeys(ctx context.Context, keys json.RawMessage) error {
	account, err := accountOf(s.step.Config)
	if err != nil {
		return err
	}
	return s.Platform.UpdateKeys(ctx, account, keys)
}

func (s *Sailor) headers(in *incoming, messageID any, end time.Time) map[string]any {
	return s.publisher.static.Headers(in.headers, messageID, in.start, end)
}

// headersWithoutEnd are for emits that do not end anything.
func (s *Sailor) headersWithoutEnd(in *incoming, messageID any) map[string]any {
	return s.headers(in, messageID, time.Time{})
}
