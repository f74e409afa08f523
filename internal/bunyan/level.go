package bunyan

import (
	"log/slog"
	"math"
	"strconv"
	"strings"
)

// Levels that slog has no names for.
const (
	LevelTrace = slog.Level(-8)
	LevelFatal = slog.Level(12)
)

// ParseLevel reads the name of a level, in any case, or bunyan's number for
// one: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal, or anything
// between; above 60 nothing is written. All else is info.
func ParseLevel(text string) slog.Level {
	text = strings.ToLower(strings.TrimSpace(text))
	switch text {
	case "trace":
		return LevelTrace
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	case "fatal":
		return LevelFatal
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return slog.LevelInfo
	}
	return slog.Level(math.Ceil((float64(n) - 30) / 10 * 4))
}

// number is bunyan's number for a level. Levels between those that have one
// count as the next lower, as slog prints them.
func number(l slog.Level) int {
	steps := (int(l) - int(LevelTrace)) >> 2 // of 4, rounded down
	return 10 * (1 + max(0, min(steps, 5)))
}
