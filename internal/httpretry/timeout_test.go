package httpretry

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTimeouts(t *testing.T) {
	const idle = 10 * time.Second
	synctest.Test(t, func(t *testing.T) {
		ctx, limits := withTimeouts(t.Context(), never, idle)
		defer limits.stop()
		r := limits.reader(iotest.OneByteReader(strings.NewReader("a large object")))
		for range 10 {
			time.Sleep(idle - 1)
			_, err := io.ReadFull(r, make([]byte, 1))
			require.NoError(t, err)
		}
		synctest.Wait()
		require.NoError(t, ctx.Err(), "slow is not idle")

		time.Sleep(idle - 1)
		_, err := r.Read(nil)
		require.NoError(t, err)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.EqualError(t, context.Cause(ctx), "no byte within 10s", "reading nothing is idle")
		require.EqualError(t, cause(ctx, io.ErrUnexpectedEOF), "no byte within 10s")
		require.NoError(t, cause(ctx, nil))
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, limits := withTimeouts(t.Context(), time.Minute, never)
		defer limits.stop()
		r := limits.reader(iotest.OneByteReader(strings.NewReader("content")))
		time.Sleep(time.Minute - 1)
		_, err := r.Read(make([]byte, 1))
		require.NoError(t, err)
		require.Equal(t, io.EOF, cause(ctx, io.EOF))
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.EqualError(t, context.Cause(ctx), "no response within 1m0s")
	})
	synctest.Test(t, func(t *testing.T) {
		caller, cancel := context.WithCancel(t.Context())
		ctx, limits := withTimeouts(caller, time.Minute, idle)
		cancel()
		require.ErrorIs(t, cause(ctx, io.EOF), context.Canceled)
		limits.stop()
		time.Sleep(2 * time.Minute)
		require.Equal(t, context.Canceled, context.Cause(ctx))
	})
}

// slowly hands out a byte every 4 s.
type slowly struct{ io.Reader }

func (s slowly) Read(p []byte) (int, error) {
	time.Sleep(4 * time.Second)
	return s.Reader.Read(p[:min(len(p), 1)])
}

func (slowly) Close() error { return nil }

// slowServer takes and gives slowly.
type slowServer struct{ status int }

func (s slowServer) RoundTrip(r *http.Request) (*http.Response, error) {
	_, err := io.Copy(io.Discard, slowly{r.Body})
	if cause := context.Cause(r.Context()); cause != nil {
		err = cause
	}
	return &http.Response{StatusCode: s.status, Body: untilEnd{r.Context(), slowly{strings.NewReader("a slow response")}}, ContentLength: -1}, err
}

// untilEnd fails as a connection does once its request has ended.
type untilEnd struct {
	ctx context.Context
	io.ReadCloser
}

func (u untilEnd) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	if cause := context.Cause(u.ctx); cause != nil {
		return 0, cause
	}
	return n, err
}

// Each of these takes minutes, and is never idle for 10 s.
func TestSlowIsNotIdle(t *testing.T) {
	content := strings.Repeat("x", 100)
	for name, test := range map[string]struct {
		status int
		want   string // error
	}{
		"served":  {http.StatusOK, ""},
		"refused": {http.StatusConflict, "it: the server answered 409 Conflict"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := New(Options{Server: "the server", Prepare: func(*http.Request) {}, IdleTimeout: 10 * time.Second})
				c.http.Transport = slowServer{test.status}
				body, err := c.Do(t.Context(), Request{
					Name: "it", Method: http.MethodPost, URL: &url.URL{Scheme: "http", Host: "server"}, Budget: NewBudget(1000),
					Body: func() io.Reader { return strings.NewReader(content) }, BodySize: int64(len(content)),
				})
				if test.want != "" {
					require.EqualError(t, err, test.want)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, "a slow response", string(body))
			})
		})
	}
}

func TestDelays(t *testing.T) {
	constant := New(Options{Delay: time.Second}).delays()
	for range 3 {
		assert.Equal(t, time.Second, constant.NextBackOff())
	}
	assert.Zero(t, New(Options{Delay: -time.Second}).delays().NextBackOff())
	for range 100 {
		doubled := New(Options{Delay: 100 * time.Millisecond, Doubled: true}).delays()
		for _, want := range []time.Duration{100, 200, 400, 800} {
			assert.InDelta(t, want*time.Millisecond, doubled.NextBackOff(), float64(want*time.Millisecond/10+1))
		}
	}
}
