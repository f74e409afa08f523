package maester_test

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
	"aws-secrets-manager-connector/internal/httpretry"
	"aws-secrets-manager-connector/internal/maester"
)

const planted = "pl4nted"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a storage whose responses are made by turns; the last one stays.
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

func (f *fake) options() maester.Options {
	return maester.Options{URI: component.NewSecret(f.URL), Token: component.NewSecret(planted), RetryDelay: time.Microsecond}
}

func client(t *testing.T, o maester.Options) *maester.Client {
	t.Helper()
	c := maester.New(o)
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
func hangUp(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	panic(http.ErrAbortHandler)
}

// silent responds with nothing until the client has gone.
func silent(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func text(content string) (size int64, open func() io.Reader) {
	return int64(len(content)), func() io.Reader { return strings.NewReader(content) }
}

func get(c *maester.Client, ctx context.Context) ([]byte, error) {
	return c.Get(ctx, "id", httpretry.NewBudget(100))
}

func put(c *maester.Client, ctx context.Context, content string) (string, error) {
	size, open := text(content)
	return c.Put(ctx, size, open)
}

func TestGet(t *testing.T) {
	var got *http.Request
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		respond(http.StatusOK, "content")(w, r)
	})
	o := f.options()
	o.RequestID = "f:flow;s:step;m:"
	content, err := client(t, o).Get(t.Context(), "an-id", httpretry.NewBudget(100))
	require.NoError(t, err)
	assert.Equal(t, "content", string(content))

	assert.Equal(t, http.MethodGet, got.Method)
	assert.Equal(t, "/objects/an-id", got.RequestURI)
	assert.Equal(t, "Bearer "+planted, got.Header.Get("Authorization"))
	assert.Equal(t, "f:flow;s:step;m:", got.Header.Get("X-Request-Id"))
	assert.Empty(t, got.Header.Get("Content-Type"))
	assert.Zero(t, got.ContentLength)
}

func TestPut(t *testing.T) {
	var got *http.Request
	var received []byte
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		received, _ = io.ReadAll(r.Body)
		respond(http.StatusCreated, `{"objectId": "an-id", "more": 1}`)(w, r)
	})
	id, err := put(client(t, f.options()), t.Context(), "content")
	require.NoError(t, err)
	assert.Equal(t, "an-id", id)
	assert.Equal(t, "content", string(received))

	assert.Equal(t, http.MethodPost, got.Method)
	assert.Equal(t, "/objects", got.RequestURI)
	assert.Equal(t, "Bearer "+planted, got.Header.Get("Authorization"))
	assert.Equal(t, "application/json", got.Header.Get("Content-Type"))
	assert.EqualValues(t, 7, got.ContentLength)
	assert.NotContains(t, got.Header, "X-Request-Id")
}

func TestPutRefusesAResponseWithoutID(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "no JSON": planted, "no id": `{"other": "` + planted + `"}`, "empty id": `{"objectId": ""}`, "id is a number": `{"objectId": 1}`,
		"null": "null",
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, respond(http.StatusOK, body))
			_, err := put(client(t, f.options()), t.Context(), "content")
			require.EqualError(t, err, "POST /objects: the response has no objectId")
			assert.EqualValues(t, 1, f.requests.Load())
		})
	}
}

func TestURI(t *testing.T) {
	for _, test := range []struct{ name, suffix, id, want string }{
		{"plain", "", "id", "/objects/id"},
		{"path, query and fragment", "/storage/?a=b#c", "id", "/storage/objects/id"},
		{"ids are escaped", "", "a/../b?c#d é%", "/objects/a%2F..%2Fb%3Fc%23d%20%C3%A9%25"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var path string
			f := serve(t, func(_ http.ResponseWriter, r *http.Request) { path = r.RequestURI })
			o := f.options()
			o.URI = component.NewSecret(f.URL + test.suffix)
			_, err := client(t, o).Get(t.Context(), test.id, httpretry.NewBudget(100))
			require.NoError(t, err)
			assert.Equal(t, test.want, path)
		})
	}
	t.Run("user and password in it do not count", func(t *testing.T) {
		f := serve(t, func(w http.ResponseWriter, r *http.Request) {
			assert.Equal(t, "Bearer "+planted, r.Header.Get("Authorization"))
			respond(http.StatusForbidden, "")(w, r)
		})
		o := f.options()
		o.URI = component.NewSecret(strings.Replace(f.URL, "://", "://other:"+planted+"@", 1))
		_, err := get(client(t, o), t.Context())
		require.EqualError(t, err, "GET /objects/id: the object storage answered 403 Forbidden")
	})
	t.Run("refused", func(t *testing.T) {
		_, err := get(client(t, maester.Options{URI: component.NewSecret("ftp://u:" + planted + "@host")}), t.Context())
		require.EqualError(t, err, "OBJECT_STORAGE_URI must be a URL that starts with http:// or https://")
	})
	for _, id := range []string{"", ".", ".."} {
		t.Run(fmt.Sprintf("no id: %q", id), func(t *testing.T) {
			f := serve(t, respond(http.StatusOK, ""))
			_, err := client(t, f.options()).Get(t.Context(), id, httpretry.NewBudget(100))
			require.ErrorContains(t, err, "is no id of an object")
			assert.Zero(t, f.requests.Load())
		})
	}
}

func TestRetries(t *testing.T) {
	broken, fine := respond(http.StatusBadGateway, planted), respond(http.StatusOK, `{"objectId":"id"}`)
	for _, test := range []struct {
		name     string
		turns    []http.HandlerFunc
		requests int32
		want     string // in the error, none for success
	}{
		{"at once", []http.HandlerFunc{fine}, 1, ""},
		{"after 5xx", []http.HandlerFunc{broken, broken, fine}, 3, ""},
		{"after hang-ups", []http.HandlerFunc{hangUp, hangUp, fine}, 3, ""},
		{"5xx too often", []http.HandlerFunc{broken}, 3, "the object storage answered 502 Bad Gateway"},
		{"hang-ups too often", []http.HandlerFunc{hangUp}, 3, "EOF"},
		{"4xx is final", []http.HandlerFunc{respond(http.StatusNotFound, planted), fine}, 1, "answered 404 Not Found"},
	} {
		for what, ask := range map[string]func(*maester.Client) error{
			"GET /objects/id": func(c *maester.Client) error { _, err := get(c, t.Context()); return err },
			"POST /objects":   func(c *maester.Client) error { _, err := put(c, t.Context(), "content"); return err },
		} {
			t.Run(test.name+", "+what, func(t *testing.T) {
				f := serve(t, test.turns...)
				err := ask(client(t, f.options()))
				assert.Equal(t, test.requests, f.requests.Load())
				if test.want == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, test.want)
				assert.True(t, strings.HasPrefix(err.Error(), what+": "), err)
				assert.NotContains(t, err.Error(), planted)
				assert.NotContains(t, err.Error(), f.URL, "it may carry a user and a password")
			})
		}
	}
}

func TestIdleTimeout(t *testing.T) {
	f := serve(t, silent)
	o := f.options()
	o.IdleTimeout = 20 * time.Millisecond
	_, err := get(client(t, o), t.Context())
	require.EqualError(t, err, "GET /objects/id: no byte within 20ms")
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
	_, err := put(client(t, o), ctx, planted)

	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "POST /objects")
	assert.EqualValues(t, 1, f.requests.Load())
	assert.Contains(t, line, "the object storage answered 503")
	assert.NotContains(t, line, planted)
}

func TestSizeIsBounded(t *testing.T) {
	endless := func(w http.ResponseWriter, _ *http.Request) {
		for { // until the client has enough
			if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
				return
			}
		}
	}
	for name, test := range map[string]struct {
		turn  http.HandlerFunc
		wrong bool
	}{
		"just as large":    {respond(http.StatusOK, strings.Repeat("x", 100)), false},
		"larger, and told": {respond(http.StatusOK, strings.Repeat("x", 101)), true},
		"larger, untold":   {endless, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, test.turn)
			o := f.options()
			content, err := get(client(t, o), t.Context())
			assert.EqualValues(t, 1, f.requests.Load(), "it will not be smaller the next time")
			if !test.wrong {
				require.NoError(t, err)
				assert.Len(t, content, 100)
				return
			}
			require.ErrorContains(t, err, "GET /objects/id: the response is too large: at least ")
		})
	}
}
