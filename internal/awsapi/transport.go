package awsapi

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"aws-secrets-manager-connector/internal/httpfault"
)

const (
	dialTimeout = 10 * time.Second // TLS has as long once more
	keepAlive   = 30 * time.Second
	idleTimeout = 90 * time.Second
	// minIdle connections are kept where few messages are worked on at once; each
	// may make several calls.
	minIdle = 4
	// The buffers of a connection, in bytes: nearly all requests, with the token of
	// a role, and nearly all responses.
	writeBuffer = 4 << 10
	readBuffer  = 2 << 10
	maxHeader   = 256 << 10 // bytes of a response
	// A value may have 64 KiB, each byte of which may be escaped; a page has as many
	// of them or of secrets with all their tags.
	maxBody = 1 << 20 // bytes of a response
	maxPage = 8 << 20 // bytes of one of many secrets
)

// transport carries requests directly or over the proxy. That is part of the
// network that the operator runs the container in, not of the flow: HTTPS_PROXY
// and NO_PROXY count as everywhere, and it may be at any address.
type transport struct{ direct, proxied *http.Transport }

// newTransport returns a transport for that many requests at once. Unless
// allowed, it does not connect to an address that isHostOnly, whatever name
// stands for it.
func newTransport(concurrency int, allowHostOnly bool) *transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}
	proxied := newHTTPTransport(concurrency, dialer)
	proxied.Proxy = http.ProxyFromEnvironment
	if !allowHostOnly {
		guarded := *dialer
		guarded.Control = refuseHostOnly
		dialer = &guarded
	}
	return &transport{direct: newHTTPTransport(concurrency, dialer), proxied: proxied}
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if proxy, err := t.proxied.Proxy(r); proxy != nil || err != nil {
		return t.proxied.RoundTrip(r)
	}
	return t.direct.RoundTrip(r)
}

// newHTTPTransport returns a transport that keeps a connection for each of the
// requests that are usually under way at once. It speaks HTTP/1.1, for a message
// asks one thing at a time.
func newHTTPTransport(concurrency int, dialer *net.Dialer) *http.Transport {
	idle := max(concurrency, minIdle)
	made := &http.Transport{
		DialContext:         dialer.DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConns:        idle,
		MaxIdleConnsPerHost: idle,
		IdleConnTimeout:     idleTimeout,
		ReadBufferSize:      readBuffer,
		WriteBufferSize:     writeBuffer,
		DisableCompression:  true,
		Protocols:           new(http.Protocols),

		MaxResponseHeaderBytes: maxHeader,
	}
	made.Protocols.SetHTTP1(true)
	return made
}

// httpClient sends each request as it is. What http.Client would add is cookies,
// which AWS has none of, and redirects, which would carry a signed request, and
// the secret in it, to a host that nobody chose. Its errors repeat nothing of
// what a server sent.
type httpClient struct{ http.RoundTripper }

// Do implements aws.HTTPClient.
func (c httpClient) Do(r *http.Request) (*http.Response, error) {
	response, err := c.RoundTrip(r)
	if err != nil {
		return nil, httpfault.Cause(err)
	}
	limit := bodyLimit(r)
	response.Body = &body{response.Body, limit, limit}
	return response, nil
}

func bodyLimit(r *http.Request) int {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if strings.HasPrefix(operation, "List") || strings.HasPrefix(operation, "BatchGet") {
		return maxPage
	}
	return maxBody
}

// tooLongError is for a response of more bytes than AWS's can have.
type tooLongError int

// Error implements error.
func (limit tooLongError) Error() string {
	return fmt.Sprintf("the response is longer than %d bytes", int(limit))
}

// body is a response's, not more than AWS's can have. It is not unpacked.
type body struct {
	io.ReadCloser

	limit     int // bytes that it may have
	remaining int // of them
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.remaining+1)])
	if n > b.remaining {
		return 0, tooLongError(b.limit)
	}
	b.remaining -= n
	return n, httpfault.Cause(err)
}
