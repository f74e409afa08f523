package sailor

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"aws-secrets-manager-connector/internal/component"
)

// resolveBodies gives an incoming message and its passthrough the bodies that
// they refer to, if the function wants them.
func (s *Sailor) resolveBodies(ctx context.Context, in *incoming) (component.Message, error) {
	msg := in.message
	if !s.resolveReferences {
		return msg, nil
	}
	entries := parseReferences(msg.Passthrough)
	if len(entries) == 0 && !isReference(msg) {
		return msg, nil
	}
	message := bodyRefOf(msg)
	ctx, cancel := s.untilShutdown(ctx)
	defer cancel()
	if err := s.bodiesOf(in).fetch(ctx, append(slices.Collect(maps.Values(entries)), message)); err != nil {
		if s.isStopping() {
			err = errors.Join(component.ErrStopping, err)
		}
		return msg, err
	}
	msg.Body = message.body
	var err error
	msg.Passthrough, err = withEntries(msg.Passthrough, entries)
	return msg, err
}

// prepareBodies brings the bodies of a message that is to be emitted into the form
// in which it travels: by reference where the step may do so and they are
// large, else in full.
func (s *Sailor) prepareBodies(ctx context.Context, in *incoming, msg component.Message) (component.Message, error) {
	if s.Settings.EmitLightweightMessage {
		return s.uploadBodies(ctx, in, msg)
	}
	if s.resolveReferences && s.step.IsPassthrough { // they are all there since the message came in
		return msg, nil
	}
	entries := parseReferences(msg.Passthrough)
	maps.DeleteFunc(entries, func(_ string, h *bodyRef) bool { return !isEmpty(h.body) })
	if len(entries) == 0 {
		return msg, nil
	}
	if err := s.bodiesOf(in).fetch(ctx, slices.Collect(maps.Values(entries))); err != nil {
		return msg, err
	}
	var err error
	msg.Passthrough, err = withEntries(msg.Passthrough, entries)
	return msg, err
}

// uploadBodies replaces all bodies by references when they are large together. What
// has a reference already is not uploaded again, and neither is a message that
// is one. What has no body stays without.
func (s *Sailor) uploadBodies(ctx context.Context, in *incoming, msg component.Message) (component.Message, error) {
	entries, message := parseEntries(msg.Passthrough), bodyRefOf(msg)
	maps.DeleteFunc(entries, func(_ string, h *bodyRef) bool { return h.isAbsent() })
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
	var uploads []*bodyRef
	for _, h := range all {
		if h.id != "" {
			h.body = json.RawMessage(emptyBody)
			continue
		}
		uploads = append(uploads, h)
	}
	if err := s.bodiesOf(in).upload(ctx, uploads); err != nil {
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
func largerThan(threshold int, refs []*bodyRef) (bool, error) {
	size := func() (n int) {
		for _, h := range refs {
			n += len(h.body)
		}
		return n
	}
	if size() <= threshold {
		return false, nil
	}
	for _, h := range refs {
		if err := h.compact(); err != nil {
			return false, err
		}
	}
	return size() > threshold, nil
}
