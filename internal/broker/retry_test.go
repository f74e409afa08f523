package broker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ms = time.Millisecond

func TestRetryDoublesItsDelay(t *testing.T) {
	for name, test := range map[string]struct {
		opts   RetryOptions
		fails  int
		err    error
		delays []time.Duration
	}{
		"nack": {RetryOptions{Delay: 100 * ms, MaxDelay: time.Second}, 6, ErrNacked,
			[]time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, time.Second, time.Second}},
		"defaults": {RetryOptions{}, 14, ErrNacked,
			[]time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms, 12800 * ms,
				25600 * ms, 51200 * ms, 102400 * ms, 204800 * ms, 300 * time.Second, 300 * time.Second}},
		"delay above its limit": {RetryOptions{Delay: time.Minute, MaxDelay: time.Second}, 2, ErrNacked,
			[]time.Duration{time.Second, time.Second}},
		"lost connection": {RetryOptions{Delay: 10 * time.Second}, 4, fmt.Errorf("gone: %w", ErrNotConnected),
			[]time.Duration{10 * time.Second, 20 * time.Second, 30 * time.Second, 30 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var delays []time.Duration
				last := time.Now()
				sink := &fakeSink{publish: func(_ context.Context, n int, p Publication) error {
					if n > 0 {
						delays = append(delays, time.Since(last))
						assert.Equal(t, int64(n), p.Headers["retry"])
					}
					last = time.Now()
					if n < test.fails {
						return test.err
					}
					return nil
				}}
				require.NoError(t, Retry(sink, test.opts).Publish(t.Context(), Publication{}))
				assert.Equal(t, test.delays, delays)
				assert.Equal(t, test.fails+1, sink.connects, "each try sees to the connection")
			})
		})
	}
}

func TestRetryEnds(t *testing.T) {
	other := errors.New("something else")
	for name, test := range map[string]struct {
		attempts int
		answer   error
		tries    int
		is       error
	}{
		"after all attempts":       {3, ErrNacked, 3, ErrNacked},
		"after its only attempt":   {1, ErrNotConnected, 1, ErrNotConnected},
		"with a returned message":  {0, &ReturnedError{}, 1, nil},
		"with a closed sink":       {0, ErrClosed, 1, ErrClosed},
		"with any other error":     {0, other, 1, other},
		"at the first good answer": {0, nil, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &fakeSink{publish: func(context.Context, int, Publication) error { return test.answer }}
				err := Retry(sink, RetryOptions{Attempts: test.attempts}).Publish(t.Context(), Publication{})
				assert.Len(t, sink.publishes, test.tries)
				if test.answer == nil {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, test.answer)
			})
		})
	}
}

func TestRetryOfWhatClosesTheChannel(t *testing.T) {
	gone := fmt.Errorf("gone: %w", ErrNotConnected)
	fault, missing := connectionLost(406, "PRECONDITION_FAILED"), connectionLost(404, "NOT_FOUND")
	for name, test := range map[string]struct {
		results  []error
		is       error
		attempts int
	}{
		"twice":                           {[]error{fault, fault}, ErrUnsendable, 0},
		"twice, with one attempt":         {[]error{fault, fault}, ErrUnsendable, 1},
		"once, with one attempt":          {[]error{fault, ErrNacked}, ErrNacked, 1},
		"once":                            {[]error{fault, nil}, nil, 0},
		"twice, with a fault of the net":  {[]error{fault, gone, fault}, ErrUnsendable, 0},
		"twice, with a full queue":        {[]error{ErrNacked, fault, ErrNacked, fault}, ErrUnsendable, 0},
		"for an exchange that is missing": {[]error{missing, missing, missing, nil}, nil, 0},
		"by an operator":                  {[]error{connectionLost(320, ""), connectionLost(320, ""), nil}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &fakeSink{publish: func(_ context.Context, n int, _ Publication) error { return test.results[n] }}
				err := Retry(sink, RetryOptions{Attempts: test.attempts}).Publish(t.Context(), Publication{})
				assert.Len(t, sink.publishes, len(test.results))
				if test.is == nil {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, test.is)
				require.NotErrorIs(t, err, ErrNotConnected)
			})
		})
	}
}

// A message that may have closed the channel is tried alone, so that no other
// can be blamed for it.
func TestRetryTriesSuspectsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const publishers = 5
		var busy atomic.Int32
		sink := &fakeSink{publish: func(_ context.Context, n int, _ Publication) error {
			together := busy.Add(1)
			defer busy.Add(-1)
			time.Sleep(time.Second) // by the test's clock
			if n < publishers {
				return connectionLost(406, "PRECONDITION_FAILED")
			}
			assert.Equal(t, int32(1), together)
			return nil
		}}
		retry := Retry(sink, RetryOptions{})
		var all sync.WaitGroup
		for range publishers {
			all.Go(func() { assert.NoError(t, retry.Publish(t.Context(), Publication{})) })
		}
		all.Wait()
		assert.Len(t, sink.publishes, 2*publishers)
	})
}

func TestRetryEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 250*ms)
		defer cancel()
		sink := &fakeSink{publish: func(context.Context, int, Publication) error { return ErrNacked }}
		require.ErrorIs(t, Retry(sink, RetryOptions{}).Publish(ctx, Publication{}), context.DeadlineExceeded)
		assert.Len(t, sink.publishes, 2)
	})
}

func TestRetryLeavesTheCallersHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		headers := map[string]any{"retry": "theirs", "a": 1}
		sink := &fakeSink{publish: func(_ context.Context, n int, _ Publication) error {
			if n == 0 {
				return ErrNacked
			}
			return nil
		}}
		publication := Publication{Properties: Properties{Headers: headers}}
		require.NoError(t, Retry(sink, RetryOptions{}).Publish(t.Context(), publication))
		assert.Equal(t, map[string]any{"retry": "theirs", "a": 1}, headers)
		assert.Equal(t, map[string]any{"retry": "theirs", "a": 1}, sink.publishes[0].Headers)
		assert.Equal(t, map[string]any{"retry": int64(1), "a": 1}, sink.publishes[1].Headers)
	})
}

func TestRetryLogsAnOutageOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var recorder logRecorder
		sink := &fakeSink{
			connect: func(_ context.Context, n int) error {
				if n > 0 && n < 8 {
					return ErrNotConnected
				}
				return nil
			},
			publish: func(_ context.Context, n int, _ Publication) error {
				if n == 0 {
					return ErrNotConnected
				}
				return nil
			},
		}
		require.NoError(t, Retry(sink, RetryOptions{Log: recorder.logger()}).Publish(t.Context(), Publication{}))
		assert.Equal(t, []string{
			"WARN publish failed, trying again",
			"DEBUG publish failed, trying again",
			"DEBUG publish failed, trying again",
			"DEBUG publish failed, trying again",
			"DEBUG publish failed, trying again",
			"DEBUG publish failed, trying again",
			"DEBUG publish failed, trying again",
			"WARN publish failed, trying again", // the wait is long by now
			"INFO publishing again",
		}, recorder.lines())
	})
}
