package cache

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
	"go.uber.org/goleak"

	"aws-secrets-manager-connector/internal/component"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func key(n int) Key { return Key{byte(n), byte(n >> 8)} }

// asks counts the calls. Each answers its number.
type asks struct{ n atomic.Int32 }

func (a *asks) of(size int) Call {
	return func(context.Context) (Answer, error) {
		return Answer{Value: int(a.n.Add(1)), Size: size, Keep: true}, nil
	}
}

func get(t *testing.T, c *Cache, n int, call Call) any {
	t.Helper()
	value, err := c.Get(t.Context(), key(n), call)
	require.NoError(t, err)
	return value
}

func TestAnswersAreKeptForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, calls := New(time.Minute), &asks{}
		slow := func(ctx context.Context) (Answer, error) {
			time.Sleep(10 * time.Second)
			return calls.of(10)(ctx)
		}
		assert.Equal(t, 1, get(t, c, 1, slow))
		time.Sleep(50*time.Second - 1)
		assert.Equal(t, 1, get(t, c, 1, slow), "it is not a minute old")
		assert.Equal(t, 2, get(t, c, 2, slow), "another key")
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		assert.Equal(t, "cache with 1 answers, 10 bytes", fmt.Sprint(c), "the first is gone without being asked for")
		assert.Equal(t, 3, get(t, c, 1, slow))
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Equal(t, "cache with 0 answers, 0 bytes", fmt.Sprint(c))
	})
}

func TestRenewedAnswerIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, calls := New(time.Minute), &asks{}
		assert.Equal(t, 1, get(t, c, 1, calls.of(10)))
		time.Sleep(40 * time.Second)
		value, err := c.Renew(t.Context(), key(1), calls.of(20))
		require.NoError(t, err)
		assert.Equal(t, 2, value)
		time.Sleep(40 * time.Second)
		assert.Equal(t, 2, get(t, c, 1, calls.of(10)))
		assert.Equal(t, "cache with 1 answers, 20 bytes", fmt.Sprint(c))
	})
}

// A call that began before another must not bring back what that one replaced.
func TestLaterCallCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(time.Minute)
		answer := func(value string, after time.Duration) Call {
			return func(context.Context) (Answer, error) {
				time.Sleep(after)
				return Answer{Value: value, Size: 1, Keep: true}, nil
			}
		}
		go func() { _, _ = c.Get(context.Background(), key(1), answer("old", 2*time.Second)) }()
		time.Sleep(time.Second)
		_, err := c.Renew(t.Context(), key(1), answer("new", 0))
		require.NoError(t, err)
		time.Sleep(2 * time.Second)
		assert.Equal(t, "new", get(t, c, 1, answer("another", 0)))
	})
}

func TestEqualQuestionsShareACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, calls := New(time.Minute), &asks{}
		slow := func(ctx context.Context) (Answer, error) {
			time.Sleep(time.Second)
			require.NoError(t, ctx.Err(), "the first who asked went away")
			return calls.of(1)(ctx)
		}
		first, cancel := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		waiting.Go(func() {
			_, err := c.Get(first, key(1), slow)
			assert.ErrorIs(t, err, context.Canceled)
		})
		synctest.Wait()
		for range 50 {
			waiting.Go(func() { assert.Equal(t, 1, get(t, c, 1, slow)) })
		}
		synctest.Wait()
		cancel()
		waiting.Wait()
		assert.EqualValues(t, 1, calls.n.Load())
	})
}

func TestWhatIsNotKept(t *testing.T) {
	failure := errors.New("AWS is away")
	tests := []struct {
		name string
		call Call
		err  string
	}{
		{"an error", func(context.Context) (Answer, error) { return Answer{Keep: true}, failure }, "AWS is away"},
		{"a panic", func(context.Context) (Answer, error) { panic("planted") }, "panic of type string"},
		{"what says so", func(context.Context) (Answer, error) { return Answer{Size: 1}, nil }, ""},
		{"more than fits", func(context.Context) (Answer, error) { return Answer{Size: MaxBytes + 1, Keep: true}, nil }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, calls := New(time.Minute), 0
			for range 2 {
				_, err := c.Get(t.Context(), key(1), func(ctx context.Context) (Answer, error) {
					calls++
					return tt.call(ctx)
				})
				if tt.err != "" {
					require.EqualError(t, err, tt.err)
				} else {
					require.NoError(t, err)
				}
			}
			assert.Equal(t, 2, calls)
			assert.Equal(t, "cache with 0 answers, 0 bytes", fmt.Sprint(c))
		})
	}
	_, err := New(time.Minute).Get(t.Context(), key(1), tests[1].call)
	var failed *component.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, component.InternalError, failed.Name)
}

func TestBounds(t *testing.T) {
	c, calls := New(time.Hour), &asks{}
	for i := range MaxAnswers + 10 {
		get(t, c, i, calls.of(1))
	}
	assert.Equal(t, fmt.Sprintf("cache with %d answers, %d bytes", MaxAnswers, MaxAnswers), fmt.Sprint(c))
	assert.Equal(t, MaxAnswers+10, get(t, c, MaxAnswers+9, calls.of(1)), "the latest is there")
	assert.Equal(t, MaxAnswers+11, get(t, c, 0, calls.of(1)), "the first is not")

	get(t, c, 1, calls.of(MaxBytes/2))
	get(t, c, 2, calls.of(MaxBytes/2))
	get(t, c, 3, calls.of(1))
	assert.LessOrEqual(t, c.bytes, MaxBytes)
	before := calls.n.Load()
	get(t, c, 2, calls.of(1))
	assert.Equal(t, before, calls.n.Load())
}

func TestPrintsNothingOfWhatItHolds(t *testing.T) {
	c := New(time.Hour)
	get(t, c, 1, func(context.Context) (Answer, error) { return Answer{Value: "planted", Size: 7, Keep: true}, nil })
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		assert.Equal(t, "cache with 1 answers, 7 bytes", fmt.Sprintf(verb, c))
	}
}
