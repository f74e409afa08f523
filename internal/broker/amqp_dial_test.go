package broker

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func TestParseURIRefusesWithoutShowing(t *testing.T) {
	for name, uri := range map[string]string{
		"empty":                     "",
		"other scheme":              "http://user:s3cr3t@host/",
		"no scheme":                 "user:s3cr3t@host:5672",
		"white space":               "amqp://user:s3cr 3t@host",
		"line end":                  "amqp://user:s3cr3t@host\n",
		"slash in password":         "amqp://user:s3/cr3t@host/vhost",
		"slash after a port":        "amqp://user:1234/s3cr3t@host/vhost",
		"slash after an at sign":    "amqp://user:a@s3cr3t/b@host/vhost",
		"question mark in password": "amqp://user:s3?cr3t@host",
		"hash in password":          "amqp://user:s3cr3t#x@host",
		"hash after a number":       "amqp://user:12#s3cr3t",
		"bad escape":                "amqp://user:s3cr3t%zz@host",
		"bad port":                  "amqp://user:s3cr3t@host:s3cr3t",
		"bad heartbeat":             "amqp://user:s3cr3t@host/?heartbeat=s3cr3t",
		"bad timeout":               "amqp://user:s3cr3t@host/?connection_timeout=s3cr3t",
		"bad channel_max":           "amqp://user:s3cr3t@host/?channel_max=s3cr3t",
		"control character":         "amqp://user:s3cr3t\x00@host",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseURI(uri)
			require.ErrorIs(t, err, ErrURI)
			for _, part := range []string{"s3", "cr3t", "1234"} {
				assert.NotContains(t, err.Error(), part)
			}
		})
	}
}

func TestParseURIReadsWhatIsRight(t *testing.T) {
	for name, test := range map[string]struct {
		uri, host, user, password, vhost string
		port                             int
	}{
		"all of it":   {"amqp://u:p%2F%3F%23%40@h:1/v", "h", "u", "p/?#@", "v", 1},
		"the least":   {"amqp://h", "h", "guest", "guest", "/", 5672},
		"with TLS":    {"amqps://u:p@h", "h", "u", "p", "/", 5671},
		"IPv6":        {"amqp://u:p@[::1]:9/", "::1", "u", "p", "/", 9},
		"with params": {"amqp://u:p@h/v?heartbeat=5", "h", "u", "p", "v", 5672},
		"vhost at":    {"amqp://u:p@h/v%40w", "h", "u", "p", "v@w", 5672},
	} {
		t.Run(name, func(t *testing.T) {
			uri, err := parseURI(test.uri)
			require.NoError(t, err)
			assert.Equal(t, test.host, uri.Host)
			assert.Equal(t, test.port, uri.Port)
			assert.Equal(t, test.user, uri.Username)
			assert.Equal(t, test.password, uri.Password)
			assert.Equal(t, test.vhost, uri.Vhost)
		})
	}
}

// FuzzParseURI puts any text where a password is. Whatever the outcome, no
// part of it may end up where it would be printed.
func FuzzParseURI(f *testing.F) {
	for _, seed := range []string{"plain", "a/b", "a@b", "12/34", "a#b", "a?b", "%", "%2F", "[", "a@b/c", "a b", "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		password := "S3CR3T" + text + "S3CR3T"
		uri, err := parseURI("amqp://user:" + password + "@broker.example:5672/vhost")
		if err != nil {
			require.ErrorIs(t, err, ErrURI)
			require.NotContains(t, err.Error(), "S3CR3T")
			return
		}
		require.Equal(t, "broker.example", uri.Host)
		require.Equal(t, 5672, uri.Port)
		require.Equal(t, "vhost", uri.Vhost)
	})
}

func TestConnectErrorsHideThePassword(t *testing.T) {
	err := connectError(t.Context(), t.Context(), &net.AddrError{Err: "quoting s3cr3t", Addr: "host"}, "s3cr3t")
	require.ErrorIs(t, err, ErrNotConnected)
	require.EqualError(t, err, ErrNotConnected.Error()+": address host: quoting ***")
}

func TestConnectTellsThatNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	sink := NewAMQPSink(AMQPOptions{URI: component.NewSecret("amqp://user:s3cr3t@" + listener.Addr().String())})
	err = sink.Connect(t.Context())
	require.ErrorIs(t, err, ErrNotConnected)
	require.ErrorContains(t, err, "refused")
	require.NotContains(t, err.Error(), "s3cr3t")
}

// A broker that takes the connection and then says nothing.
func TestConnectEndsWithItsContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	uri := "amqp://user:s3cr3t@" + listener.Addr().String()

	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		accepted := make(chan net.Conn, 1)
		go func() {
			conn, err := listener.Accept()
			if assert.NoError(t, err) {
				cancel()
			}
			accepted <- conn
		}()
		source := NewAMQPSource(AMQPOptions{URI: component.NewSecret(uri)})
		require.ErrorIs(t, source.Connect(ctx), context.Canceled)
		_ = (<-accepted).Close()
	})
	t.Run("too slow", func(t *testing.T) {
		source := NewAMQPSource(AMQPOptions{URI: component.NewSecret(uri + "/?connection_timeout=1")})
		err := source.Connect(t.Context())
		require.ErrorIs(t, err, ErrNotConnected)
		require.ErrorContains(t, err, "no answer in time")
	})
}
