package emulator

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

const masked = "***"

// secretText is a value as text. It goes through encoding/json, for that is
// the wire, and is masked everywhere else.
type secretText string

func (secretText) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }
func (secretText) LogValue() slog.Value       { return slog.StringValue(masked) }

// secretBinary is a value as bytes: base64 in JSON, masked everywhere else.
type secretBinary []byte

func (secretBinary) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }
func (secretBinary) LogValue() slog.Value       { return slog.StringValue(masked) }

// value is what a version holds: text or binary, never both. The zero value
// holds neither, as the version of an unfinished rotation does.
type value struct {
	text   *secretText
	binary secretBinary
}

func (v value) empty() bool { return v.text == nil && v.binary == nil }

func (v value) equal(o value) bool {
	if (v.text == nil) != (o.text == nil) || (v.binary == nil) != (o.binary == nil) {
		return false
	}
	return (v.text == nil || *v.text == *o.text) && bytes.Equal(v.binary, o.binary)
}

// size is what the value weighs in a response, in bytes.
func (v value) size() int {
	if v.text != nil {
		return len(*v.text)
	}
	return len(v.binary)
}

func (value) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// version is one version of a secret.
type version struct {
	id       string
	seq      int64 // order of creation within the secret
	created  time.Time
	accessed time.Time // a day, zero when it was never read
	kmsKey   string    // "" means aws/secretsmanager
	stages   []string  // staging labels in alphabetical order, as AWS returns them
	value    value
}

func (v *version) has(stage string) bool { return slices.Contains(v.stages, stage) }

// Format prints the version without its value.
func (v *version) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "version %s %v", v.id, v.stages) }

// content is what a primary secret shares with its replicas.
type content struct {
	description string
	managedType string
	tags        []tag
	policy      string
	versions    []*version // oldest first
	changed     time.Time
	deleted     time.Time // when deletion was asked for; zero: not scheduled
	purge       time.Time // when it is deleted for good
	rotation    rotation
}

func (c *content) clone() *content {
	n := *c
	n.tags = slices.Clone(c.tags)
	n.versions = make([]*version, len(c.versions))
	for i, v := range c.versions {
		copied := *v
		copied.stages = slices.Clone(v.stages)
		n.versions[i] = &copied
	}
	return &n
}

// secret is a secret in one Region, primary or replica.
type secret struct {
	*content
	name     string
	arn      string
	region   string
	seq      int64 // order of creation, unique
	created  time.Time
	accessed time.Time // a day, zero when it was never read
	kmsKey   string    // "" means aws/secretsmanager
	primary  *secret   // set on a replica
	replicas []replica // of a primary

	crossAccountPrimary string               // ARN, set on a replica of another account
	crossAccountReplica *crossAccountReplica // of a primary
}

// Format prints the secret without its values.
func (s *secret) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "secret %s with %d versions", s.arn, len(s.versions))
}

func (s *secret) isReplica() bool { return s.primary != nil || s.crossAccountPrimary != "" }

// primaryRegion is "" for a secret that is not replicated.
func (s *secret) primaryRegion() string {
	switch {
	case s.primary != nil:
		return s.primary.region
	case len(s.replicas) > 0:
		return s.region
	}
	return ""
}

// keyOf is the KMS key of a version: replicas have one of their own for all.
func (s *secret) keyOf(v *version) string {
	if s.primary != nil {
		return s.kmsKey
	}
	return v.kmsKey
}

// stagesByVersion lists the versions that carry labels.
func (s *secret) stagesByVersion() map[string][]string {
	m := make(map[string][]string)
	for _, v := range s.versions {
		if len(v.stages) > 0 {
			m[v.id] = slices.Clone(v.stages)
		}
	}
	return m
}
