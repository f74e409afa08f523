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

	"aws-secrets-manager-connector/internal/httpfault"
)

const (
	dialTimeout = 10 * time.Second // TLS included
	keepAlive   = 30 * time.Second
	// maxIdle is well above the usual prefetch, so that messages in work at once
	// do not open a new connection each.
	maxIdle     = 128
	idleTimeout = 90 * time.Second
	readBuffer  = 2 << 10 // bytes: most answers with their headers
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
		readers:     sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readBuffer) }},
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
		response, err := t.proxied.RoundTrip(r)
		return response, httpfault.Cause(err)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	request := t.requests.Get().(*bytes.Buffer)
	defer t.requests.Put(request)
	request.Reset()
	if err := writeRequest(request, r); err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	for connect := t.kept; ; connect = t.dial {
		c, err := connect(r)
		if err == nil {
			var response *http.Response
			if response, err = c.exchange(r, request.Bytes()); err == nil {
				return response, nil
			}
			_ = c.Close()
		}
		if ctxErr := r.Context().Err(); ctxErr != nil {
			return nil, ctxErr
		}
		if c == nil || !c.used || c.answered {
			return nil, err
		}
		// The server closed a kept connection just then: once more, over a new one.
	}
}

// kept returns the connection that was used last, or a new one.
func (t *transport) kept(r *http.Request) (*conn, error) {
	to := origin{r.URL.Scheme, r.URL.Host}
	for c := t.take(to); c != nil; c = t.take(to) {
		c.hold(r.Context())
		if c.quiet() {
			c.used = true
			return c, nil
		}
		_ = c.Close()
	}
	return t.dial(r)
}

func (t *transport) take(to origin) *conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	idle := t.idle[to]
	if len(idle) == 0 {
		return nil
	}
	last := len(idle) - 1
	c := idle[last]
	idle[last], t.idle[to] = nil, idle[:last]
	return c
}

// dial opens a new connection.
func (t *transport) dial(r *http.Request) (*conn, error) {
	ctx, cancel := context.WithTimeout(r.Context(), dialTimeout)
	defer cancel()
	host, port, plain := r.URL.Hostname(), r.URL.Port(), r.URL.Scheme == "http"
	switch {
	case port != "":
	case plain:
		port = "80"
	default:
		port = "443"
	}
	opened, err := openSocket(ctx, &t.dialer, host, port)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: opened, socket: opened, home: t, to: origin{r.URL.Scheme, r.URL.Host}}
	if !plain {
		config := t.tls.Clone()
		config.ServerName = host
		secure := tls.Client(opened, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = opened.Close()
			return nil, err
		}
		c.Conn = secure
	}
	c.hold(r.Context())
	return c, nil
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
		if len(kept) == 0 {
			delete(t.idle, to)
			continue
		}
		t.idle[to], t.sweeping = kept, true
	}
	if t.sweeping {
		time.AfterFunc(t.idleTimeout, t.sweep)
	}
}

func (t *transport) release(r *bufio.Reader) {
	r.Reset(nil) // lets go of the connection
	t.readers.Put(r)
}
