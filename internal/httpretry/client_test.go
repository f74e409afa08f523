package httpretry_test

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
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/httpfault"
	"aws-secrets-manager-connector/internal/httpretry"
)

const planted = "pl4nted"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a server whose responses are made by turns; the last one stays.
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

// get asks f for a resource whose URL nobody may see.
func (f *fake) get(t *testing.T) httpretry.Request {
	target, err := httpretry.ResourceURL("URI", component.NewSecret(f.URL), "/"+planted)
	require.NoError(t, err)
	return httpretry.Request{Name: "GET it", Method: http.MethodGet, URL: target, Budget: httpretry.NewBudget(1 << 20)}
}

// post sends content to f.
func (f *fake) post(t *testing.T, content string) httpretry.Request {
	r := f.get(t)
	r.Name, r.Method = "POST it", http.MethodPost
	r.Body, r.BodySize = func() io.Reader { return strings.NewReader(content) }, int64(len(content))
	return r
}

func options() httpretry.Options {
	return httpretry.Options{
		Server: "the server", Attempts: 3, Prepare: func(req *http.Request) { req.SetBasicAuth("user", planted) },
	}
}

func client(t *testing.T, o httpretry.Options) *httpretry.Client {
	t.Helper()
	c := httpretry.New(o)
	t.Cleanup(c.Close)
	return c
}

func respond(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func redirect(status int, target string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, status) }
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

// cutShort sends less than it promises, and then does what next does.
func cutShort(status int, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "a part")
		_ = http.NewResponseController(w).Flush()
		next(w, r)
	}
}

// tell sends bytes that need not be HTTP.
func tell(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}
}

func TestAttempts(t *testing.T) {
	broken, fine := respond(http.StatusBadGateway, planted), respond(http.StatusOK, "content")
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
		{"after a response cut short", 3, []http.HandlerFunc{cutShort(200, hangUp), fine}, 2, ""},
		{"5xx too often", 3, []http.HandlerFunc{broken}, 3, "the server answered 502 Bad Gateway"},
		{"hang-ups too often", 2, []http.HandlerFunc{hangUp}, 2, "EOF"},
		{"cut short too often", 3, []http.HandlerFunc{cutShort(200, hangUp)}, 3, "unexpected EOF"},
		{"one attempt", 1, []http.HandlerFunc{broken}, 1, "answered 502"},
		{"zero means one", 0, []http.HandlerFunc{broken}, 1, "answered 502"},
		{"negative means one", -5, []http.HandlerFunc{broken}, 1, "answered 502"},
		{"4xx is final", 3, []http.HandlerFunc{respond(http.StatusNotFound, planted), fine}, 1, "answered 404 Not Found"},
		{"429 as well", 3, []http.HandlerFunc{respond(http.StatusTooManyRequests, ""), fine}, 1, "answered 429"},
		{"4xx after 5xx", 5, []http.HandlerFunc{broken, respond(http.StatusUnauthorized, ""), fine}, 2, "answered 401"},
		{"4xx at the last attempt", 2, []http.HandlerFunc{broken, respond(http.StatusUnauthorized, "")}, 2, "answered 401"},
		{"3xx is final", 3, []http.HandlerFunc{respond(http.StatusNotModified, ""), fine}, 1, "answered 304"},
		{"unknown status", 3, []http.HandlerFunc{respond(499, ""), fine}, 1, "the server answered 499"},
		{"not HTTP", 3, []http.HandlerFunc{tell(planted + "\r\n\r\n")}, 3, httpfault.ErrNotHTTP.Error()},
		{"a header that is none", 3, []http.HandlerFunc{tell("HTTP/1.1 200 OK\r\n" + planted + "\r\n\r\n")}, 3, httpfault.ErrNotHTTP.Error()},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			t.Run(test.name+", "+method, func(t *testing.T) {
				f := serve(t, test.turns...)
				var log bytes.Buffer
				o := options()
				o.Attempts, o.Log = test.attempts, slog.New(slog.NewTextHandler(&log, nil))
				r := f.get(t)
				if method == http.MethodPost {
					r = f.post(t, planted)
				}
				body, err := client(t, o).Do(t.Context(), r)

				assert.Equal(t, test.requests, f.requests.Load())
				assert.NotContains(t, log.String(), planted)
				assert.NotContains(t, log.String(), f.URL, "it may carry a user and a password")
				if test.want == "" {
					require.NoError(t, err)
					assert.Equal(t, "content", string(body))
					return
				}
				require.ErrorContains(t, err, test.want)
				assert.True(t, strings.HasPrefix(err.Error(), method+" it: "), err)
				assert.NotContains(t, err.Error(), planted)
				assert.NotContains(t, err.Error(), f.URL)
			})
		}
	}
}

func TestStatusError(t *testing.T) {
	f := serve(t, respond(http.StatusConflict, planted))
	_, err := client(t, options()).Do(t.Context(), f.get(t))
	var status *httpretry.StatusError
	require.ErrorAs(t, err, &status)
	assert.Equal(t, httpretry.StatusError{Server: "the server", Code: 409}, *status)
}

func TestStatusThatMeansSuccess(t *testing.T) {
	f := serve(t, respond(http.StatusCreated, ""))
	r := f.get(t)
	_, err := client(t, options()).Do(t.Context(), r)
	require.NoError(t, err)
	r.Status = http.StatusOK
	_, err = client(t, options()).Do(t.Context(), r)
	require.EqualError(t, err, "GET it: the server answered 201 Created")
	assert.EqualValues(t, 2, f.requests.Load())
}

func TestNobodyListens(t *testing.T) {
	f := serve(t, hangUp)
	f.Close()
	_, err := client(t, options()).Do(t.Context(), f.get(t))
	var op *net.OpError
	require.ErrorAs(t, err, &op)
	assert.NotContains(t, err.Error(), planted)
}

func TestEachAttemptIsPreparedAndSendsAll(t *testing.T) {
	content := strings.Repeat("0123456789", 100_000)
	var mu sync.Mutex // each attempt may come over a connection of its own
	var received []string
	keep := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, key, _ := r.BasicAuth()
			assert.Equal(t, planted, key)
			assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
			assert.EqualValues(t, len(content), r.ContentLength)
			mu.Lock()
			received = append(received, string(body))
			mu.Unlock()
			next(w, r)
		}
	}
	f := serve(t, keep(hangUp), keep(respond(http.StatusServiceUnavailable, "")), keep(redirect(307, "/there")), keep(respond(http.StatusOK, "")))
	_, err := client(t, options()).Do(t.Context(), f.post(t, content))
	require.NoError(t, err)
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, received, 4)
	for _, body := range received {
		assert.True(t, body == content)
	}
}

// A refusal may come before the content has been read.
func TestRefusedBeforeTheContentIsRead(t *testing.T) {
	f := serve(t, respond(http.StatusRequestEntityTooLarge, ""))
	_, err := client(t, options()).Do(t.Context(), f.post(t, strings.Repeat("x", 16<<20)))
	require.ErrorContains(t, err, "POST it: ")
	if status, ok := errors.AsType[*httpretry.StatusError](err); ok {
		assert.Equal(t, http.StatusRequestEntityTooLarge, status.Code)
	}
}

func TestTimeoutIsOfEachAttempt(t *testing.T) {
	for name, turn := range map[string]http.HandlerFunc{"silent": silent, "half a response": cutShort(200, silent)} {
		t.Run(name, func(t *testing.T) {
			o := options()
			o.Timeout = 50 * time.Millisecond
			f := serve(t, turn, respond(http.StatusOK, ""))
			_, err := client(t, o).Do(t.Context(), f.get(t))
			require.NoError(t, err)
			assert.EqualValues(t, 2, f.requests.Load())

			f = serve(t, turn)
			_, err = client(t, o).Do(t.Context(), f.get(t))
			require.EqualError(t, err, "GET it: no response within 50ms")
			require.NotErrorIs(t, err, context.DeadlineExceeded, "it is not the caller's deadline")
			assert.EqualValues(t, 3, f.requests.Load())
		})
	}
}

func TestIdleTimeout(t *testing.T) {
	o := options()
	o.IdleTimeout = 20 * time.Millisecond
	for name, turn := range map[string]http.HandlerFunc{
		"no response": silent, "half a response": cutShort(200, silent), "half a refusal": cutShort(500, silent),
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, turn, respond(http.StatusOK, ""))
			_, err := client(t, o).Do(t.Context(), f.post(t, "content"))
			require.NoError(t, err, "the next attempt may have more luck")
			assert.EqualValues(t, 2, f.requests.Load())
		})
	}
	f := serve(t, silent)
	_, err := client(t, o).Do(t.Context(), f.get(t))
	require.EqualError(t, err, "GET it: no byte within 20ms")
	assert.EqualValues(t, 3, f.requests.Load())
}

func TestCallerEndsARequest(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	f := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel(errors.New("a signal"))
		<-r.Context().Done()
	})
	_, err := client(t, options()).Do(ctx, f.get(t))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "GET it: ")
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
func TestCallerEndsAWaitBetweenAttempts(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	var line string
	f := serve(t, respond(http.StatusServiceUnavailable, planted))
	o := options()
	o.Delay = time.Hour
	o.Log = slog.New(slog.NewTextHandler(onLog(func(text string) {
		line = text
		cancel(errors.New("a signal"))
	}), nil))
	_, err := client(t, o).Do(ctx, f.get(t))

	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "GET it: ")
	assert.EqualValues(t, 1, f.requests.Load())
	assert.Contains(t, line, `msg="request to the server failed and is tried again" request="GET it" err="the server answered 503`)
	assert.Contains(t, line, "delay=1h0m0s")
}

func TestRedirects(t *testing.T) {
	t.Run("within the server are followed", func(t *testing.T) {
		f := serve(t, redirect(302, "/elsewhere"), func(w http.ResponseWriter, r *http.Request) {
			assert.Equal(t, "/elsewhere", r.RequestURI)
			_, key, _ := r.BasicAuth()
			assert.Equal(t, planted, key)
		})
		_, err := client(t, options()).Do(t.Context(), f.get(t))
		require.NoError(t, err)
		assert.EqualValues(t, 2, f.requests.Load())
	})
	t.Run("that drop the body are not", func(t *testing.T) {
		f := serve(t, redirect(302, "/elsewhere"))
		_, err := client(t, options()).Do(t.Context(), f.post(t, "content"))
		require.ErrorContains(t, err, "answered 302 Found")
		assert.EqualValues(t, 1, f.requests.Load())
	})
	t.Run("to another server are not", func(t *testing.T) {
		other := serve(t, respond(http.StatusOK, ""))
		for _, status := range []int{302, 307} {
			f := serve(t, redirect(status, other.URL))
			_, err := client(t, options()).Do(t.Context(), f.get(t))
			require.ErrorContains(t, err, fmt.Sprint("answered ", status))
			assert.EqualValues(t, 1, f.requests.Load())
		}
		assert.Zero(t, other.requests.Load())
	})
	t.Run("to another scheme are not", func(t *testing.T) {
		f := serve(t, func(w http.ResponseWriter, r *http.Request) { redirect(302, "https://"+r.Host+"/")(w, r) })
		_, err := client(t, options()).Do(t.Context(), f.get(t))
		require.ErrorContains(t, err, "answered 302 Found")
	})
	t.Run("in a circle end", func(t *testing.T) {
		f := serve(t, redirect(302, "/again"))
		_, err := client(t, options()).Do(t.Context(), f.get(t))
		require.ErrorContains(t, err, "answered 302 Found")
		assert.EqualValues(t, 10, f.requests.Load())
	})
}

func TestConnectionIsKeptAlive(t *testing.T) {
	long := strings.Repeat("x", 1<<18)
	f := serve(t, respond(http.StatusInternalServerError, long), respond(http.StatusOK, long), respond(http.StatusNotFound, long), respond(http.StatusOK, long))
	c := client(t, options())
	_, err := c.Do(t.Context(), f.get(t))
	require.NoError(t, err)
	_, err = c.Do(t.Context(), f.get(t))
	require.Error(t, err)
	_, err = c.Do(t.Context(), f.get(t))
	require.NoError(t, err)
	assert.EqualValues(t, 4, f.requests.Load())
	assert.EqualValues(t, 1, f.connections.Load())
}

func TestManyAtOnce(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.RawQuery) })
	c := client(t, options())
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			r := f.get(t)
			r.URL.RawQuery = fmt.Sprint(i)
			body, err := c.Do(t.Context(), r)
			assert.NoError(t, err)
			assert.Equal(t, fmt.Sprint(i), string(body))
		})
	}
	all.Wait()
}

func TestPrintsNoSecret(t *testing.T) {
	key := planted
	o := options()
	o.Prepare = func(req *http.Request) { req.SetBasicAuth("user", key) }
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		assert.NotContains(t, fmt.Sprintf(verb, o), planted)
		assert.NotContains(t, fmt.Sprintf(verb, httpretry.New(o)), planted)
	}
}
