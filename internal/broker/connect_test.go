package broker

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConnectWithRetry(t *testing.T) {
	for name, test := range map[string]struct {
		attempts, fails int
		answer          error
		tries           int
		passed          time.Duration
	}{
		"at once":               {3, 0, nil, 1, 0},
		"after some":            {3, 2, ErrNotConnected, 3, 200 * ms},
		"with the last":         {3, 3, ErrNotConnected, 4, 300 * ms},
		"not at all":            {3, 9, ErrNotConnected, 4, 300 * ms},
		"without a second try":  {0, 9, ErrNotConnected, 1, 0},
		"a malformed URI":       {3, 9, ErrURI, 1, 0},
		"less than no attempts": {-1, 9, ErrNotConnected, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &fakeSink{connect: func(_ context.Context, n int) error {
					if n < test.fails {
						return test.answer
					}
					return nil
				}}
				began := time.Now()
				err := ConnectWithRetry(t.Context(), sink, test.attempts, 100*ms, nil)
				assert.Equal(t, test.tries, sink.connects)
				assert.Equal(t, test.passed, time.Since(began))
				if test.fails < test.tries {
					require.NoError(t, err)
				} else {
					require.EqualError(t, err, "connect to the broker: "+test.answer.Error())
					require.ErrorIs(t, err, test.answer)
				}
			})
		})
	}
}

func TestConnectWithRetryEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		sink := &fakeSink{connect: func(context.Context, int) error { return ErrNotConnected }}
		require.ErrorIs(t, ConnectWithRetry(ctx, sink, 9, time.Minute, nil), context.DeadlineExceeded)
	})
}

func TestReceiveBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var recorder logRecorder
		var times []time.Duration
		began := time.Now()
		source := &fakeSource{
			connect: func(n int) error {
				times = append(times, time.Since(began))
				if n < 8 {
					return ErrNotConnected
				}
				return nil
			},
			consume: func() error {
				if len(times) < 11 {
					return ErrNotConnected // no queue yet
				}
				return nil
			},
		}
		d, err := Receive(t.Context(), source, Reconnect{Log: recorder.logger()})
		require.NoError(t, err)
		assert.Equal(t, "it", d.RoutingKey)
		assert.Equal(t, []time.Duration{100 * ms, 300 * ms, 700 * ms, 1500 * ms, 3100 * ms, 6300 * ms, 12700 * ms,
			25500 * ms, 51100 * ms, 81100 * ms, 111100 * ms}, times)
		lines := recorder.lines()
		assert.Equal(t, "WARN consumer lost, connecting again", lines[0])
		assert.Equal(t, "DEBUG cannot consume yet", lines[1])
		assert.Equal(t, "WARN cannot consume yet", lines[10])
		assert.Equal(t, "INFO consuming again", lines[11])
	})
}

func TestReceiveGivesUp(t *testing.T) {
	other := errors.New("something else")
	for name, answer := range map[string]error{"stopped": ErrStopped, "malformed URI": ErrURI} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source := &fakeSource{connect: func(n int) error {
					if n < 2 {
						return other // is tried again, too
					}
					return answer
				}}
				_, err := Receive(t.Context(), source, Reconnect{})
				require.ErrorIs(t, err, answer)
				assert.Equal(t, 3, source.connects)
			})
		})
	}
	t.Run("context", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			source := &fakeSource{connect: func(int) error { return ErrNotConnected }}
			_, err := Receive(ctx, source, Reconnect{})
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	})
}
