package maester

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func TestWatch(t *testing.T) {
	const silence = 10 * time.Second
	synctest.Test(t, func(t *testing.T) {
		ctx, w := watchFor(t.Context(), silence)
		defer w.stop()
		r := w.reader(iotest.OneByteReader(strings.NewReader("a large object")))
		for range 10 {
			time.Sleep(silence - 1)
			_, err := io.ReadFull(r, make([]byte, 1))
			require.NoError(t, err)
		}
		synctest.Wait()
		require.NoError(t, ctx.Err(), "slow is not silent")

		time.Sleep(silence - 1)
		_, err := r.Read(nil)
		require.NoError(t, err)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.ErrorIs(t, context.Cause(ctx), errSilent, "reading nothing is silence")
		require.Equal(t, errSilent, w.cause(ctx, io.ErrUnexpectedEOF))
		require.NoError(t, w.cause(ctx, nil))
	})
	synctest.Test(t, func(t *testing.T) {
		caller, cancel := context.WithCancel(t.Context())
		ctx, w := watchFor(caller, silence)
		cancel()
		require.Equal(t, io.EOF, w.cause(ctx, io.EOF), "it was not silence")
		w.stop()
		time.Sleep(2 * silence)
		require.False(t, errors.Is(context.Cause(ctx), errSilent))
	})
}

// slowly hands out a byte every 4 s.
type slowly struct{ io.Reader }

func (s slowly) Read(p []byte) (int, error) {
	time.Sleep(4 * time.Second)
	return s.Reader.Read(p[:min(len(p), 1)])
}

func (slowly) Close() error { return nil }

// slowStorage takes and gives slowly.
type slowStorage struct{ status int }

func (s slowStorage) RoundTrip(r *http.Request) (*http.Response, error) {
	_, err := io.Copy(io.Discard, slowly{r.Body})
	if cause := context.Cause(r.Context()); cause != nil {
		err = cause
	}
	content := slowly{strings.NewReader(`{"objectId":"a-long-id"}`)}
	return &http.Response{StatusCode: s.status, Body: untilEnd{r.Context(), content}, ContentLength: -1}, err
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

// Each of these takes minutes, and is never silent for 10 s.
func TestSlowIsNotSilent(t *testing.T) {
	content := strings.Repeat("x", 100)
	for name, test := range map[string]struct {
		status int
		want   string // error
	}{
		"served":  {http.StatusOK, ""},
		"refused": {http.StatusConflict, "POST /objects: the object storage answered 409 Conflict"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := New(Options{URI: component.NewSecret("http://storage")})
				c.http.Transport = slowStorage{test.status}
				id, err := c.Put(t.Context(), int64(len(content)), func() io.Reader { return strings.NewReader(content) })
				if test.want != "" {
					require.EqualError(t, err, test.want)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, "a-long-id", id)
			})
		})
	}
}

// What is announced as too large is not even given the memory.
func TestReadBelievesNoSize(t *testing.T) {
	_, err := read(strings.NewReader("short"), 1<<62, 100)
	require.ErrorIs(t, err, errTooLarge)
}

func TestDelays(t *testing.T) {
	for range 100 {
		delays := New(Options{}).delays()
		for _, want := range []time.Duration{100, 200, 400, 800} {
			delay := delays.NextBackOff()
			assert.GreaterOrEqual(t, delay, want*time.Millisecond)
			assert.LessOrEqual(t, delay, (want+want/5)*time.Millisecond+time.Microsecond)
		}
	}
}
