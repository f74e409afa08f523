package broker

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRetryStopsTrying(t *testing.T) {
	for name, tc := range map[string]struct {
		err         error
		stopAfter   time.Duration
		wantTries   int
		wantElapsed time.Duration
	}{
		"before the first try, which is made": {ErrNacked, 0, 1, 0},
		"while it waits, for one more try":    {ErrNacked, 150 * ms, 3, 150 * ms},
		"also without a connection":           {ErrNotConnected, 150 * ms, 3, 150 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stopping := endingAfter(t, tc.stopAfter)
				tries := 0
				sink := &fakeSink{publish: func(context.Context, int, Publication) error {
					tries++
					return tc.err
				}}
				began := time.Now()
				err := Retry(sink, RetryOptions{Delay: 100 * ms, Stopping: stopping}).Publish(t.Context(), Publication{})
				require.ErrorIs(t, err, tc.err)
				assert.Equal(t, tc.wantTries, tries)
				assert.Equal(t, tc.wantElapsed, time.Since(began))
			})
		})
	}
}

// endingAfter returns a context that ends after d.
func endingAfter(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	t.Cleanup(end)
	if d == 0 {
		end()
	} else {
		time.AfterFunc(d, end)
	}
	return ctx
}

// silent is a broker that answers no more.
func silent(ctx context.Context, _ int) error {
	<-ctx.Done()
	return ctx.Err()
}

func silentSink() *fakeSink {
	return &fakeSink{publish: func(ctx context.Context, n int, _ Publication) error { return silent(ctx, n) }}
}

func TestRetryGivesASilentBrokerLittleTime(t *testing.T) {
	for name, tc := range map[string]struct {
		sink        *fakeSink
		stopAfter   time.Duration
		wantElapsed time.Duration
	}{
		"which began before the end": {
			silentSink(),
			20 * time.Second, 30 * time.Second,
		},
		"which began at the end": {
			silentSink(),
			0, 10 * time.Second,
		},
		"that does not let connect": {
			&fakeSink{
				connect: silent,
				publish: func(context.Context, int, Publication) error { return ErrNotConnected },
			},
			time.Second, 11 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stopping := endingAfter(t, tc.stopAfter)
				began := time.Now()
				err := Retry(tc.sink, RetryOptions{Delay: 100 * ms, Stopping: stopping}).Publish(t.Context(), Publication{})
				require.ErrorIs(t, err, errGraceOver)
				assert.Equal(t, tc.wantElapsed, time.Since(began))
			})
		})
	}
}

func TestRetryThatEndsWithItsContextSaysSo(t *testing.T) {
	for name, stopped := range map[string]bool{"before the end": false, "after the end": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				stopping, stop := context.WithCancel(t.Context())
				defer stop()
				if stopped {
					stop()
				}
				err := Retry(silentSink(), RetryOptions{Stopping: stopping}).Publish(ctx, Publication{})
				require.ErrorIs(t, err, context.DeadlineExceeded)
			})
		})
	}
}

func TestRetryGivesALatePublishItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopping, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		sink := Retry(silentSink(), RetryOptions{Stopping: stopping})
		ctx := context.WithoutCancel(t.Context())
		began := time.Now()
		for _, wantElapsed := range []time.Duration{30 * time.Second, 40 * time.Second} {
			require.ErrorIs(t, sink.Publish(ctx, Publication{}), errGraceOver)
			assert.Equal(t, wantElapsed, time.Since(began))
		}
	})
}
