package idempotency

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func newKey(t *testing.T, secret, purpose string) Key {
	t.Helper()
	key, err := NewKey(component.NewSecret(secret), purpose)
	require.NoError(t, err)
	return key
}

func id(k Key, parts ...string) string {
	raw := make([][]byte, len(parts))
	for i, part := range parts {
		raw[i] = []byte(part)
	}
	return k.UUID(raw...).String()
}

// What is in flight during an update of the connector would be done twice if
// its identifiers changed. This one was computed with Python's hmac module.
func TestUUIDNeverChanges(t *testing.T) {
	assert.Equal(t, "c3984bcc-2570-8869-8b94-fc9b161b5a40", id(newKey(t, "password", "test"), "flow", "step", "message"))
}

func TestUUIDTellsPartsApart(t *testing.T) {
	key := newKey(t, "password", "test")
	seen := map[string][]string{}
	for _, parts := range [][]string{
		{}, {""}, {"", ""}, {"abc"}, {"a", "bc"}, {"ab", "c"}, {"c", "ab"}, {"a", "b", "c"}, {"a", "b\x00c"}, {"a", "\xff"}, {"a", "\ufffd"},
	} {
		made := id(key, parts...)
		assert.NotContains(t, seen, made, "%q", parts)
		seen[made] = parts
		assert.Equal(t, made, id(newKey(t, "password", "test"), parts...), "elsewhere")
		assert.NotEqual(t, made, id(newKey(t, "other", "test"), parts...), "with another secret")
		assert.NotEqual(t, made, id(newKey(t, "password", "other"), parts...), "for another purpose")
		parsed := uuid.MustParse(made)
		assert.Equal(t, uuid.Version(8), parsed.Version())
		assert.Equal(t, uuid.RFC4122, parsed.Variant())
	}
}

func TestKeyIsSafeToPrint(t *testing.T) {
	key := newKey(t, "planted", "test")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		assert.NotContains(t, fmt.Sprintf(verb, key), key.secret.Reveal(), verb)
	}
}

func BenchmarkUUID(b *testing.B) {
	key, _ := NewKey(component.NewSecret("password"), "bench")
	content := make([]byte, 1024)
	b.ReportAllocs()
	for b.Loop() {
		key.UUID(content)
	}
}
