package awsapi

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listen serves each connection, counted from 1, with handle, which is done
// with it when it returns. It returns the address.
func listen(t testing.TB, handle func(n int, c net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, end := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for n := 1; ; n++ {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { _ = c.Close() })
			running.Go(func() {
				handle(n, c)
				stop()
				_ = c.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		end()
		running.Wait()
	})
	return listener.Addr().String()
}

// scripted is a server whose connections say what a test tells them to.
type scripted struct {
	address     string
	connections atomic.Int32
	requests    atomic.Int32
}

// script answers each request with what answer returns for it, as it is; n
// counts the connections and i the requests on each, both from 1. An empty
// answer closes the connection without one, and last closes it afterwards.
func script(t testing.TB, answer func(n, i int, body string) (text string, last bool)) *scripted {
	t.Helper()
	s := &scripted{}
	s.address = listen(t, func(n int, c net.Conn) {
		s.connections.Add(1)
		reader := bufio.NewReader(c)
		for i := 1; ; i++ {
			body, ok := receive(reader)
			if !ok {
				return
			}
			s.requests.Add(1)
			text, last := answer(n, i, body)
			if _, err := io.WriteString(c, text); err != nil || text == "" || last {
				return
			}
		}
	})
	return s
}

// receive returns the body of the next request on c, or ok as false at its end.
func receive(c *bufio.Reader) (body string, ok bool) {
	request, err := http.ReadRequest(c)
	if err != nil {
		return "", false
	}
	b, err := io.ReadAll(request.Body)
	return string(b), err == nil
}

// ok is an answer with that body.
func ok(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func request(ctx context.Context, t testing.TB, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, io.NopCloser(bytes.NewReader([]byte(body))))
	require.NoError(t, err)
	r.ContentLength = int64(len(body))
	return r
}

// send returns the answer's body, read to its end.
func send(t testing.TB, transport http.RoundTripper, address, body string) (string, error) {
	t.Helper()
	response, err := transport.RoundTrip(request(t.Context(), t, "http://"+address, body))
	if err != nil {
		assert.Nil(t, response)
		return "", err
	}
	defer func() { assert.NoError(t, response.Body.Close()) }()
	b, err := io.ReadAll(response.Body)
	return string(b), err
}

// requireSent sends and returns the answer's body.
func requireSent(t testing.TB, transport http.RoundTripper, address, body string) string {
	t.Helper()
	got, err := send(t, transport, address, body)
	require.NoError(t, err)
	return got
}

// unsent returns what the request fails with.
func unsent(t testing.TB, transport http.RoundTripper, r *http.Request) error {
	t.Helper()
	response, err := transport.RoundTrip(r) //nolint:bodyclose // there is none
	require.Error(t, err)
	assert.Nil(t, response)
	return err
}

// testTransport keeps nothing beyond the test.
func testTransport(t testing.TB) *transport {
	t.Helper()
	transport := newTransport()
	t.Cleanup(func() {
		for _, c := range transport.all() {
			_ = c.Close()
		}
		transport.proxied.CloseIdleConnections()
	})
	return transport
}

// all returns the connections that t keeps.
func (t *transport) all() []*conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []*conn
	for _, idle := range t.idle {
		all = append(all, idle...)
	}
	return all
}
