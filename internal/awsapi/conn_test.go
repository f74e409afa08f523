package awsapi

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/httpfault"
)

func TestBodyDecidesOnReuse(t *testing.T) {
	tests := []struct {
		name   string
		answer string
		use    func(t *testing.T, body io.ReadCloser)
		reused bool
	}{
		{"read and closed", ok("first"), func(t *testing.T, body io.ReadCloser) {
			_, err := io.Copy(io.Discard, body)
			require.NoError(t, err)
			n, err := body.Read(make([]byte, 1))
			assert.Zero(t, n)
			assert.ErrorIs(t, err, io.EOF, "the end stays")
			assert.NoError(t, body.Close())
			assert.NoError(t, body.Close(), "twice")
		}, true},
		{"read and not closed", ok("first"), func(t *testing.T, body io.ReadCloser) {
			_, err := io.Copy(io.Discard, body)
			require.NoError(t, err)
		}, true},
		{"nothing to read", ok(""), func(t *testing.T, body io.ReadCloser) { assert.NoError(t, body.Close()) }, true},
		{"not read", ok("first"), func(t *testing.T, body io.ReadCloser) {
			assert.NoError(t, body.Close())
			_, err := body.Read(make([]byte, 1))
			assert.ErrorIs(t, err, http.ErrBodyReadAfterClose)
		}, false},
		{"read in part", ok("first"), func(t *testing.T, body io.ReadCloser) {
			_, err := io.ReadFull(body, make([]byte, 2))
			require.NoError(t, err)
			assert.NoError(t, body.Close())
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := script(t, func(int, int, string) (string, bool) { return tt.answer, false })
			transport := testTransport(t)
			response, err := transport.RoundTrip(request(t.Context(), t, "http://"+server.address, ""))
			require.NoError(t, err)
			defer func() { _ = response.Body.Close() }()
			tt.use(t, response.Body)
			assert.Len(t, transport.all(), map[bool]int{true: 1, false: 0}[tt.reused])
		})
	}
}

func TestNewConnectionFails(t *testing.T) {
	endless := strings.Repeat("x", 4*http.DefaultMaxHeaderBytes)
	tests := []struct {
		name, answer string
		is           error
	}{
		{"closed", "", nil}, // an end or a reset, as the server's system pleases
		{"breaks off in the first line", "HTTP/1.1 2", nil},
		{"breaks off in a header", "HTTP/1.1 200 OK\r\nContent-Le", nil},
		{"breaks off in the headers", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n", io.ErrUnexpectedEOF},
		{"breaks off after an interim answer", "HTTP/1.1 100 Continue\r\n\r\n", io.ErrUnexpectedEOF},
		{"breaks off in the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirst", io.ErrUnexpectedEOF},
		{"breaks off in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nfirst", io.ErrUnexpectedEOF},
		{"breaks off between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n", io.ErrUnexpectedEOF},
		{"not HTTP", "220 smtp.example.com ESMTP\r\n", nil},
		{"not HTTP/1", "HTTP/x 200 OK\r\n\r\n", nil},
		{"a secret for HTTP", testValue + "\r\n\r\n", httpfault.ErrAnswer},
		{"a secret for a header", "HTTP/1.1 200 OK\r\n" + testValue + "\r\n\r\n", httpfault.ErrAnswer},
		{"a secret for a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + testValue + "\r\n\r\n", nil},
		{"no length", "HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\nfirst", nil},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nfirst", nil},
		{"endless first line", "HTTP/1.1 200 " + endless, errEndlessHeaders},
		{"endless header", "HTTP/1.1 200 OK\r\nX: " + endless, errEndlessHeaders},
		{"endless headers", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", http.DefaultMaxHeaderBytes), errEndlessHeaders},
		{"endless interim answers", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", http.DefaultMaxHeaderBytes/10), errEndlessHeaders},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := script(t, func(int, int, string) (string, bool) { return tt.answer, true })
			transport := testTransport(t)
			_, err := send(t, transport, server.address, testValue)
			require.Error(t, err)
			if tt.is != nil {
				assert.ErrorIs(t, err, tt.is)
			}
			requireNoSecrets(t, err.Error())
			assert.Equal(t, int32(1), server.requests.Load(), "no second try")
			assert.Equal(t, int32(1), server.connections.Load())
			assert.Empty(t, transport.all())
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, listener.Close())
		_, err = send(t, testTransport(t), listener.Addr().String(), "")
		assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	})
}

func TestContextEnds(t *testing.T) {
	cut := func(end context.CancelFunc, before string) func(int, net.Conn) {
		return func(_ int, c net.Conn) {
			if _, ok := receive(bufio.NewReader(c)); !ok {
				return
			}
			_, _ = io.WriteString(c, before)
			end()
			_, _ = io.Copy(io.Discard, c) // until the client is gone
		}
	}
	// Each server calls end at the moment in question.
	tests := []struct {
		name   string
		scheme string
		serve  func(end context.CancelFunc) func(int, net.Conn)
	}{
		{"in the TLS handshake", "https", func(end context.CancelFunc) func(int, net.Conn) {
			return func(_ int, c net.Conn) {
				_, _ = c.Read(make([]byte, 1))
				end()
				_, _ = io.Copy(io.Discard, c)
			}
		}},
		{"before the answer", "http", func(end context.CancelFunc) func(int, net.Conn) { return cut(end, "") }},
		{"in the headers", "http", func(end context.CancelFunc) func(int, net.Conn) { return cut(end, "HTTP/1.1 200 OK\r\nA: ") }},
		{"after an interim answer", "http", func(end context.CancelFunc) func(int, net.Conn) {
			return cut(end, "HTTP/1.1 100 Continue\r\n\r\n")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, end := context.WithCancel(t.Context())
			defer end()
			gone := make(chan struct{})
			serve := tt.serve(end)
			address := listen(t, func(n int, c net.Conn) {
				serve(n, c)
				close(gone)
			})
			transport := testTransport(t)
			err := unsent(t, transport, request(ctx, t, tt.scheme+"://"+address, ""))
			require.ErrorIs(t, err, context.Canceled)
			assert.Equal(t, ctx.Err(), err, "and nothing else")
			<-gone
			assert.Empty(t, transport.all())
		})
	}

	t.Run("before it starts", func(t *testing.T) {
		server := script(t, func(int, int, string) (string, bool) { return ok(""), false })
		transport := testTransport(t)
		requireSent(t, transport, server.address, "")
		ctx, end := context.WithCancel(t.Context())
		end()
		err := unsent(t, transport, request(ctx, t, "http://"+server.address, ""))
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, int32(1), server.requests.Load())
	})
	t.Run("while dialing", func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		transport := testTransport(t)
		transport.dialer.ControlContext = func(dialing context.Context, _, _ string, _ syscall.RawConn) error {
			end()
			<-dialing.Done()
			return errors.New("too late")
		}
		err := unsent(t, transport, request(ctx, t, "http://127.0.0.1:1", ""))
		assert.Equal(t, context.Canceled, err)
	})
	t.Run("its time is up", func(t *testing.T) {
		address := listen(t, func(_ int, c net.Conn) { _, _ = io.Copy(io.Discard, c) })
		ctx, end := context.WithTimeout(t.Context(), time.Millisecond)
		defer end()
		err := unsent(t, testTransport(t), request(ctx, t, "http://"+address, ""))
		assert.Equal(t, context.DeadlineExceeded, err)
	})
	t.Run("in the body", func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		defer end()
		gone := make(chan struct{})
		serve := cut(func() {}, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirst")
		address := listen(t, func(n int, c net.Conn) {
			serve(n, c)
			close(gone)
		})
		transport := testTransport(t)
		response, err := transport.RoundTrip(request(ctx, t, "http://"+address, ""))
		require.NoError(t, err)
		defer func() { _ = response.Body.Close() }()
		_, err = io.ReadFull(response.Body, make([]byte, 5))
		require.NoError(t, err)
		end()
		_, err = response.Body.Read(make([]byte, 1))
		assert.Equal(t, context.Canceled, err)
		<-gone
		assert.Empty(t, transport.all())
	})
	t.Run("after the body", func(t *testing.T) {
		server := script(t, func(n, _ int, _ string) (string, bool) { return ok(fmt.Sprint(n)), false })
		transport := testTransport(t)
		ctx, end := context.WithCancel(t.Context())
		response, err := transport.RoundTrip(request(ctx, t, "http://"+server.address, ""))
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		end()
		require.NoError(t, response.Body.Close())
		assert.Equal(t, "1", requireSent(t, transport, server.address, ""), "the connection has outlived it")
	})
}

// What goes over the wire is what net/http would send.
func TestRequestOnTheWire(t *testing.T) {
	var wire []string
	var mu sync.Mutex
	address := listen(t, func(_ int, c net.Conn) {
		var seen bytes.Buffer
		if _, ok := receive(bufio.NewReader(io.TeeReader(c, &seen))); !ok {
			return
		}
		mu.Lock()
		wire = append(wire, seen.String())
		mu.Unlock()
		_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
	})
	theirs := &http.Transport{DisableCompression: true}
	defer theirs.CloseIdleConnections()
	tests := []struct {
		name, method, path, body string
		length                   int64
	}{
		{"POST", http.MethodPost, "/", `{"SecretId":"s"}`, 16},
		{"GET", http.MethodGet, "/a%2Fb?c=d", "", 0},
		{"PUT of unknown length", http.MethodPut, "", "some", -1},
		{"large", http.MethodPost, "/", strings.Repeat("x", 1<<20), 1 << 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wire = nil
			for _, transport := range []http.RoundTripper{testTransport(t), theirs} {
				r, err := http.NewRequestWithContext(t.Context(), tt.method, "http://"+address+tt.path, strings.NewReader(tt.body))
				require.NoError(t, err)
				r.ContentLength = tt.length
				r.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
				response, err := transport.RoundTrip(r)
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
			}
			require.Len(t, wire, 2)
			assert.Equal(t, wire[1], wire[0])
		})
	}
}

// Whatever a server says, it is understood as net/http understands it.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		ok("first"), ok("first") + "more", plainHead + "first", plainHead + "fir", "HTTP/1.1 204 No Content\r\n\r\nfirst", "HTTP/1.0 200 OK\r\n\r\nfirst", "220 smtp.example.com ESMTP\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n5\r\nfirst\r\n0\r\nA: b\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirst", "HTTP/1.1 200 OK\r\nA : b\r\n c\r\n\r\n",
	} {
		f.Add(seed)
	}
	var answer string
	address := listen(f, func(_ int, c net.Conn) {
		if _, ok := receive(bufio.NewReader(c)); ok {
			_, _ = io.WriteString(c, answer)
		}
	})
	ours, theirs := testTransport(f), &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	type said struct {
		status, body string
		header       http.Header
		length       int64
		failed       bool
	}
	ask := func(t *testing.T, transport http.RoundTripper) said {
		response, err := transport.RoundTrip(request(t.Context(), t, "http://"+address, ""))
		if err != nil {
			return said{failed: true}
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		return said{response.Status, string(body), response.Header, response.ContentLength, err != nil}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "101") {
			t.Skip() // net/http then hands the connection over
		}
		answer = text
		assert.Equal(t, ask(t, theirs), ask(t, ours))
	})
}
