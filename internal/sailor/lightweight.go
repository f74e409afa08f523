package sailor

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// resolve gives an incoming message and its passthrough the bodies that they
// refer to, if the function wants them.
func (s *Sailor) resolve(ctx context.Context, headers *envelope.Headers, msg component.Message) (component.Message, error) {
	if !s.resolveReferences {
		return msg, nil
	}
	entries := parseReferences(msg.Passthrough)
	if len(entries) == 0 && !isReference(msg) {
		return msg, nil
	}
	message := messageHolder(msg)
	ctx, cancel := endingWith(ctx, s.outbox.stopping)
	defer cancel()
	if err := s.bodiesOf(headers).fetch(ctx, append(slices.Collect(maps.Values(entries)), message)); err != nil {
		return msg, err
	}
	msg.Body = message.body
	var err error
	msg.Passthrough, err = withEntries(msg.Passthrough, entries)
	return msg, err
}

// endingWith returns ctx made to end when stopping is closed as well.
func endingWith(ctx context.Context, stopping <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (s *Sailor) isStopping() bool {
	select {
	case <-s.outbox.stopping:
		return true
	default:
		return false
	}
}

// exchange brings the bodies of a message that is to be emitted into the form
// in which it travels: by reference where the step may do so and they are
// large, else in full.
func (s *Sailor) exchange(ctx context.Context, headers *envelope.Headers, msg component.Message) (component.Message, error) {
	if s.Settings.EmitLightweightMessage {
		return s.lighten(ctx, headers, msg)
	}
	if s.resolveReferences && s.step.IsPassthrough { // they are all there since the message came in
		return msg, nil
	}
	entries := parseReferences(msg.Passthrough)
	maps.DeleteFunc(entries, func(_ string, h *holder) bool { return !isEmpty(h.body) })
	if len(entries) == 0 {
		return msg, nil
	}
	if err := s.bodiesOf(headers).fetch(ctx, slices.Collect(maps.Values(entries))); err != nil {
		return msg, err
	}
	var err error
	msg.Passthrough, err = withEntries(msg.Passthrough, entries)
	return msg, err
}

// lighten replaces all bodies by references when they are large together. What
// has a reference already is not uploaded again, and neither is a message that
// is one. What has no body stays without.
func (s *Sailor) lighten(ctx context.Context, headers *envelope.Headers, msg component.Message) (component.Message, error) {
	entries, message := parseEntries(msg.Passthrough), messageHolder(msg)
	maps.DeleteFunc(entries, func(_ string, h *holder) bool { return h.isAbsent() })
	all := slices.Collect(maps.Values(entries))
	if !message.isAbsent() {
		all = append(all, message)
	}
	if large, err := largerThan(s.Settings.ObjectStorageSizeThreshold, all); err != nil || !large {
		return msg, err
	}
	if !isEmpty(message.body) {
		message.id = "" // that of another body
	}
	var uploads []*holder
	for _, h := range all {
		if h.id != "" {
			h.body = json.RawMessage(emptyBody)
			continue
		}
		uploads = append(uploads, h)
	}
	if err := s.bodiesOf(headers).upload(ctx, uploads); err != nil {
		return msg, err
	}
	if !message.isAbsent() {
		msg.Body = message.body
		msg.Headers = maps.Clone(msg.Headers)
		if msg.Headers == nil {
			msg.Headers = map[string]any{}
		}
		msg.Headers[objectIDHeader] = message.id
	}
	var err error
	msg.Passthrough, err = withEntries(msg.Passthrough, entries)
	return msg, err
}

// largerThan counts the bodies as they travel, without white space.
func largerThan(threshold int, holders []*holder) (bool, error) {
	size := func() (n int) {
		for _, h := range holders {
			n += len(h.body)
		}
		return n
	}
	if size() <= threshold {
		return false, nil
	}
	for _, h := range holders {
		if err := h.compact(); err != nil {
			return false, err
		}
	}
	return size() > threshold, nil
}
