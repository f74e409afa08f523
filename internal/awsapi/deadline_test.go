package awsapi

import (
	"bufio"
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		d := withTimeout(context.Background(), time.Second)
		defer d.stop()
		at, ok := d.Deadline()
		assert.True(t, ok)
		assert.Equal(t, start.Add(time.Second), at)
		require.NoError(t, d.Err())
		<-d.Done()
		assert.Equal(t, at, time.Now())
		assert.Equal(t, context.DeadlineExceeded, d.Err())
	})
	synctest.Test(t, func(t *testing.T) { // nobody waits
		d := withTimeout(context.Background(), time.Second)
		time.Sleep(time.Second)
		assert.Equal(t, context.DeadlineExceeded, d.Err())
		d.stop()
		assert.Nil(t, d.Done(), "as the parent's")
	})
	synctest.Test(t, func(t *testing.T) { // the parent's end
		parent, end := context.WithCancel(t.Context())
		d := withTimeout(parent, time.Second)
		child, cancel := context.WithCancel(d)
		defer cancel()
		end()
		<-d.Done()
		<-child.Done()
		assert.Equal(t, context.Canceled, d.Err())
		d.stop()
		d.stop()
		<-d.Done()
	})
	synctest.Test(t, func(t *testing.T) { // a child lives longer
		d := withTimeout(context.Background(), time.Second)
		child, cancel := context.WithCancel(d)
		defer cancel()
		d.stop()
		<-child.Done()
		assert.Equal(t, context.Canceled, child.Err())
		assert.Equal(t, context.Canceled, d.Err())
	})
	synctest.Test(t, func(t *testing.T) { // the parent's time
		parent, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		d := withTimeout(parent, time.Hour)
		defer d.stop()
		want, _ := parent.Deadline()
		got, _ := d.Deadline()
		assert.Equal(t, want, got)
	})
}

// A connection keeps the time by itself, and the next request starts afresh.
func TestTransportKeepsADeadline(t *testing.T) {
	silent := make(chan struct{})
	address := listen(t, func(n int, c net.Conn) {
		reader := bufio.NewReader(c)
		for i := 1; ; i++ {
			if _, ok := receive(reader); !ok {
				return
			}
			if n == 1 && i == 3 {
				<-silent
				return
			}
			_, _ = io.WriteString(c, ok("answer"))
		}
	})
	transport := testTransport(t)
	exchange := func(ctx context.Context) error {
		response, err := transport.RoundTrip(request(ctx, t, "http://"+address, ""))
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		_, err = io.Copy(io.Discard, response.Body)
		return err
	}
	within := func(d time.Duration) *deadline { return withTimeout(context.Background(), d) }

	require.NoError(t, exchange(within(time.Minute)))
	require.NoError(t, exchange(context.Background()))
	kept := transport.all()
	require.Len(t, kept, 1)
	assert.False(t, kept[0].timed, "the deadline is gone")
	short := within(200 * time.Millisecond)
	assert.Equal(t, context.DeadlineExceeded, exchange(short))
	assert.Nil(t, short.timed, "without a timer")
	close(silent)
	assert.Empty(t, transport.all())

	parent, end := context.WithCancel(t.Context())
	end()
	assert.Equal(t, context.Canceled, exchange(withTimeout(parent, time.Minute)))
	require.NoError(t, exchange(within(time.Minute)))
}
