package emulator_test

import (
	"context"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

// Each request is sent to an operation of AWS, to STS and to the control paths.
func TestWebPagesAreRefused(t *testing.T) {
	var (
		loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4584}
		mapped   = &net.TCPAddr{IP: net.ParseIP("::ffff:127.0.0.1"), Port: 4584}
		loopV6   = &net.TCPAddr{IP: net.IPv6loopback, Port: 4584}
		network  = &net.TCPAddr{IP: net.IPv4(172, 17, 0, 2), Port: 4584}
		socket   = &net.UnixAddr{Net: "unix", Name: "emulator.sock"}
	)
	tests := []struct {
		name    string
		local   net.Addr
		host    string
		header  http.Header
		refused string // "" for a request that is served
	}{
		{"no browser", loopback, "127.0.0.1:4584", nil, ""},
		{"Origin", loopback, "127.0.0.1:4584", http.Header{"Origin": {"http://page.example"}}, "has an Origin"},
		{"Origin of a file or a sandbox", loopback, "127.0.0.1:4584", http.Header{"Origin": {"null"}}, "has an Origin"},
		{"Origin without a value", loopback, "127.0.0.1:4584", http.Header{"Origin": {""}}, "has an Origin"},
		{"Origin that is the emulator's own", loopback, "localhost:4584", http.Header{"Origin": {"http://localhost:4584"}}, "has an Origin"},
		{"Origin in a network", network, "emulator:4584", http.Header{"Origin": {"http://page.example"}}, "has an Origin"},
		{"another site", loopback, "127.0.0.1:4584", http.Header{"Sec-Fetch-Site": {"cross-site"}}, "Sec-Fetch-Site"},
		{"another port", loopback, "127.0.0.1:4584", http.Header{"Sec-Fetch-Site": {"same-site"}}, "Sec-Fetch-Site"},
		{"another site, said twice", loopback, "127.0.0.1:4584", http.Header{"Sec-Fetch-Site": {"none", "cross-site"}}, "Sec-Fetch-Site"},
		{"another site in a network", network, "emulator:4584", http.Header{"Sec-Fetch-Site": {"cross-site"}}, "Sec-Fetch-Site"},
		{"an address typed into a browser", loopback, "127.0.0.1:4584", http.Header{"Sec-Fetch-Site": {"none"}}, ""},
		{"same origin", loopback, "localhost:4584", http.Header{"Sec-Fetch-Site": {"same-origin"}}, ""},
		{"localhost", loopback, "localhost:4584", nil, ""},
		{"localhost in capitals", loopback, "LOCALHOST:4584", nil, ""},
		{"without a port", loopback, "localhost", nil, ""},
		{"another loopback address", loopback, "127.8.9.10:4584", nil, ""},
		{"IPv6", loopV6, "[::1]:4584", nil, ""},
		{"IPv6 without a port", loopV6, "[::1]", nil, ""},
		{"mapped IPv4", loopV6, "[::ffff:127.0.0.1]:4584", nil, ""},
		{"an allowed name", loopback, "Emulator.Example:4584", nil, ""},
		{"a rebound name", loopback, "evil.example:4584", nil, `The Host \"evil.example\"`},
		{"a rebound name, mapped IPv4", mapped, "evil.example:4584", nil, "The Host"},
		{"a rebound name, IPv6", loopV6, "evil.example:4584", nil, "The Host"},
		{"a name that begins like a known one", loopback, "localhost.evil.example:4584", nil, "The Host"},
		{"a name that ends like a known one", loopback, "evil-localhost:4584", nil, "The Host"},
		{"a name that begins like an address", loopback, "127.0.0.1.evil.example", nil, "The Host"},
		{"another machine's address", loopback, "192.0.2.1:4584", nil, "The Host"},
		{"no name", loopback, "", nil, "The Host"},
		{"any name in a network", network, "emulator:4584", nil, ""},
		{"any name at a socket", socket, "emulator", nil, ""},
	}
	paths := map[string]struct {
		method, path, service, contentType, body string
		status                                   int
	}{
		"AWS":       {"POST", "/", "secretsmanager", "application/x-amz-json-1.1", `{"Name":"b"}`, http.StatusOK},
		"STS":       {"POST", "/", "sts", "application/x-www-form-urlencoded", "Action=GetCallerIdentity", http.StatusOK},
		"faults":    {"POST", "/_emulator/faults", "", "application/json", `{"kind":"throttle"}`, http.StatusNoContent},
		"reset":     {"POST", "/_emulator/reset", "", "application/json", "", http.StatusNoContent},
		"calls":     {"GET", "/_emulator/calls", "", "", "", http.StatusOK},
		"preflight": {"OPTIONS", "/_emulator/faults", "", "", "", http.StatusNotFound},
	}
	for _, tt := range tests {
		for name, p := range paths {
			t.Run(tt.name+": "+name, func(t *testing.T) {
				e := emulator.New(emulator.Options{Hosts: []string{"emulator.example"}})
				ctx := context.WithValue(t.Context(), http.LocalAddrContextKey, tt.local)
				r := httptest.NewRequestWithContext(ctx, p.method, p.path, strings.NewReader(p.body))
				r.Host = tt.host
				r.Header.Set("Content-Type", p.contentType)
				r.Header.Set("X-Amz-Target", "secretsmanager.CreateSecret")
				r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=K/20250314/eu-central-1/"+p.service+"/aws4_request, SignedHeaders=host, Signature=00")
				maps.Copy(r.Header, tt.header)
				rec := httptest.NewRecorder()
				e.ServeHTTP(rec, r)
				if tt.refused == "" {
					require.Equal(t, p.status, rec.Code, rec.Body)
					return
				}
				require.Equal(t, http.StatusForbidden, rec.Code)
				require.Contains(t, rec.Body.String(), tt.refused)
				require.Empty(t, rec.Header().Get("Access-Control-Allow-Origin"))
				require.Empty(t, e.Calls(), "it was not looked at")
			})
		}
	}
}

// What a page can post to another origin without asking first is no JSON.
func TestControlTakesJSONOnly(t *testing.T) {
	for _, contentType := range []string{
		"", "text/plain", "text/plain;application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b",
		"application/json, text/plain", "application/jsonx",
	} {
		for _, path := range []string{"faults", "reset"} {
			t.Run(path+" "+contentType, func(t *testing.T) {
				e := emulator.New(emulator.Options{})
				r := httptest.NewRequest("POST", "/_emulator/"+path, strings.NewReader(`{"kind":"throttle"}`))
				r.Header.Set("Content-Type", contentType)
				rec := httptest.NewRecorder()
				e.ServeHTTP(rec, r)
				require.Equal(t, http.StatusUnsupportedMediaType, rec.Code)
				require.Contains(t, rec.Body.String(), "application/json")
			})
		}
	}
}
