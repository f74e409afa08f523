package awsapi

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	dialTimeout = 10 * time.Second // TLS included
	keepAlive   = 30 * time.Second
	// maxIdle is well above the usual prefetch, so that messages in work at once
	// do not open a new connection each.
	maxIdle     = 128
	idleTimeout = 90 * time.Second
)

// transport sends requests over connections that it keeps, in HTTP/1.1 and one
// at a time over each. The caller's goroutine itself writes and reads:
// http.Transport has two more for every connection, and to hand requests and
// answers over costs more CPU time and memory than all else that it does
// (decision 15). Requests through a proxy are left to it.
type transport struct {
	dialer      net.Dialer
	tls         *tls.Config
	proxied     *http.Transport
	idleTimeout time.Duration

	requests sync.Pool // of *bytes.Buffer
	readers  sync.Pool // of *bufio.Reader

	mu       sync.Mutex
	idle     map[origin][]*conn // the one used last is the last one
	sweeping bool
}

// origin is what a connection leads to.
type origin struct{ scheme, host string }

func newTransport() *transport {
	dialer := net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	return &transport{
		dialer: dialer,
		tls:    config,
		proxied: &http.Transport{
			// The proxy is part of the network that the operator runs the container
			// in, not of the flow: HTTPS_PROXY and NO_PROXY count as everywhere.
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dialer.DialContext,
			ForceAttemptHTTP2:   true,
			MaxIdleConns:        maxIdle,
			MaxIdleConnsPerHost: maxIdle,
			IdleConnTimeout:     idleTimeout,
			TLSHandshakeTimeout: dialTimeout,
			TLSClientConfig:     config.Clone(),
		},
		idleTimeout: idleTimeout,
		requests:    sync.Pool{New: func() any { return new(bytes.Buffer) }},
		readers:     sync.Pool{New: func() any { return bufio.NewReader(nil) }},
		idle:        map[origin][]*conn{},
	}
}

// RoundTrip implements http.RoundTripper. The answer's body must be read to its
// end, or closed.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	proxy, err := t.proxied.Proxy(r)
	if err != nil {
		return nil, fmt.Errorf("find the proxy: %w", err)
	}
	if proxy != nil {
		return t.proxied.RoundTrip(r) //nolint:wrapcheck // as a RoundTripper returns it
	}
	request := t.requests.Get().(*bytes.Buffer)
	defer t.requests.Put(request)
	request.Reset()
	if err := r.Write(request); err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	for {
		c, err := t.take(r)
		if err != nil {
			return nil, err
		}
		response, err := c.exchange(r, request.Bytes())
		if err == nil {
			return response, nil
		}
		_ = c.Close()
		if ctxErr := r.Context().Err(); ctxErr != nil {
			return nil, ctxErr //nolint:wrapcheck // as a RoundTripper returns it
		}
		if c.used && !c.answered {
			continue // the server had closed it: another one, and at last a new one
		}
		return nil, err
	}
}

// take returns the connection that was used last, or a new one.
func (t *transport) take(r *http.Request) (*conn, error) {
	to := origin{r.URL.Scheme, r.URL.Host}
	t.mu.Lock()
	if idle := t.idle[to]; len(idle) > 0 {
		last := len(idle) - 1
		c := idle[last]
		idle[last], t.idle[to] = nil, idle[:last]
		t.mu.Unlock()
		c.used, c.answered = true, false
		return c, nil
	}
	t.mu.Unlock()
	opened, err := t.dial(r.Context(), r.URL.Scheme, r.URL.Hostname(), r.URL.Port())
	if err != nil {
		return nil, err
	}
	return &conn{Conn: opened, home: t, to: to}, nil
}

func (t *transport) dial(ctx context.Context, scheme, host, port string) (net.Conn, error) {
	if scheme == "http" {
		if port == "" {
			port = "80"
		}
		return t.dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port)) //nolint:wrapcheck // names the address itself
	}
	if port == "" {
		port = "443"
	}
	secure := tls.Dialer{NetDialer: &t.dialer, Config: t.tls}
	return secure.DialContext(ctx, "tcp", net.JoinHostPort(host, port)) //nolint:wrapcheck // as above
}

// put keeps c for the next request.
func (t *transport) put(c *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.idle[c.to]) >= maxIdle {
		_ = c.Close()
		return
	}
	c.since = time.Now()
	t.idle[c.to] = append(t.idle[c.to], c)
	if !t.sweeping {
		t.sweeping = true
		time.AfterFunc(t.idleTimeout, t.sweep)
	}
}

// sweep closes what has not been used for long, and comes again while there
// are connections.
func (t *transport) sweep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sweeping = false
	for to, idle := range t.idle {
		kept := idle[:0]
		for _, c := range idle {
			if time.Since(c.since) >= t.idleTimeout {
				_ = c.Close()
			} else {
				kept = append(kept, c)
			}
		}
		clear(idle[len(kept):])
		t.idle[to] = kept
		t.sweeping = t.sweeping || len(kept) > 0
	}
	if t.sweeping {
		time.AfterFunc(t.idleTimeout, t.sweep)
	}
}
