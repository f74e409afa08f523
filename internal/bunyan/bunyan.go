// Package bunyan writes slog records as lines in the format of the bunyan
// logger, which the platform shows to the flow's owner. It never prints the
// value of an attribute that may hold a secret.
package bunyan

import (
	"io"
	"log/slog"
	"os"
)

// Options say what stands in every line.
type Options struct {
	Name     string       // "sailor" or "component"
	Level    slog.Leveler // least level that is written; nil means info
	Hostname string       // empty means that of the machine
	PID      int          // 0 means that of the process
	Fields   []slog.Attr  // further fields of every line
}

// New returns a logger that writes one JSON object a line to w, each by a
// single Write. It is safe for concurrent use.
func New(w io.Writer, o Options) *slog.Logger {
	if o.Hostname == "" {
		o.Hostname, _ = os.Hostname() // a line without it is better than none
	}
	if o.PID == 0 {
		o.PID = os.Getpid()
	}
	h := &handler{reserved: map[string]bool{slog.TimeKey: true, slog.LevelKey: true, slog.MessageKey: true}}
	fixed := []slog.Attr{
		slog.String("name", o.Name), slog.String("hostname", o.Hostname), slog.Int("pid", o.PID), slog.Int("v", 0),
	}
	h.reserve(fixed)
	fields := h.add(o.Fields)
	h.reserve(fields)
	h.out = slog.NewJSONHandler(w, &slog.HandlerOptions{Level: o.Level, ReplaceAttr: builtIn}).WithAttrs(append(fixed, fields...))
	return slog.New(h)
}

// builtIn gives time and level bunyan's form. No other attribute has their
// keys at the top, see handler.
func builtIn(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.TimeKey:
		a.Value = slog.StringValue(a.Value.Time().UTC().Format("2006-01-02T15:04:05.000Z07:00"))
	case slog.LevelKey:
		level, _ := a.Value.Any().(slog.Level)
		a.Value = slog.IntValue(number(level))
	}
	return a
}
