package bunyan

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// handler brings attributes into a form in which they can be written: safe,
// each key once, and none that is reserved for the fixed fields. It keeps those
// of With itself, because a JSONHandler would write a key as often as it comes.
type handler struct {
	out      slog.Handler    // writes the line, carries the fixed fields
	reserved map[string]bool // keys at the top that are not the caller's
	attrs    []slog.Attr     // of WithAttrs, ready
	groups   []string        // open ones, outermost first
}

// Enabled reports whether records of the level are written.
func (h *handler) Enabled(ctx context.Context, l slog.Level) bool { return h.out.Enabled(ctx, l) }

// Handle writes one line.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	if r.Time.IsZero() { // bunyan's lines have one
		r.Time = time.Now()
	}
	line := slog.NewRecord(r.Time, r.Level, maskURIs(r.Message), 0)
	line.AddAttrs(h.add(attrs)...)
	return h.out.Handle(ctx, line)
}

// WithAttrs returns a handler whose lines carry attrs as well.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.attrs = h.add(attrs)
	return &with
}

// WithGroup returns a handler that puts what comes later into a group.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.groups = append(slices.Clip(h.groups), name)
	return &with
}

// add returns h's attributes and attrs, which go into the open groups.
func (h *handler) add(attrs []slog.Attr) []slog.Attr {
	attrs = merge(nil, safeAll(attrs))
	for _, name := range slices.Backward(h.groups) {
		attrs = []slog.Attr{slog.GroupAttrs(name, attrs...)}
	}
	for i := range attrs {
		if h.reserved[attrs[i].Key] {
			attrs[i].Key += "_"
		}
	}
	return merge(h.attrs, attrs)
}

// reserve keeps the keys of attrs for them.
func (h *handler) reserve(attrs []slog.Attr) {
	for _, a := range attrs {
		h.reserved[a.Key] = true
	}
}

// merge returns old and added with each key once: of two values the later
// wins, but groups are merged. It leaves old alone.
func merge(old, added []slog.Attr) []slog.Attr {
	all := slices.Grow(slices.Clone(old), len(added))
	for _, a := range added {
		i := slices.IndexFunc(all, func(b slog.Attr) bool { return a.Key == b.Key })
		switch {
		case i < 0:
			all = append(all, a)
		case a.Value.Kind() == slog.KindGroup && all[i].Value.Kind() == slog.KindGroup:
			all[i] = slog.GroupAttrs(a.Key, merge(all[i].Value.Group(), a.Value.Group())...)
		default:
			all[i] = a
		}
	}
	return all
}
