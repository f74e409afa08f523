package platform_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/platform"
)

const planted = "pl4nted"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a platform whose responses are made by turns; the last one stays.
type fake struct {
	*httptest.Server
	requests atomic.Int32
}

func serve(t *testing.T, turns ...http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turn := int(f.requests.Add(1)) - 1
		turns[min(turn, len(turns)-1)](w, r)
	}))
	f.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	f.Start()
	t.Cleanup(f.Close)
	return f
}

func (f *fake) options() platform.Options {
	return platform.Options{URI: component.NewSecret(f.URL), Username: "user", Key: component.NewSecret(planted), RetryAttempts: 3}
}

func client(t *testing.T, o platform.Options) *platform.Client {
	t.Helper()
	c := platform.New(o)
	t.Cleanup(c.Close)
	return c
}

func respond(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangUp closes the connection without a response.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestRequest(t *testing.T) {
	var got *http.Request
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		respond(http.StatusOK, "{}")(w, r)
	})
	_, err := client(t, f.options()).Step(t.Context(), "flow", "step_1")
	require.NoError(t, err)

	assert.Equal(t, http.MethodGet, got.Method)
	assert.Equal(t, "/v1/tasks/flow/steps/step_1", got.RequestURI)
	user, key, ok := got.BasicAuth()
	assert.True(t, ok)
	assert.Equal(t, "user", user)
	assert.Equal(t, planted, key)
	assert.Equal(t, "application/json", got.Header.Get("Accept"))
	assert.Empty(t, got.Header.Get("Content-Type"))
	assert.Zero(t, got.ContentLength)
}

func TestURI(t *testing.T) {
	const plain = "/v1/tasks/flow/steps/step"
	for _, test := range []struct {
		name, suffix, flow, want string
	}{
		{"plain", "", "flow", plain},
		{"path, query and fragment", "/api/?a=b#c", "flow", "/api" + plain},
		{"ids are escaped", "", "a/../b?c#d é%", "/v1/tasks/a%2F..%2Fb%3Fc%23d%20%C3%A9%25/steps/step"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var path string
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				path = r.RequestURI
				respond(http.StatusOK, "{}")(w, r)
			})
			o := f.options()
			o.URI = component.NewSecret(f.URL + test.suffix)
			_, err := client(t, o).Step(t.Context(), test.flow, "step")
			require.NoError(t, err)
			assert.Equal(t, test.want, path)
		})
	}

	t.Run("user and password in it do not count", func(t *testing.T) {
		f := serve(t, func(w http.ResponseWriter, r *http.Request) {
			user, _, _ := r.BasicAuth()
			assert.Equal(t, "user", user)
			respond(http.StatusForbidden, "")(w, r)
		})
		o := f.options()
		o.URI = component.NewSecret(strings.Replace(f.URL, "://", "://other:"+planted+"@", 1))
		_, err := client(t, o).Step(t.Context(), "flow", "step")
		require.EqualError(t, err, "fetch the step: GET /v1/tasks/flow/steps/step: the platform answered 403 Forbidden")
	})

	t.Run("refused", func(t *testing.T) {
		_, err := client(t, platform.Options{URI: component.NewSecret("ftp://u:" + planted + "@host")}).Step(t.Context(), "flow", "step")
		require.EqualError(t, err, "fetch the step: API_URI must be a URL that starts with http:// or https://")
	})
}

func TestRetries(t *testing.T) {
	broken, fine := respond(http.StatusBadGateway, planted), respond(http.StatusOK, "{}")
	for _, test := range []struct {
		name     string
		attempts int
		turns    []http.HandlerFunc
		requests int32
		want     string // in the error, none for success
	}{
		{"at once", 3, []http.HandlerFunc{fine}, 1, ""},
		{"after 5xx", 3, []http.HandlerFunc{broken, broken, fine}, 3, ""},
		{"after hang-ups", 3, []http.HandlerFunc{hangUp, hangUp, fine}, 3, ""},
		{"5xx too often", 3, []http.HandlerFunc{broken}, 3, "answered 502 Bad Gateway"},
		{"hang-ups too often", 2, []http.HandlerFunc{hangUp}, 2, "EOF"},
		{"one attempt", 1, []http.HandlerFunc{broken}, 1, "answered 502"},
		{"4xx is final", 3, []http.HandlerFunc{respond(http.StatusNotFound, planted), fine}, 1, "answered 404 Not Found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := serve(t, test.turns...)
			o := f.options()
			o.RetryAttempts = test.attempts
			_, err := client(t, o).Step(t.Context(), "flow", "step")

			assert.Equal(t, test.requests, f.requests.Load())
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), planted)
			assert.NotContains(t, err.Error(), f.URL, "it may carry a user and a password")
			assert.True(t, strings.HasPrefix(err.Error(), "fetch the step: GET /v1/tasks/flow/steps/step: "), err)
		})
	}
}

func TestTimeoutIsOfEachAttempt(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	f := serve(t, hang, respond(http.StatusOK, "{}"))
	o := f.options()
	o.Timeout = 50 * time.Millisecond
	_, err := client(t, o).Step(t.Context(), "flow", "step")
	require.NoError(t, err)
	assert.EqualValues(t, 2, f.requests.Load())

	f = serve(t, hang)
	o.URI = component.NewSecret(f.URL)
	_, err = client(t, o).Step(t.Context(), "flow", "step")
	require.ErrorContains(t, err, "no response within 50ms")
	require.NotErrorIs(t, err, context.DeadlineExceeded, "it is not the caller's deadline")
	assert.EqualValues(t, 3, f.requests.Load())
}

// onLog calls a function with each log line.
type onLog func(line string)

func (f onLog) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}

// The delay is an hour, so that the test could not end if it were not waited
// for in a way that the caller can end.
func TestCallerEndsAWaitBetweenAttempts(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	var line string
	f := serve(t, respond(http.StatusServiceUnavailable, planted))
	o := f.options()
	o.RetryDelay = time.Hour
	o.Log = slog.New(slog.NewTextHandler(onLog(func(text string) {
		line = text
		cancel(errors.New("a signal"))
	}), nil))
	_, err := client(t, o).Step(ctx, "flow", "step")

	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "GET /v1/tasks/flow/steps/step")
	assert.EqualValues(t, 1, f.requests.Load())
	assert.Contains(t, line, "delay=1h0m0s")
	assert.Contains(t, line, "the platform answered 503")
	assert.NotContains(t, line, planted)
}

func TestResponseIsBounded(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte(" "), 1<<20)
		for { // until the client has enough
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	o := f.options()
	o.Timeout = time.Hour // 16 MiB take a while where much else runs
	_, err := client(t, o).Step(t.Context(), "flow", "step")
	require.ErrorContains(t, err, "the response is too large: ")
	assert.EqualValues(t, 1, f.requests.Load())
}

func TestClientPrintsNoSecret(t *testing.T) {
	o := platform.Options{URI: component.NewSecret("http://u:" + planted + "@h"), Key: component.NewSecret(planted)}
	c := platform.New(o)
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		assert.NotContains(t, fmt.Sprintf(verb, o), planted)
		assert.NotContains(t, fmt.Sprintf(verb, c), planted)
	}
}
