package maester

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

		_, err := r.Read(nil)
		require.NoError(t, err)
		time.Sleep(silence)
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
