package awsapi

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TLS takes leave of the other side, and would wait for one that does not read.
func TestCloseWaitsForNobody(t *testing.T) {
	config, trusted := listenTLS(t)
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		server := tls.Server(theirs, config)
		go func() { _ = server.HandshakeContext(t.Context()) }()
		c := &conn{socket: &socket{Conn: ours}}
		secure := tls.Client(c.socket, &tls.Config{RootCAs: trusted, ServerName: "127.0.0.1"})
		require.NoError(t, secure.HandshakeContext(t.Context()))
		c.Conn = secure
		start := time.Now()
		require.NoError(t, c.Close())
		assert.Equal(t, start, time.Now())
	})
}

// listenTLS returns what a server for 127.0.0.1 needs, and how it is trusted.
func listenTLS(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	return &tls.Config{Certificates: server.TLS.Certificates}, trusted
}

func TestTLS(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			var addresses []string
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				addresses = append(addresses, r.RemoteAddr)
			}))
			server.TLS = &tls.Config{MaxVersion: version}
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			defer server.Close()
			transport := testTransport(t)

			err := unsent(t, transport, request(t.Context(), t, server.URL, testValue))
			var untrusted *tls.CertificateVerificationError
			require.ErrorAs(t, err, &untrusted)
			assert.Empty(t, addresses, "nothing was sent")

			transport.tls.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			for range 3 {
				response, err := transport.RoundTrip(request(t.Context(), t, server.URL, testValue))
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
			}
			assert.Len(t, slices.Compact(addresses), 1, "one connection")
			assert.Len(t, addresses, 3)

			err = unsent(t, transport, request(t.Context(), t, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), ""))
			require.ErrorAs(t, err, &untrusted, "a certificate for another name")
		})
	}
}

// together writes what TLS makes of several writes at once.
type together struct {
	net.Conn
	held *bytes.Buffer
}

func (c together) Write(p []byte) (int, error) {
	if c.held != nil {
		return c.held.Write(p)
	}
	return c.Conn.Write(p)
}

// What a server adds to its answer is then already read, but not yet decrypted.
func TestMoreThanTheAnswerOverTLS(t *testing.T) {
	config, trusted := listenTLS(t)
	address := listen(t, func(n int, c net.Conn) {
		wire := &together{Conn: c}
		server := tls.Server(wire, config)
		if _, ok := receive(bufio.NewReader(server)); !ok {
			return
		}
		wire.held = new(bytes.Buffer)
		_, _ = io.WriteString(server, ok(fmt.Sprint(n)))
		if n == 1 {
			_, _ = io.WriteString(server, ok("to nothing"))
		}
		_, _ = c.Write(wire.held.Bytes())
		_, _ = io.Copy(io.Discard, c)
	})
	transport := testTransport(t)
	transport.tls.RootCAs = trusted
	for _, want := range []string{"1", "2"} {
		response, err := transport.RoundTrip(request(t.Context(), t, "https://"+address, ""))
		require.NoError(t, err)
		got, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
		require.NoError(t, response.Body.Close())
	}
}
