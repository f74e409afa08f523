package broker_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/testkit"
)

// newQueue declares a queue on a real RabbitMQ, until the test's end.
func newQueue(t testing.TB, rabbit *testkit.Rabbit) string {
	name := "broker-" + uuid.NewString()
	topology := broker.Topology{Queues: []broker.Queue{{Name: name}}}
	admin := rabbit.Admin(t)
	require.NoError(t, admin.Declare(t.Context(), topology))
	t.Cleanup(func() { assert.NoError(t, admin.Delete(context.WithoutCancel(t.Context()), topology)) })
	return name
}

func to(queue, body string) broker.Publication {
	return broker.Publication{
		Properties: broker.Properties{Headers: map[string]any{"messageId": uuid.NewString()}},
		RoutingKey: queue,
		Body:       []byte(body),
	}
}

func newSink(t testing.TB, uri string) *broker.AMQPSink {
	sink := broker.NewAMQPSink(broker.AMQPOptions{URI: component.NewSecret(uri)})
	t.Cleanup(func() { assert.NoError(t, sink.Close()) })
	require.NoError(t, sink.Connect(t.Context()))
	return sink
}

func newSource(t testing.TB, uri, queue string, prefetch int) *broker.AMQPSource {
	source := broker.NewAMQPSource(broker.AMQPOptions{URI: component.NewSecret(uri), Queue: queue, Prefetch: prefetch})
	t.Cleanup(func() { assert.NoError(t, source.Close()) })
	require.NoError(t, source.Connect(t.Context()))
	require.NoError(t, source.Consume(t.Context()))
	return source
}

func receive(t testing.TB, source broker.Source) string {
	t.Helper()
	d, err := source.Receive(t.Context())
	require.NoError(t, err)
	require.NoError(t, d.Settler.Ack(t.Context()))
	return string(d.Body)
}

// The broker takes some seconds to answer a wrong password.
func TestWrongPasswordIsToldAndNotShown(t *testing.T) {
	t.Parallel()
	uri, err := url.Parse(testkit.RabbitMQ(t).URI.Reveal())
	require.NoError(t, err)
	var planted testkit.Planted
	uri.User = url.UserPassword(uri.User.Username(), planted.New("password"))
	planted.Add("URI", uri.String())

	var log bytes.Buffer
	options := broker.AMQPOptions{
		URI: component.NewSecret(uri.String()),
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	err = broker.ConnectWithRetry(t.Context(), broker.NewAMQPSink(options), 1, time.Millisecond, options.Log)
	require.ErrorIs(t, err, broker.ErrNotConnected)
	assert.ErrorContains(t, err, "403")
	planted.AssertAbsent(t, "the error", []byte(err.Error()))
	planted.AssertAbsent(t, "the log", log.Bytes())
	assert.Contains(t, log.String(), "cannot connect to the broker")
}

func TestConfirmsAwaited(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	queue := newQueue(t, rabbit)
	proxy, uri := testkit.ProxyURI(t, rabbit.URI.Reveal())
	sink := newSink(t, uri)

	t.Run("until the context ends", func(t *testing.T) {
		proxy.Hold(testkit.ToClient)
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() { result <- sink.Publish(ctx, to(queue, "a")) }()
		cancel()
		require.ErrorIs(t, <-result, context.Canceled)
		proxy.Forward()
		require.NoError(t, sink.Publish(t.Context(), to(queue, "b")), "the channel lives")
	})
	// publishHeld returns when the broker has the message and its confirm is on
	// the way.
	publishHeld := func() <-chan error {
		count := func() int {
			c, err := rabbit.Admin(t).Count(t.Context(), queue)
			require.NoError(t, err)
			return c.Ready
		}
		before := count()
		proxy.Hold(testkit.ToClient)
		result := make(chan error, 1)
		go func() { result <- sink.Publish(t.Context(), to(queue, "c")) }()
		require.Eventually(t, func() bool { return count() > before }, time.Minute, time.Millisecond)
		return result
	}
	t.Run("across another connect", func(t *testing.T) {
		result := publishHeld()
		require.NoError(t, sink.Connect(t.Context()), "it is connected already")
		proxy.Forward()
		require.NoError(t, <-result)
	})
	t.Run("until the connection is lost", func(t *testing.T) {
		result := publishHeld()
		proxy.Cut()
		require.ErrorIs(t, <-result, broker.ErrNotConnected)
		proxy.Forward()
		require.NoError(t, sink.Connect(t.Context()))
		require.NoError(t, sink.Publish(t.Context(), to(queue, "d")))
	})
}

// A broker that reads no more, as with a memory alarm: even the sending hangs.
func TestPublishThatCannotBeSentEndsWithItsContext(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	queue := newQueue(t, rabbit)
	proxy, uri := testkit.ProxyURI(t, rabbit.URI.Reveal())
	sink := newSink(t, uri)

	proxy.Hold(testkit.ToServer)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	huge := to(queue, strings.Repeat("x", 32<<20))
	require.ErrorIs(t, sink.Publish(ctx, huge), context.DeadlineExceeded)
	proxy.Cut()
	proxy.Forward()
	require.NoError(t, broker.Retry(sink, broker.RetryOptions{}).Publish(t.Context(), to(queue, "small")))
}

func TestLargeMessagePasses(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	queue := newQueue(t, rabbit)
	body := strings.Repeat("0123456789abcdef", 10<<20/16)
	require.NoError(t, newSink(t, rabbit.URI.Reveal()).Publish(t.Context(), to(queue, body)))
	assert.True(t, body == receive(t, newSource(t, rabbit.URI.Reveal(), queue, 1)), "the body was changed")
}

// The connection outlives its consumer, and may not outlive its successor.
func TestConnectDropsWhatIsLeft(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	queue := newQueue(t, rabbit)
	proxy, uri := testkit.ProxyURI(t, rabbit.URI.Reveal())
	source := newSource(t, uri, queue, 1)
	topology := broker.Topology{Queues: []broker.Queue{{Name: queue}}}
	require.NoError(t, rabbit.Admin(t).Delete(t.Context(), topology))
	_, err := source.Receive(t.Context())
	require.ErrorIs(t, err, broker.ErrNotConnected)
	require.NoError(t, rabbit.Admin(t).Declare(t.Context(), topology))
	require.NoError(t, source.Connect(t.Context()))
	require.Eventually(t, func() bool { return proxy.Connections() == 1 }, time.Minute, time.Millisecond)
}

// What the broker does not offer is found out in the middle of the handshake,
// when a broker may wait for long.
func TestFailedHandshakeLeavesNoConnection(t *testing.T) {
	uri, err := url.Parse(testkit.RabbitMQ(t).URI.Reveal())
	require.NoError(t, err)
	greeting := greetingOf(t, address(uri))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	left := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			_, err = conn.Write(greeting)
		}
		if err == nil {
			_, err = io.Copy(io.Discard, conn) // until the client leaves
		}
		left <- err
	}()
	uri.Host, uri.RawQuery = listener.Addr().String(), "auth_mechanism=external"
	sink := broker.NewAMQPSink(broker.AMQPOptions{URI: component.NewSecret(uri.String())})
	err = sink.Connect(t.Context())
	require.ErrorIs(t, err, broker.ErrNotConnected)
	require.ErrorContains(t, err, "SASL")
	require.NoError(t, <-left)
}

// greetingOf returns the first frame that a broker sends.
func greetingOf(t *testing.T, target string) []byte {
	conn, err := net.Dial("tcp", target)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = conn.Write([]byte("AMQP\x00\x00\x09\x01"))
	require.NoError(t, err)
	frame := make([]byte, 7)
	_, err = io.ReadFull(conn, frame)
	require.NoError(t, err)
	rest := make([]byte, binary.BigEndian.Uint32(frame[3:])+1)
	_, err = io.ReadFull(conn, rest)
	require.NoError(t, err)
	return append(frame, rest...)
}

// Stop does not depend on the broker's answer.
func TestStopWithASilentBroker(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	proxy, uri := testkit.ProxyURI(t, rabbit.URI.Reveal())
	source := newSource(t, uri, newQueue(t, rabbit), 1)
	proxy.Hold(testkit.ToClient)
	defer proxy.Forward()
	waiting, waits := noticed(t.Context())
	received := make(chan error, 1)
	go func() {
		_, err := source.Receive(waiting)
		received <- err
	}()
	<-waits
	require.NoError(t, source.Stop(t.Context()))
	require.ErrorIs(t, <-received, broker.ErrStopped)
}

// The network swallows everything and closes nothing.
func TestSilentBrokerIsNoticed(t *testing.T) {
	t.Parallel()
	rabbit := testkit.RabbitMQ(t)
	queue := newQueue(t, rabbit)
	proxy, uri := testkit.ProxyURI(t, rabbit.URI.Reveal())
	source := newSource(t, uri+"?heartbeat=1", queue, 1)
	proxy.Hold(testkit.ToClient)
	_, err := source.Receive(t.Context())
	require.ErrorIs(t, err, broker.ErrNotConnected)
}

func TestConnectDoesNotOutliveClose(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	queue := newQueue(t, rabbit)
	proxy, uri := testkit.ProxyURI(t, rabbit.URI.Reveal())
	options := broker.AMQPOptions{URI: component.NewSecret(uri), Queue: queue}
	source, sink := broker.NewAMQPSource(options), broker.NewAMQPSink(options)

	proxy.Hold(testkit.ToClient)
	results := make(chan error, 2)
	go func() { results <- source.Connect(t.Context()) }()
	go func() { results <- sink.Connect(t.Context()) }()
	require.Eventually(t, func() bool { return proxy.Connections() == 2 }, time.Minute, time.Millisecond)
	require.NoError(t, source.Close())
	require.NoError(t, sink.Close())
	proxy.Forward()
	assert.ElementsMatch(t, []error{broker.ErrStopped, broker.ErrClosed}, []error{<-results, <-results})
	require.Eventually(t, func() bool { return proxy.Connections() == 0 }, time.Minute, time.Millisecond)
}

// The second call would wait for a connection of its own.
func TestConcurrentConnectsShareOneAttempt(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	sink := broker.NewAMQPSink(broker.AMQPOptions{URI: component.NewSecret("amqp://" + listener.Addr().String())})
	defer func() { _ = sink.Close() }()
	results := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { results <- sink.Connect(ctx) }()
	conn, err := listener.Accept()
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, <-results, context.Canceled)

	waiting, waits := noticed(t.Context())
	go func() { results <- sink.Connect(waiting) }()
	<-waits
	require.NoError(t, conn.Close())
	err = <-results
	require.ErrorIs(t, err, broker.ErrNotConnected)
	require.NotContains(t, err.Error(), "no answer in time")
}

func TestConnectionsAreNamed(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	host, err := os.Hostname()
	require.NoError(t, err)
	queue := newQueue(t, rabbit)
	for name, connect := range map[string]func(uri string){
		host + "-read":  func(uri string) { newSource(t, uri, queue, 1) },
		host + "-write": func(uri string) { newSink(t, uri) },
	} {
		wire := newTap(t, rabbit.URI.Reveal())
		connect(wire.uri)
		assert.Regexp(t, `connection_nameS....`+name, wire.sent())
	}
}

func TestTLS(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	certificate, authority := newCertificate(t)
	uri, err := url.Parse(rabbit.URI.Reveal())
	require.NoError(t, err)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	require.NoError(t, err)
	go relay(listener, address(uri), io.Discard)
	t.Cleanup(func() { _ = listener.Close() })
	uri.Scheme, uri.Host = "amqps", listener.Addr().String()

	err = broker.NewAMQPSink(broker.AMQPOptions{URI: component.NewSecret(uri.String())}).Connect(t.Context())
	require.ErrorIs(t, err, broker.ErrNotConnected)
	require.ErrorContains(t, err, "certificate")

	uri.RawQuery = url.Values{"cacertfile": {authority}}.Encode()
	queue := newQueue(t, rabbit)
	require.NoError(t, newSink(t, uri.String()).Publish(t.Context(), to(queue, "sealed")))
	require.Equal(t, "sealed", receive(t, newSource(t, uri.String(), queue, 1)))
}

// newCertificate returns a certificate for 127.0.0.1 and the file to trust it.
func newCertificate(t *testing.T) (tls.Certificate, string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// tap records what clients send.
type tap struct {
	uri string

	mu   sync.Mutex
	data bytes.Buffer
}

func newTap(t *testing.T, uri string) *tap {
	u, err := url.Parse(uri)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	wire := &tap{}
	go relay(listener, address(u), wire)
	u.Host = listener.Addr().String()
	wire.uri = u.String()
	return wire
}

func (w *tap) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.data.Write(data)
}

func (w *tap) sent() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.data.String()
}

func address(uri *url.URL) string {
	if uri.Port() == "" {
		return uri.Host + ":5672"
	}
	return uri.Host
}

// relay joins each client to the server until one of them leaves.
func relay(listener net.Listener, target string, copyTo io.Writer) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", target)
		if err != nil {
			_ = client.Close()
			continue
		}
		join := func(to io.Writer, from net.Conn) {
			_, _ = io.Copy(to, from)
			_, _ = client.Close(), server.Close()
		}
		go join(io.MultiWriter(copyTo, server), client)
		go join(client, server)
	}
}
