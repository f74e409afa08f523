package awsapi

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is sent is what net/http sends, but for the order of the headers.
func TestWriteRequest(t *testing.T) {
	const body = `{"SecretId":"ü"}`
	tests := []struct {
		name, url string
		change    func(r *http.Request)
		plain     bool
	}{
		{"plain", "https://aws.example.com/", func(*http.Request) {}, true},
		{"port and path", "https://aws.example.com:8443/a%20b/c", func(*http.Request) {}, true},
		{"address", "http://[::1]:4566/", func(*http.Request) {}, true},
		{"query", "http://127.0.0.1?a=b", func(*http.Request) {}, true},
		{"other host", "http://127.0.0.1/", func(r *http.Request) { r.Host = "aws.example.com" }, true},
		{"several values", "http://127.0.0.1/", func(r *http.Request) { r.Header["A"] = []string{"b", "c"} }, true},
		{"empty value", "http://127.0.0.1/", func(r *http.Request) { r.Header["A"] = []string{""} }, true},
		{"no body", "http://127.0.0.1/", func(r *http.Request) { r.Body, r.ContentLength = nil, 0 }, false},
		{"unknown length", "http://127.0.0.1/", func(r *http.Request) { r.ContentLength = -1 }, false},
		{"GET", "http://127.0.0.1/", func(r *http.Request) { r.Method = http.MethodGet }, false},
		{"no agent", "http://127.0.0.1/", func(r *http.Request) { r.Header.Del("User-Agent") }, false},
		{"close", "http://127.0.0.1/", func(r *http.Request) { r.Close = true }, false},
		{"host not in ASCII", "http://bücher.example.com/", func(*http.Request) {}, false},
		{"value with a line's end", "http://127.0.0.1/", func(r *http.Request) { r.Header["A"] = []string{"b\r\nC: d"} }, false},
		{"value with white space around", "http://127.0.0.1/", func(r *http.Request) { r.Header["A"] = []string{" b "} }, false},
		{"value not in ASCII", "http://127.0.0.1/", func(r *http.Request) { r.Header["A"] = []string{"ü"} }, false},
		{"length among the headers", "http://127.0.0.1/", func(r *http.Request) { r.Header.Set("Content-Length", "1") }, false},
		{"host among the headers", "http://127.0.0.1/", func(r *http.Request) { r.Header.Set("Host", "other.example.com") }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			made := func() *http.Request {
				r := request(t.Context(), t, tt.url, body)
				r.Header.Set("User-Agent", userAgent)
				r.Header.Set("Content-Type", contentType)
				tt.change(r)
				return r
			}
			r := made()
			assert.Equal(t, tt.plain, isPlainRequest(r, r.URL.RequestURI()))
			var ours, theirs bytes.Buffer
			require.NoError(t, writeRequest(&ours, r))
			require.NoError(t, made().Write(&theirs))
			assert.Equal(t, parts(theirs.String()), parts(ours.String()))
		})
	}
	t.Run("body of another length", func(t *testing.T) {
		r := request(t.Context(), t, "http://127.0.0.1/", body)
		r.Header.Set("User-Agent", userAgent)
		r.ContentLength--
		require.ErrorContains(t, writeRequest(new(bytes.Buffer), r), "the body has 17 bytes instead of 16")
	})
	t.Run("body that fails", func(t *testing.T) {
		r := request(t.Context(), t, "http://127.0.0.1/", body)
		r.Header.Set("User-Agent", userAgent)
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), failing{}))
		require.ErrorIs(t, writeRequest(new(bytes.Buffer), r), io.ErrNoProgress)
	})
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrNoProgress }

// parts are the first line, the headers in order, and the body.
func parts(request string) []string {
	head, body, _ := strings.Cut(request, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	slices.Sort(lines[1:])
	return append(lines, body)
}
