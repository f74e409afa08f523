package bunyan_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

const planted = "pl4nted"

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic(planted) }

type refuses struct{}

func (refuses) MarshalJSON() ([]byte, error) { return nil, errors.New(planted) }

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

type resolves struct{}

func (resolves) LogValue() slog.Value {
	return slog.GroupValue(slog.String("password", planted), slog.String("user", "u"))
}

func logged(t *testing.T, args ...any) (string, map[string]any) {
	t.Helper()
	return line(t, options(), func(log *slog.Logger) { log.Info("x", args...) })
}

func TestNoSecretIsPrinted(t *testing.T) {
	secret := component.NewSecret(planted)
	message := component.Message{Headers: map[string]any{"a": planted}, Body: json.RawMessage(`"` + planted + `"`)}
	uri := "amqp://user:" + planted + "@host:5672/vhost"
	parsed, err := url.Parse(uri)
	require.NoError(t, err)

	for _, test := range []struct {
		name  string
		key   string
		value any
	}{
		{"secret", "s", secret},
		{"secret in a struct", "s", struct{ S component.Secret }{secret}},
		{"message", "m", message},
		{"pointer to a message", "m", &message},
		{"message in a struct", "r", component.Request{Message: message}},
		{"messages", "m", []component.Message{message}},
		{"bytes", "b", []byte(planted)},
		{"raw JSON", "b", json.RawMessage(`"` + planted + `"`)},
		{"bytes in a struct, by name", "d", struct{ Body []byte }{[]byte(planted)}},
		{"array of bytes", "b", [7]byte([]byte(planted))},
		{"by name in a map", "m", map[string]any{"list": []any{map[string]string{"dbPassword": planted}}}},
		{"by name in a struct", "m", struct{ SecretString string }{planted}},
		{"by name in a group", "g", slog.GroupValue(slog.String("api_key", planted))},
		{"group by its name", "credentials", slog.GroupValue(slog.String("a", planted))},
		{"what a value resolves to", "r", resolves{}},
		{"URI", "uri", uri},
		{"parsed URI", "uri", parsed},
		{"URI in an error", "err", fmt.Errorf("dial %q: %w", uri, errors.New("refused"))},
		{"URI in a struct", "s", struct{ URI string }{uri}},
		{"URI with an unescaped password", "uri", "https://u:/a?b#@" + planted + "@host/"},
		{"URI with a token alone", "uri", "https://" + planted + "@host/"},
		{"cause of an error", "err", &component.Error{Name: "N", Message: "safe", Err: errors.New(planted)}},
		{"panic", "p", panics{}},
		{"marshal error", "p", refuses{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, _ := logged(t, test.key, test.value)
			assertSafe(t, text)
			text, _ = line(t, options(), func(log *slog.Logger) { log.With(test.key, test.value).WithGroup("g").Info("x", test.key, test.value) })
			assertSafe(t, text)
		})
	}

	t.Run("URI in the text", func(t *testing.T) {
		text, members := line(t, options(), func(log *slog.Logger) { log.Info("connecting to " + uri + " as told") })
		assertSafe(t, text)
		assert.Equal(t, "connecting to amqp://***@host:5672/vhost as told", members["msg"])
	})
	t.Run("fixed fields", func(t *testing.T) {
		o := options()
		o.Fields = []slog.Attr{slog.String("ELASTICIO_API_KEY", planted), slog.String("uri", uri)}
		text, _ := line(t, o, func(log *slog.Logger) { log.Info("x") })
		assertSafe(t, text)
	})
}

func assertSafe(t *testing.T, text string) {
	t.Helper()
	assert.NotContains(t, text, planted)
	assert.NotContains(t, text, base64.StdEncoding.EncodeToString([]byte(planted)))
}

func TestKeysThatNameSecrets(t *testing.T) {
	for _, key := range []string{
		"password", "dbPassword", "MESSAGE_CRYPTO_PASSWORD", "secret", "SecretString", "SecretBinary", "accessKeySecret", "token",
		"sessionToken", "ClientRequestToken", "Authorization", "accessKeyId", "aws_access_key_id", "apiKey", "api-key", "private.key",
		"credentials", "Cookie", "messageCryptoIv", "iv", "auth", "pwd", "key", "keys", "cfg", "config", "Body", "payload", "content",
		"headers", "passthrough", "attachments", "snapshot", "variables",
	} {
		_, members := logged(t, key, planted)
		assert.Equal(t, "***", members[key], key)
	}
	for _, key := range []string{
		"SecretId", "secretName", "SecretARN", "routingKey", "keyCount", "bodyBytes", "messageId", "author", "compass", "driver", "user",
	} {
		_, members := logged(t, key, "shown")
		assert.Equal(t, "shown", members[key], key)
	}
}

func TestValues(t *testing.T) {
	id := uuid.MustParse("11111111-2222-4333-8444-555555555555")
	for _, test := range []struct {
		name        string
		value, want any
	}{
		{"text", "ü <&>", "ü <&>"},
		{"number", 12, 12.0},
		{"large number in a map", map[string]int64{"n": 9007199254740993}, map[string]any{"n": 9007199254740993.0}},
		{"boolean", false, false},
		{"duration", 1500 * time.Millisecond, "1.5s"},
		{"time", time.Unix(0, 0).UTC(), "1970-01-01T00:00:00Z"},
		{"nothing", nil, nil},
		{"list", []string{"a", "b"}, []any{"a", "b"}},
		{"bytes", []byte("abc"), "3 bytes"},
		{"type that prints itself", id, id.String()},
		{"error", errors.New("broken"), map[string]any{"message": "broken"}},
		{"our error", fmt.Errorf("call: %w", component.Errorf("Throttled", "slow down")),
			map[string]any{"message": "call: slow down", "name": "Throttled"}},
		{"error that is a nil pointer", (*nilError)(nil), "!PANIC in *bunyan_test.nilError"},
		{"panic", panics{}, "!PANIC in bunyan_test.panics"},
		{"no JSON", func() {}, "!ERROR: func() has no JSON"},
		{"no number in JSON", []float64{math.NaN()}, "!ERROR: []float64 has no JSON"},
		{"URI without a user", "https://host:8080/path?x=1", "https://host:8080/path?x=1"},
		{"URI with an address behind", "see https://host/path or a@b.example", "see https://host/path or a@b.example"},
		{"two URIs", "amqp://u:p@h1, amqp://u:p@h2", "amqp://***@h1, amqp://***@h2"},
		{"URI with an empty user", "amqp://:p@h", "amqp://***@h"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, members := logged(t, "value", test.value)
			assert.Equal(t, test.want, members["value"])
		})
	}
}

func FuzzLine(f *testing.F) {
	f.Add("key", "value", "msg")
	f.Add("level", "amqp://u:p@h", "://a@")
	f.Add("", "\xff\x00", "\n\u2028")
	f.Fuzz(func(t *testing.T, key, value, msg string) {
		_, members := line(t, options(), func(log *slog.Logger) {
			log.With(key, value).WithGroup(key).Info(msg, key, value, "same", value, key, value)
		})
		for _, name := range []string{"name", "hostname", "pid", "level", "msg", "time", "v", "tag"} {
			require.Contains(t, members, name)
		}
	})
}
