package awsapi

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"aws-secrets-manager-connector/internal/component"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What no text may ever show.
const (
	testKeyID  = "AKIAPLANTEDKEYID0001"
	testSecret = "planted/secretAccessKey/qwertzuiop+asdfgh"
	testToken  = "planted-session-token-yxcvbnm-asdfghjklqwertz"
	testValue  = `{"user":"planted-user","password":"planted \"pass\"word"}`
)

func validConfig() Config {
	return Config{
		AccessKeyID:     component.NewSecret(testKeyID),
		AccessKeySecret: component.NewSecret(testSecret),
		SessionToken:    component.NewSecret(testToken),
		Region:          "eu-central-1",
		SessionName:     "5f1c",
	}
}

func requireNoSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{testKeyID, testSecret, testToken, "planted"} {
		require.NotContains(t, text, secret)
	}
}

// fakeAWS responds to requests in the place of the network and remembers them.
type fakeAWS struct {
	respond func(r *http.Request) (status int, header http.Header, body string)

	mu       sync.Mutex
	requests []*http.Request
}

func (f *fakeAWS) RoundTrip(r *http.Request) (*http.Response, error) {
	r, err := f.record(r)
	if err != nil {
		return nil, err
	}
	status, header, text := f.respond(r)
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: status, Header: header, Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text)),
	}, nil
}

// record returns a copy of r, for the next attempt changes the headers.
func (f *fakeAWS) record(r *http.Request) (*http.Request, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r)
	return r, nil
}

func (f *fakeAWS) seen() []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*http.Request(nil), f.requests...)
}

func always(status int, body string) *fakeAWS {
	return &fakeAWS{respond: func(*http.Request) (int, http.Header, string) {
		return status, http.Header{"X-Amzn-Requestid": {"req-1"}}, body
	}}
}

func awsError(t *testing.T, code, message string) string {
	t.Helper()
	b, err := json.Marshal(map[string]string{"__type": code, "message": message})
	require.NoError(t, err)
	return string(b)
}

// listen serves each connection with handle and returns the address.
func listen(t *testing.T, handle func(c net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				handle(c)
				_ = c.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	return listener.Addr().String()
}
