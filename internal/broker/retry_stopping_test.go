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
				stopping := make(chan struct{})
				if tc.stopAfter == 0 {
					close(stopping)
				} else {
					time.AfterFunc(tc.stopAfter, func() { close(stopping) })
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
