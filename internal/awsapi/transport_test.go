package awsapi

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

// testTransport connects to loopback as well, and keeps nothing beyond the test.
func testTransport(t *testing.T, concurrency int) *transport {
	t.Helper()
	made := newTransport(concurrency, true)
	t.Cleanup(func() {
		made.direct.CloseIdleConnections()
		made.proxied.CloseIdleConnections()
	})
	return made
}

func TestTransport(t *testing.T) {
	made := newTransport(100, false)
	for _, transport := range []*http.Transport{made.direct, made.proxied} {
		assert.Equal(t, 100, transport.MaxIdleConnsPerHost)
		assert.Equal(t, 100, transport.MaxIdleConns)
		assert.True(t, transport.Protocols.HTTP1())
		assert.False(t, transport.Protocols.HTTP2())
	}
	assert.Equal(t, minIdle, newTransport(1, false).direct.MaxIdleConnsPerHost)
	assert.Equal(t, reflect.ValueOf(http.ProxyFromEnvironment).Pointer(), reflect.ValueOf(made.proxied.Proxy).Pointer())
}

// As many connections are kept as there are calls at once.
func TestConnectionsAreKept(t *testing.T) {
	const calls = 20
	var connections atomic.Int32
	var arrived sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived.Done()
		arrived.Wait()
		w.Header()["X-Amzn-Requestid"] = []string{"req-1"}
		_, _ = io.WriteString(w, `{}`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	cfg := validConfig()
	cfg.Endpoint = server.URL
	api, err := New(cfg, Options{AllowInsecureEndpoint: true, Transport: testTransport(t, calls)})
	require.NoError(t, err)
	for range 3 {
		var running sync.WaitGroup
		arrived.Add(calls)
		for range calls {
			running.Go(func() {
				_, err := api.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("s")})
				assert.NoError(t, err)
			})
		}
		running.Wait()
	}
	assert.Equal(t, int32(calls), connections.Load())
}

// Whatever goes wrong on the way, a call sends no more requests than the SDK
// makes attempts.
func TestNothingIsSentMoreThanAttempted(t *testing.T) {
	const failed = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
	tests := []struct {
		name  string
		texts []string // the responses on each connection, which is closed after the last
	}{
		{"connection closed", []string{""}},
		{"response breaks off", []string{"HTTP/1.1 200 OK\r\nContent-Le"}},
		{"5xx", []string{failed, failed, failed}},
		{"kept connection closed", []string{failed, ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var requests atomic.Int32
			address := listen(t, func(c net.Conn) {
				reader := bufio.NewReader(c)
				for _, text := range tt.texts {
					request, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, request.Body)
					requests.Add(1)
					_, _ = io.WriteString(c, text)
				}
			})
			cfg := validConfig()
			cfg.Endpoint = "http://" + address
			api, err := New(cfg, Options{AllowInsecureEndpoint: true, Transport: testTransport(t, 1), MaxBackoff: 1})
			require.NoError(t, err)
			_, err = api.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String("s")})
			require.Error(t, err)
			assert.Equal(t, int32(maxAttempts), requests.Load())
		})
	}
}

func TestProxy(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.RequestURI)
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	transport := testTransport(t, 1)
	transport.proxied.Proxy = http.ProxyURL(address)
	err = getSecret(t, validConfig(), Options{Transport: transport, MaxBackoff: 1})
	requireError(t, err, component.Unavailable, "Forbidden")
	require.Len(t, asked, maxAttempts)
	assert.Equal(t, "CONNECT secretsmanager.eu-central-1.amazonaws.com:443", asked[0])
}

// A server may be false: nothing of what it sends instead of HTTP is repeated.
func TestNothingOfAFalseResponseIsTold(t *testing.T) {
	for _, text := range []string{
		testValue + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\n" + testValue + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + testValue + "\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + testValue + "\r\n\r\n",
		"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://%zz" + testValue + "\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(fmt.Sprintf("%.60q", text), func(t *testing.T) {
			address := listen(t, func(c net.Conn) {
				if request, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					_, _ = io.Copy(io.Discard, request.Body)
					_, _ = io.WriteString(c, text)
				}
			})
			cfg := validConfig()
			cfg.Endpoint = "http://" + address
			err := getSecret(t, cfg, Options{AllowInsecureEndpoint: true, Transport: testTransport(t, 1), MaxBackoff: 1})
			require.Error(t, err)
			requireNoSecrets(t, fmt.Sprintf("%v %+v", err, err))
		})
	}
}

func TestTLSIsVerified(t *testing.T) {
	requests := 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header()["X-Amzn-Requestid"] = []string{"req-1"}
		_, _ = io.WriteString(w, `{}`)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	transport := testTransport(t, 1)
	cfg := validConfig()
	cfg.Endpoint = server.URL
	opts := Options{AllowInsecureEndpoint: true, Transport: transport, MaxBackoff: 1}
	requireError(t, getSecret(t, cfg, opts), component.InvalidConfig, "certificate")
	assert.Zero(t, requests)

	transport = testTransport(t, 1)
	transport.direct.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	opts.Transport = transport
	require.NoError(t, getSecret(t, cfg, opts))
	assert.Equal(t, 1, requests)

	cfg.Endpoint = strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // another name
	requireError(t, getSecret(t, cfg, opts), component.InvalidConfig, "certificate")
	assert.Equal(t, 1, requests)
}
