package awsapi

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
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
	// bufferSize of a connection, one for each way, in bytes: nearly all requests
	// and responses with their headers.
	bufferSize = 2 << 10
)

// newTransport returns a transport that keeps a connection for each of the
// requests that are usually under way at once. It speaks HTTP/1.1, for a message
// asks one thing at a time.
func newTransport(concurrency int) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}
	idle := max(concurrency, minIdle)
	transport := &http.Transport{
		// The proxy is part of the network that the operator runs the container
		// in, not of the flow: HTTPS_PROXY and NO_PROXY count as everywhere.
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConns:        idle,
		MaxIdleConnsPerHost: idle,
		IdleConnTimeout:     idleTimeout,
		ReadBufferSize:      bufferSize,
		WriteBufferSize:     bufferSize,
		DisableCompression:  true,
		Protocols:           new(http.Protocols),
	}
	transport.Protocols.SetHTTP1(true)
	return transport
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
	response.Body = body{response.Body}
	return response, nil
}

// body is a response's.
type body struct{ io.ReadCloser }

// Read implements io.Reader.
func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	return n, httpfault.Cause(err)
}
