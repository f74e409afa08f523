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
				stopping, stop := context.WithCancel(t.Context())
				defer stop()
				if tc.stopAfter == 0 {
					stop()
				} else {
					time.AfterFunc(tc.stopAfter, stop)
				}
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

// TestRetryGivesASilentBrokerLittleTime has a sink that answers no more.
func TestRetryGivesASilentBrokerLittleTime(t *testing.T) {
	silent := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	for name, tc := range map[string]struct {
		sink        *fakeSink
		stopAfter   time.Duration
		wantElapsed time.Duration
	}{
		"which began before the end": {
			&fakeSink{publish: func(ctx context.Context, _ int, _ Publication) error { return silent(ctx) }},
			20 * time.Second, 30 * time.Second,
		},
		"which began at the end": {
			&fakeSink{publish: func(ctx context.Context, _ int, _ Publication) error { return silent(ctx) }},
			0, 10 * time.Second,
		},
		"that does not let connect": {
			&fakeSink{
				connect: func(ctx context.Context, _ int) error { return silent(ctx) },
				publish: func(context.Context, int, Publication) error { return ErrNotConnected },
			},
			time.Second, 11 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stopping, stop := context.WithCancel(t.Context())
				defer stop()
				if tc.stopAfter == 0 {
					stop()
				} else {
					time.AfterFunc(tc.stopAfter, stop)
				}
				began := time.Now()
				err := Retry(tc.sink, RetryOptions{Delay: 100 * ms, Stopping: stopping}).Publish(t.Context(), Publication{})
				require.ErrorIs(t, err, ErrNotConnected)
				assert.Equal(t, tc.wantElapsed, time.Since(began))
			})
		})
	}
}

func TestRetryThatEndsWithItsContextSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		sink := &fakeSink{publish: func(ctx context.Context, _ int, _ Publication) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		stopping, stop := context.WithCancel(t.Context())
		stop()
		err := Retry(sink, RetryOptions{Stopping: stopping}).Publish(ctx, Publication{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}
