package awsapi

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/httpfault"
)

// After the first answer, which is what the test is about, each says which
// connection it came over.
func TestConnectionIsReused(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\n"
	tests := []struct {
		name, answer string
		last         bool // the server closes the connection
		want         string
		reused       bool
	}{
		{"length", ok("first"), false, "first", true},
		{"chunks", head + "Transfer-Encoding: chunked\r\n\r\n3\r\nfir\r\n2\r\nst\r\n0\r\n\r\n", false, "first", true},
		{"chunks and a trailer", head + "Transfer-Encoding: chunked\r\nTrailer: A\r\n\r\n5\r\nfirst\r\n0\r\nA: b\r\n\r\n", false, "first", true},
		{"length 0", ok(""), false, "", true},
		{"no content", "HTTP/1.1 204 No Content\r\n\r\n", false, "", true},
		{"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, "", true},
		{"continue", "HTTP/1.1 100 Continue\r\n\r\n" + ok("first"), false, "first", true},
		{"many interim answers", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n", 20) + ok("first"), false, "first", true},
		{"longer than any buffer", ok(strings.Repeat("first", 1<<20)), false, strings.Repeat("first", 1<<20), true},
		{"HTTP/1.0 that keeps it", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nfirst", false, "first", true},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nfirst", false, "first", false},
		{"HTTP/1.0 up to the end", "HTTP/1.0 200 OK\r\n\r\nfirst", true, "first", false},
		{"up to the end", head + "\r\nfirst", true, "first", false},
		{"close", head + "Connection: close\r\nContent-Length: 5\r\n\r\nfirst", false, "first", false},
		{"more than the answer", ok("first") + ok("second"), false, "first", false},
		{"more than no answer", "HTTP/1.1 204 No Content\r\n\r\n" + ok("second"), false, "", false},
		{"another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", false, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := script(t, func(n, i int, _ string) (string, bool) {
				if n == 1 && i == 1 {
					return tt.answer, tt.last
				}
				return ok(fmt.Sprint("connection ", n)), false
			})
			transport, want := testTransport(t), "connection 2"
			if tt.reused {
				want = "connection 1"
			}
			assert.Equal(t, tt.want, requireSent(t, transport, server.address, ""))
			assert.Len(t, transport.all(), map[bool]int{true: 1, false: 0}[tt.reused])
			assert.Equal(t, want, requireSent(t, transport, server.address, ""))
		})
	}
}

func TestManyRequestsAtOnce(t *testing.T) {
	server := script(t, func(_, _ int, body string) (string, bool) { return ok("answer to " + body), false })
	transport := testTransport(t)
	const workers = 32
	var running sync.WaitGroup
	for worker := range workers {
		running.Go(func() {
			for i := range 50 {
				body := fmt.Sprintf("%d/%d %s", worker, i, strings.Repeat("x", i*100))
				got, err := send(t, transport, server.address, body)
				assert.NoError(t, err)
				assert.Equal(t, "answer to "+body, got)
			}
		})
	}
	running.Wait()
	assert.LessOrEqual(t, int(server.connections.Load()), workers)
}

// A connection that the server has closed, or sent something over, since its
// last answer, is noticed before a request goes over it.
func TestKeptConnectionHasEnded(t *testing.T) {
	tests := []struct{ name, after string }{
		{"closed", ""},
		{"closed with a last word", "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
		{"an answer to nothing", ok("to nothing")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			done := make(chan struct{})
			second := make(chan string, 2)
			address := listen(t, func(n int, c net.Conn) {
				reader := bufio.NewReader(c)
				body, _ := receive(reader)
				_, _ = io.WriteString(c, ok(body))
				if n == 1 {
					<-done
					_, _ = io.WriteString(c, tt.after)
					return
				}
				second <- body
			})
			transport := testTransport(t)
			assert.Equal(t, "1", requireSent(t, transport, address, "1"))
			kept := transport.all()
			require.Len(t, kept, 1)
			require.True(t, kept[0].quiet())

			close(done)
			_, _ = kept[0].socket.Conn.Read(make([]byte, 1)) // waits until something, or the end, is there
			assert.Equal(t, "2", requireSent(t, transport, address, "2"))
			assert.Equal(t, "2", <-second)
			assert.Empty(t, second, "sent once")
		})
	}
}

// A server may also close a kept connection just as it is used again.
func TestKeptConnectionEndsUnderARequest(t *testing.T) {
	tests := []struct {
		name        string
		answer      func(n, i int) string
		want        string // "" for an error
		connections int32
		requests    int32
	}{
		{"the next one answers", func(n, i int) string {
			if n == 1 && i > 1 {
				return ""
			}
			return ok(fmt.Sprint("connection ", n))
		}, "connection 2", 2, 3},
		{"all do", func(n, i int) string {
			if n == 1 && i == 1 {
				return ok("first")
			}
			return ""
		}, "", 2, 3},
		{"in the middle of an answer", func(n, i int) string {
			if i == 1 {
				return ok("first")
			}
			return "HTTP/1.1 200 O"
		}, "", 1, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := script(t, func(n, i int, _ string) (string, bool) { return tt.answer(n, i), i > 1 })
			transport := testTransport(t)
			requireSent(t, transport, server.address, "")
			got, err := send(t, transport, server.address, "")
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.want == "", err != nil, "%v", err)
			assert.Equal(t, tt.connections, server.connections.Load())
			assert.Equal(t, tt.requests, server.requests.Load(), "sent again once at most")
		})
	}
}

// However many were kept, a request goes over one of them and a new one.
func TestManyKeptConnectionsEndUnderRequests(t *testing.T) {
	const kept = 5
	var arrived sync.WaitGroup
	arrived.Add(kept)
	server := script(t, func(n, i int, _ string) (string, bool) {
		if n > kept || i > 1 {
			return "", true
		}
		arrived.Done()
		arrived.Wait() // so that none is free for another request
		return ok(""), false
	})
	transport := testTransport(t)
	var running sync.WaitGroup
	for range kept {
		running.Go(func() {
			_, err := send(t, transport, server.address, "")
			assert.NoError(t, err)
		})
	}
	running.Wait()
	require.Len(t, transport.all(), kept)
	_, err := send(t, transport, server.address, "")
	require.Error(t, err)
	assert.Equal(t, int32(kept+2), server.requests.Load())
	assert.Len(t, transport.all(), kept-1)
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	states := make(chan http.ConnState, 10)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) { states <- state }
	server.Start()
	defer server.Close()
	transport := testTransport(t)
	transport.idleTimeout = time.Millisecond
	for range 2 { // the sweep comes again
		requireSent(t, transport, server.Listener.Addr().String(), "")
		for _, want := range []http.ConnState{http.StateNew, http.StateActive, http.StateIdle, http.StateClosed} {
			require.Equal(t, want, <-states)
		}
		transport.mu.Lock()
		assert.Empty(t, transport.idle, "origins are forgotten")
		transport.mu.Unlock()
	}
}

func TestSweepSparesWhatIsInUse(t *testing.T) {
	server := script(t, func(n, _ int, _ string) (string, bool) { return ok(fmt.Sprint(n)), false })
	transport := testTransport(t)
	transport.sweeping = true // by this test
	for range 2 {
		requireSent(t, transport, server.address, "")
		transport.sweep()
	}
	require.Len(t, transport.all(), 1)
	transport.all()[0].since = time.Now().Add(-idleTimeout)
	transport.sweep()
	assert.Empty(t, transport.all())
	assert.False(t, transport.sweeping)
}

func TestNotTooManyAreKept(t *testing.T) {
	const more = maxIdle + 2
	var arrived, running sync.WaitGroup
	arrived.Add(more)
	server := script(t, func(int, int, string) (string, bool) {
		arrived.Done()
		arrived.Wait()
		return ok(""), false
	})
	transport := testTransport(t)
	for range more {
		running.Go(func() {
			_, err := send(t, transport, server.address, "")
			assert.NoError(t, err)
		})
	}
	running.Wait()
	assert.Equal(t, int32(more), server.connections.Load())
	assert.Len(t, transport.all(), maxIdle)
}

func TestProxy(t *testing.T) {
	assert.Equal(t, reflect.ValueOf(http.ProxyFromEnvironment).Pointer(), reflect.ValueOf(newTransport().proxied.Proxy).Pointer())

	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.RequestURI)
		if r.Method == http.MethodConnect {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	transport := testTransport(t)
	transport.proxied.Proxy = http.ProxyURL(address)
	assert.Empty(t, requireSent(t, transport, "aws.example.com", testValue))
	err = unsent(t, transport, request(t.Context(), t, "https://aws.example.com", testValue))
	require.ErrorContains(t, err, "Forbidden")
	assert.Equal(t, []string{"POST http://aws.example.com/", "CONNECT aws.example.com:443"}, asked)

	broken := listen(t, func(_ int, c net.Conn) {
		if _, ok := receive(bufio.NewReader(c)); ok {
			_, _ = io.WriteString(c, testValue+"\r\n\r\n")
		}
	})
	transport.proxied.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: broken})
	_, err = send(t, transport, "aws.example.com", "")
	require.ErrorIs(t, err, httpfault.ErrAnswer)
	requireNoSecrets(t, err.Error())

	transport.proxied.Proxy = func(*http.Request) (*url.URL, error) { return nil, errors.New("no such proxy") }
	_, err = send(t, transport, "aws.example.com", testValue)
	require.ErrorContains(t, err, "find the proxy: no such proxy")
}
