package platform_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
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

// fake is a platform whose answers are made by turns; the last one stays.
type fake struct {
	*httptest.Server
	requests    atomic.Int32
	connections atomic.Int32
}

func serve(t *testing.T, turns ...http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turn := int(f.requests.Add(1)) - 1
		turns[min(turn, len(turns)-1)](w, r)
	}))
	f.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			f.connections.Add(1)
		}
	}
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

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangUp closes the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// cutShort sends less than it promises.
func cutShort(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, `{"config"`)
}

func TestRequest(t *testing.T) {
	var got *http.Request
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		answer(http.StatusOK, "{}")(w, r)
	})
	o := f.options()
	o.UserAgent = "connector/1"
	_, err := client(t, o).Step(t.Context(), "flow", "step_1")
	require.NoError(t, err)

	assert.Equal(t, http.MethodGet, got.Method)
	assert.Equal(t, "/v1/tasks/flow/steps/step_1", got.RequestURI)
	user, key, ok := got.BasicAuth()
	assert.True(t, ok)
	assert.Equal(t, "user", user)
	assert.Equal(t, planted, key)
	assert.Equal(t, "connector/1", got.UserAgent())
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
		{"trailing slash", "/", "flow", plain},
		{"trailing slashes", "///", "flow", plain},
		{"path", "/api", "flow", "/api" + plain},
		{"path with trailing slash", "/api/", "flow", "/api" + plain},
		{"escaped path", "/a%2Fb", "flow", "/a%2Fb" + plain},
		{"query and fragment are dropped", "/?a=b#c", "flow", plain},
		{"ids are escaped", "", "a/../b?c#d é%", "/v1/tasks/a%2F..%2Fb%3Fc%23d%20%C3%A9%25/steps/step"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var path string
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				path = r.RequestURI
				answer(http.StatusOK, "{}")(w, r)
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
			answer(http.StatusForbidden, "")(w, r)
		})
		o := f.options()
		o.URI = component.NewSecret(strings.Replace(f.URL, "://", "://other:"+planted+"@", 1))
		_, err := client(t, o).Step(t.Context(), "flow", "step")
		require.EqualError(t, err, "fetch the step: GET /v1/tasks/flow/steps/step: the platform answered 403 Forbidden")
	})

	for name, uri := range map[string]string{
		"empty": "", "no scheme": "user:" + planted + "@host", "other scheme": "ftp://u:" + planted + "@host", "no host": "http:///path",
		"garbage": "http://u:" + planted + "@ho st:x/%zz",
	} {
		t.Run("refused: "+name, func(t *testing.T) {
			_, err := client(t, platform.Options{URI: component.NewSecret(uri)}).Step(t.Context(), "flow", "step")
			require.EqualError(t, err, "fetch the step: API_URI must be a URL that starts with http:// or https://")
		})
	}
}

func TestRetries(t *testing.T) {
	broken, fine := answer(http.StatusBadGateway, planted), answer(http.StatusOK, "{}")
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
		{"after an answer cut short", 3, []http.HandlerFunc{cutShort, fine}, 2, ""},
		{"5xx too often", 3, []http.HandlerFunc{broken}, 3, "answered 502 Bad Gateway"},
		{"hang-ups too often", 2, []http.HandlerFunc{hangUp}, 2, "EOF"},
		{"one try", 1, []http.HandlerFunc{broken}, 1, "answered 502"},
		{"zero means one", 0, []http.HandlerFunc{broken}, 1, "answered 502"},
		{"negative means one", -5, []http.HandlerFunc{broken}, 1, "answered 502"},
		{"4xx is final", 3, []http.HandlerFunc{answer(http.StatusNotFound, planted), fine}, 1, "answered 404 Not Found"},
		{"429 as well", 3, []http.HandlerFunc{answer(http.StatusTooManyRequests, ""), fine}, 1, "answered 429"},
		{"4xx after 5xx", 5, []http.HandlerFunc{broken, answer(http.StatusUnauthorized, ""), fine}, 2, "answered 401"},
		{"4xx at the last try", 2, []http.HandlerFunc{broken, answer(http.StatusUnauthorized, "")}, 2, "answered 401"},
		{"3xx is final", 3, []http.HandlerFunc{answer(http.StatusNotModified, ""), fine}, 1, "answered 304"},
		{"unknown status", 3, []http.HandlerFunc{answer(499, ""), fine}, 1, "the platform answered 499"},
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

func TestStatusError(t *testing.T) {
	f := serve(t, answer(http.StatusConflict, planted))
	_, err := client(t, f.options()).Step(t.Context(), "flow", "step")
	var status *platform.StatusError
	require.ErrorAs(t, err, &status)
	assert.Equal(t, platform.StatusError{Method: "GET", Path: "/v1/tasks/flow/steps/step", Code: 409}, *status)
}

func TestNobodyListens(t *testing.T) {
	f := serve(t, hangUp)
	f.Close()
	_, err := client(t, f.options()).Step(t.Context(), "flow", "step")
	var op *net.OpError
	require.ErrorAs(t, err, &op)
	assert.NotContains(t, err.Error(), planted)
}

func TestTimeoutIsOfEachTry(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	f := serve(t, hang, answer(http.StatusOK, "{}"))
	o := f.options()
	o.Timeout = 50 * time.Millisecond
	_, err := client(t, o).Step(t.Context(), "flow", "step")
	require.NoError(t, err)
	assert.EqualValues(t, 2, f.requests.Load())

	f = serve(t, hang)
	o.URI = component.NewSecret(f.URL)
	_, err = client(t, o).Step(t.Context(), "flow", "step")
	require.ErrorContains(t, err, "no answer within 50ms")
	require.NotErrorIs(t, err, context.DeadlineExceeded, "it is not the caller's deadline")
	assert.EqualValues(t, 3, f.requests.Load())
}

func TestCallerEndsARequest(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	f := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel(errors.New("a signal"))
		<-r.Context().Done()
	})
	_, err := client(t, f.options()).Step(ctx, "flow", "step")
	require.ErrorIs(t, err, context.Canceled)
	assert.EqualValues(t, 1, f.requests.Load())
}

// onLog calls a function with each log line.
type onLog func(line string)

func (f onLog) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}

// The delay is an hour, so that the test could not end if it were not waited
// for in a way that the caller can end.
func TestCallerEndsAWaitBetweenTries(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	var line string
	f := serve(t, answer(http.StatusServiceUnavailable, planted))
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

func TestRedirects(t *testing.T) {
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}

	t.Run("within the server are followed", func(t *testing.T) {
		f := serve(t, redirect("/elsewhere"), func(w http.ResponseWriter, r *http.Request) {
			assert.Equal(t, "/elsewhere", r.RequestURI)
			_, key, _ := r.BasicAuth()
			assert.Equal(t, planted, key)
			answer(http.StatusOK, "{}")(w, r)
		})
		_, err := client(t, f.options()).Step(t.Context(), "flow", "step")
		require.NoError(t, err)
	})
	t.Run("to another are not", func(t *testing.T) {
		other := serve(t, answer(http.StatusOK, "{}"))
		f := serve(t, redirect(other.URL))
		_, err := client(t, f.options()).Step(t.Context(), "flow", "step")
		require.ErrorContains(t, err, "answered 302 Found")
		assert.Zero(t, other.requests.Load())
		assert.EqualValues(t, 1, f.requests.Load())
	})
	t.Run("to another scheme are not", func(t *testing.T) {
		f := serve(t, func(w http.ResponseWriter, r *http.Request) { redirect("https://"+r.Host+"/")(w, r) })
		_, err := client(t, f.options()).Step(t.Context(), "flow", "step")
		require.ErrorContains(t, err, "answered 302 Found")
	})
	t.Run("in a circle end", func(t *testing.T) {
		f := serve(t, redirect("/again"))
		_, err := client(t, f.options()).Step(t.Context(), "flow", "step")
		require.ErrorContains(t, err, "answered 302 Found")
		assert.EqualValues(t, 10, f.requests.Load())
	})
}

func TestConnectionIsKeptAlive(t *testing.T) {
	long := strings.Repeat("x", 1<<16)
	f := serve(t, answer(http.StatusInternalServerError, long), answer(http.StatusOK, "{}"), answer(http.StatusNotFound, long), answer(http.StatusOK, "{}"))
	c := client(t, f.options())
	_, err := c.Step(t.Context(), "flow", "step")
	require.NoError(t, err)
	_, err = c.Step(t.Context(), "flow", "step")
	require.Error(t, err)
	_, err = c.Step(t.Context(), "flow", "step")
	require.NoError(t, err)
	assert.EqualValues(t, 4, f.requests.Load())
	assert.EqualValues(t, 1, f.connections.Load())
}

func TestAnswerIsBounded(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte(" "), 1<<20)
		for { // until the client has enough
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	_, err := client(t, f.options()).Step(t.Context(), "flow", "step")
	require.ErrorContains(t, err, "the answer is larger than 16777216 bytes")
	assert.EqualValues(t, 1, f.requests.Load())
}

func TestGivenHTTPClient(t *testing.T) {
	other := serve(t, answer(http.StatusOK, "{}"))
	f := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	given := &http.Client{Transport: f.Client().Transport}
	o := f.options()
	o.HTTP = given
	_, err := client(t, o).Step(t.Context(), "flow", "step")
	require.ErrorContains(t, err, "answered 302", "it would follow by itself")
	assert.Nil(t, given.CheckRedirect, "the caller's client was changed")
}

func TestClientPrintsNoSecret(t *testing.T) {
	o := platform.Options{URI: component.NewSecret("http://u:" + planted + "@h"), Key: component.NewSecret(planted)}
	c := platform.New(o)
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		assert.NotContains(t, fmt.Sprintf(verb, o), planted)
		assert.NotContains(t, fmt.Sprintf(verb, c), planted)
	}
}
