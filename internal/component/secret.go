package component

import (
	"fmt"
	"log/slog"
	"unique"
)

const masked = "***"

// Secret holds a value that must not be printed: every way of formatting,
// logging or encoding it yields "***". Reveal is the only way out. Two Secrets
// are equal when their values are. The zero value is empty.
//
// The value is kept behind a handle, because package fmt prints a struct's
// unexported fields without asking their methods: of a handle it prints an
// address.
type Secret struct{ value unique.Handle[string] }

// NewSecret returns value, guarded.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{unique.Make(value)}
}

// Reveal returns the guarded value.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.value.Value()
}

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s == Secret{} }

// String returns "***".
func (s Secret) String() string { return masked }

// GoString returns "***", for %#v.
func (s Secret) GoString() string { return masked }

// Format prints "***" for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue returns "***", for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText returns "***", for encoding/json and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// UnmarshalText guards text.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
