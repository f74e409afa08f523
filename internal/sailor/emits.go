package sailor

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/rawjson"
)

func (s *Sailor) now() time.Time { return s.Now() }

func (s *Sailor) emitData(ctx context.Context, in *incoming, place int, msg component.Message) error {
	id, err := s.dataID(in, place, msg)
	if err != nil {
		return err
	}
	msg, err = s.prepareBodies(ctx, in, s.passOn(in, msg))
	if err != nil {
		return err
	}
	if msg, err = s.addSelf(in, msg); err != nil {
		return err
	}
	return s.publisher.data(ctx, msg, s.headers(in, id, s.Now()))
}

// dataID is the messageId that a message brings along, or else one that follows
// from what it is before its bodies are moved: each upload makes other references.
func (s *Sailor) dataID(in *incoming, place int, msg component.Message) (any, error) {
	if id := envelope.OwnID(msg); id != nil {
		return id, nil
	}
	content := [][]byte{msg.Body, msg.Attachments}
	if len(msg.Headers) > 0 || len(msg.Extra) > 0 {
		rest, err := rawjson.Marshal([]any{msg.Headers, msg.Extra})
		if err != nil {
			return nil, fmt.Errorf("encode the message: %w", envelope.ErrJSON)
		}
		content = append(content, rest)
	}
	return s.emitID(in, place, content...), nil
}

func (s *Sailor) emitError(ctx context.Context, in *incoming, place int, cause error, end time.Time) error {
	failure := describe(cause)
	messageLog(s.ComponentLog, &in.headers).Error("function emitted an error", "error", failure.Name, "text", failure.Message)
	return s.publisher.error(ctx, failure, s.headers(in, s.emitID(in, place, []byte(failure.Name), []byte(failure.Message)), end), in)
}

func (s *Sailor) emitSnapshot(ctx context.Context, in *incoming, place int, snapshot json.RawMessage) error {
	s.snapshot.replace(snapshot)
	return s.publisher.snapshot(ctx, snapshot, s.headersWithoutEnd(in, s.emitID(in, place, snapshot)))
}

func (s *Sailor) emitSnapshotUpdate(ctx context.Context, in *incoming, place int, changes json.RawMessage) error {
	if err := s.snapshot.merge(changes); err != nil {
		return err
	}
	return s.publisher.updateSnapshot(ctx, changes, s.headersWithoutEnd(in, s.emitID(in, place, changes)))
}

func (s *Sailor) emitHTTPReply(ctx context.Context, in *incoming, place int, reply component.HTTPReply) error {
	if in.headers.ReplyTo == "" {
		return errNobodyWaits
	}
	return s.publisher.httpReply(ctx, reply, in.headers.ReplyTo, s.headersWithoutEnd(in, s.emitID(in, place, reply.Body)))
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
