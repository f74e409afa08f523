package fake

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

// pipes is a listener in memory. In a bubble of synctest, time stands still as
// long as anything can go on, so that a time-out shows as time that has passed.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// dial connects and sends text; whether more follows is the caller's matter.
func (p *pipes) dial(t *testing.T, text string) net.Conn {
	client, server := net.Pipe()
	p.accepted <- server
	_, err := io.WriteString(client, text)
	require.NoError(t, err)
	return client
}

const (
	wholeRequest = "GET /_emulator/calls HTTP/1.1\r\nHost: localhost\r\n\r\n"
	halfHead     = "GET /_emulator/calls HTTP/1.1\r\nHo"
	halfBody     = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 9\r\n\r\n{"
)

func requireServed(t *testing.T, conn net.Conn) {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.JSONEq(t, `{"calls":{}}`, string(body))
}

func TestSlowConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := newPipes()
		server := serve(listener, emulator.New(emulator.Options{}), maxConnections)
		start := time.Now()
		var heads, bodies []net.Conn
		for range 500 {
			heads = append(heads, listener.dial(t, halfHead))
			bodies = append(bodies, listener.dial(t, halfBody))
		}
		other := listener.dial(t, wholeRequest)
		requireServed(t, other)
		assert.Zero(t, time.Since(start), "others were held up")

		for _, conn := range heads {
			rest, err := io.ReadAll(conn)
			require.NoError(t, err)
			assert.Contains(t, string(rest), "400 Bad Request")
		}
		assert.Equal(t, headTimeout, time.Since(start))
		for _, conn := range bodies {
			rest, err := io.ReadAll(conn)
			require.NoError(t, err)
			assert.Contains(t, string(rest), "408 Request Timeout")
		}
		assert.Equal(t, requestTimeout, time.Since(start))
		rest, err := io.ReadAll(other)
		require.NoError(t, err)
		assert.Empty(t, rest)
		assert.Equal(t, idleTimeout, time.Since(start))
		require.NoError(t, server.Close())
	})
}

func TestConnectionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 3
		listener := newPipes()
		server := serve(listener, emulator.New(emulator.Options{}), most)
		start := time.Now()
		fill := func() {
			for range most {
				slow := listener.dial(t, halfHead)
				go io.Copy(io.Discard, slow)
			}
		}
		fill()
		other := listener.dial(t, wholeRequest)
		requireServed(t, other)
		assert.Equal(t, headTimeout, time.Since(start), "served when the others had ended")
		_, err := io.ReadAll(other) // until it was idle for too long
		require.NoError(t, err)
		fill()
		_, waiting := net.Pipe()
		listener.accepted <- waiting
		require.NoError(t, server.Close(), "while one waits")
	})
}

// The faults that delay a response take up to a minute.
func TestSlowResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := newPipes()
		server := serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			select {
			case <-time.After(time.Minute):
				_, _ = w.Write(body)
			case <-r.Context().Done():
			}
		}), 1)
		response, err := http.ReadResponse(bufio.NewReader(listener.dial(t, halfBody+"\"later\"}")), nil)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		assert.Equal(t, `{"later"}`, string(body))
		require.NoError(t, server.Close())
	})
}
