package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"aws-secrets-manager-connector/internal/batchconn"
	"aws-secrets-manager-connector/internal/component"
)

const (
	heartbeat    = 10 * time.Second // unless the URI says otherwise
	dialTimeout  = 30 * time.Second // unless the URI says otherwise
	closeTimeout = 5 * time.Second  // for a graceful close, should the broker not answer
)

// AMQPOptions say which broker to talk to, and how.
type AMQPOptions struct {
	// URI is amqp://user:password@host:port/vhost, or amqps. Its query may set
	// heartbeat (s), connection_timeout (ms) and the TLS files.
	URI component.Secret
	// ConnectionName shows in the broker's list of connections. Empty means
	// <hostname>-read for a source and <hostname>-write for a sink.
	ConnectionName string
	// Queue and Prefetch are for sources. Prefetch is the number of deliveries
	// that may be unsettled at once; 0 means no limit.
	Queue    string
	Prefetch int
	// Log may be nil.
	Log *slog.Logger
}

// withDefaults fills in the connection's name and a logger.
func (o AMQPOptions) withDefaults(suffix string) AMQPOptions {
	if o.ConnectionName == "" {
		host, err := os.Hostname()
		if err != nil {
			host = "unknown-host"
		}
		o.ConnectionName = host + "-" + suffix
	}
	o.Log = orDiscard(o.Log)
	return o
}

// parseURI checks uri more strictly than the library does: an unescaped "/",
// "?" or "#" in a password would make a part of the password pass for the host
// or the port, and these are printed. The errors of net/url show the URI, so
// they are not passed on.
func parseURI(uri string) (amqp.URI, error) {
	malformed := func(rule string) (amqp.URI, error) {
		return amqp.URI{}, fmt.Errorf("%w: %s", ErrURI, rule)
	}
	scheme, rest, found := strings.Cut(uri, "://")
	if !found || (scheme != "amqp" && scheme != "amqps") {
		return malformed("it must start with amqp:// or amqps://")
	}
	if strings.ContainsAny(uri, " \t\r\n") {
		return malformed("it contains white space")
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 && strings.ContainsAny(rest[i:], "@#") {
		return malformed("reserved characters of user name, password and vhost must be percent-encoded")
	}
	parsed, err := amqp.ParseURI(uri)
	if err != nil {
		return malformed("it must have the form amqp://user:password@host:port/vhost, " +
			"with reserved characters percent-encoded and numbers in heartbeat, connection_timeout and channel_max")
	}
	return parsed, nil
}

// openSession dials, opens a channel and hands it to setup, all of it within
// the context and the dial timeout.
func openSession(ctx context.Context, o AMQPOptions, setup func(*amqp.Channel) error) (*session, error) {
	uri, err := parseURI(o.URI.Reveal())
	if err != nil {
		return nil, err
	}
	timeout := dialTimeout
	if uri.ConnectionTimeout > 0 {
		timeout = time.Duration(uri.ConnectionTimeout) * time.Millisecond
	}
	attempt, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	// TCP_NODELAY stays on, as it is in Go: without it a message of more than one
	// segment waits for the broker's delayed TCP acknowledgement.
	var dialer net.Dialer
	tcp, err := dialer.DialContext(attempt, "tcp", net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port)))
	if err != nil {
		return nil, connectError(ctx, attempt, err, uri.Password)
	}
	stop := context.AfterFunc(attempt, func() { _ = tcp.Close() })
	s, err := handshake(tcp, o, setup)
	if !stop() && err == nil {
		err = attempt.Err()
	}
	if err != nil {
		_ = tcp.Close()
		return nil, connectError(ctx, attempt, err, uri.Password)
	}
	o.Log.Debug("connected to the broker", "connection", o.ConnectionName)
	return s, nil
}

func handshake(tcp net.Conn, o AMQPOptions, setup func(*amqp.Channel) error) (_ *session, err error) {
	batched := batchconn.New(tcp)
	defer func() {
		if err != nil {
			_ = batched.Close()
		}
	}()
	properties := amqp.NewConnectionProperties()
	properties.SetClientConnectionName(o.ConnectionName)
	conn, err := amqp.DialConfig(o.URI.Reveal(), amqp.Config{
		Heartbeat:  heartbeat,
		Properties: properties,
		Dial:       func(string, string) (net.Conn, error) { return batched, nil },
	})
	if err != nil {
		return nil, err
	}
	ch, err := conn.Channel()
	if err != nil {
		return nil, err
	}
	if err := setup(ch); err != nil {
		return nil, err
	}
	return newSession(conn, tcp, ch, o.Log), nil
}

// connectError tells why connecting failed, without the password: even where
// the library or the broker should quote it.
func connectError(ctx, attempt context.Context, err error, password string) error {
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("connect to the broker: %w", cause)
	}
	// The socket's own clock may run out a moment before the context's.
	var network net.Error
	if attempt.Err() != nil || errors.As(err, &network) && network.Timeout() {
		return fmt.Errorf("%w: no answer in time", ErrNotConnected)
	}
	text := err.Error()
	if password != "" {
		text = strings.ReplaceAll(text, password, "***")
	}
	return fmt.Errorf("%w: %s", ErrNotConnected, text)
}
