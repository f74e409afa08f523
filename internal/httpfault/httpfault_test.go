package httpfault

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const secret = "planted-secret"

func TestCause(t *testing.T) {
	dns := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: `a"b`}}
	untrusted := &tls.CertificateVerificationError{Err: errors.New(`signed by "another"`)}
	quoting := errors.New(`malformed HTTP response "` + secret + `"`)
	tests := []struct {
		name      string
		err, want error
	}{
		{"none", nil, nil},
		{"end", io.ErrUnexpectedEOF, io.ErrUnexpectedEOF},
		{"context", context.Canceled, context.Canceled},
		{"with a URL", &url.Error{Op: "Get", URL: `http://a/"b"`, Err: io.EOF}, io.EOF},
		{"network", dns, dns},
		{"TLS", untrusted, untrusted},
		{"quotes", quoting, ErrNotHTTP},
		{"quotes, with a URL", &url.Error{Op: "Get", URL: "http://a", Err: quoting}, ErrNotHTTP},
		{"quotes, wrapped", fmt.Errorf("connection broken: %w", quoting), ErrNotHTTP},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, Cause(tt.err)) })
	}
}

// What net/http says of responses that are not what they should be.
func TestNothingOfAResponseIsTold(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\n"
	for _, text := range []string{
		secret + "\r\n\r\n", "HTTP/1.1 " + secret + "\r\n\r\n", secret + " 200 OK\r\n\r\n", head + secret + "\r\n\r\n", head + secret + " : a\r\n\r\n",
		head + "Content-Length: " + secret + "\r\n\r\n", head + "Transfer-Encoding: " + secret + "\r\n\r\n", "HTTP/1.1 200 OK\r\n " + secret + "\r\n\r\n",
		head + "Content-Length: 1\r\nContent-Length: " + secret + "\r\n\r\n", head + "Trailer: " + secret + ", Content-Length\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		head + "Transfer-Encoding: chunked\r\n\r\n" + secret + "\r\n", head + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + secret + "\r\n\r\n",
	} {
		response, err := http.ReadResponse(bufio.NewReader(strings.NewReader(text)), nil)
		if err == nil {
			_, err = io.ReadAll(response.Body)
			_ = response.Body.Close()
		}
		if err != nil {
			assert.NotContains(t, Cause(err).Error(), secret, "%q", text)
		}
	}
}
