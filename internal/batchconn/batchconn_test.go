package batchconn

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pipe returns a connection and its other end.
func pipe(t *testing.T) (*Conn, net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	c := New(near)
	t.Cleanup(func() {
		_ = near.Close()
		_ = c.Close()
		_ = far.Close()
	})
	return c, far
}

// recorder is a connection that keeps what each Write gets, when it may go on.
type recorder struct {
	net.Conn

	writes chan string
	goOn   chan struct{}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.writes <- string(p)
	<-r.goOn
	return len(p), nil
}

func TestWritesAreCoalesced(t *testing.T) {
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	r := &recorder{Conn: near, writes: make(chan string), goOn: make(chan struct{})}
	c := New(r)
	write := func(text string) {
		n, err := c.Write([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, len(text), n)
	}
	write("0")
	assert.Equal(t, "0", <-r.writes)
	for _, text := range []string{"1", "2", "3"} {
		write(text)
	}
	r.goOn <- struct{}{}
	assert.Equal(t, "123", <-r.writes)
	close(r.goOn)
	require.NoError(t, c.Close())
}

func TestTheOrderOfEachWriterIsKept(t *testing.T) {
	c, far := pipe(t)
	const writers, writes = 8, 200
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range writes {
				_, err := c.Write([]byte{byte(w), byte(i)})
				assert.NoError(t, err)
			}
		})
	}
	got := make([]byte, 2*writers*writes)
	_, err := io.ReadFull(far, got)
	require.NoError(t, err)
	all.Wait()
	next := map[byte]byte{}
	for i := 0; i < len(got); i += 2 {
		require.Equal(t, next[got[i]], got[i+1])
		next[got[i]]++
	}
}

// writeTooMuch returns with a batch on its way, one pending, and a write of one
// byte that has to wait.
func writeTooMuch(t *testing.T, c *Conn) (wrote <-chan error) {
	t.Helper()
	for range 2 {
		_, err := c.Write(make([]byte, maxKept+1))
		require.NoError(t, err)
	}
	result := make(chan error, 1)
	go func() {
		_, err := c.Write([]byte("y"))
		result <- err
	}()
	return result
}

func TestWritersWaitForASlowPeer(t *testing.T) {
	c, far := pipe(t)
	wrote := writeTooMuch(t, c)
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, err := io.CopyN(io.Discard, far, 2*(maxKept+1)+1)
		assert.NoError(t, err)
	}()
	require.NoError(t, <-wrote)
	<-read
	c.mu.Lock()
	defer c.mu.Unlock()
	assert.LessOrEqual(t, cap(c.spare), maxKept, "a large buffer is not kept")
}

func TestCloseSendsWhatIsPending(t *testing.T) {
	c, far := pipe(t)
	_, err := c.Write([]byte("good"))
	require.NoError(t, err)
	_, err = c.Write([]byte("bye"))
	require.NoError(t, err)
	require.NoError(t, c.Close())
	_, err = c.Write([]byte("late"))
	require.ErrorIs(t, err, net.ErrClosed)
	got, err := io.ReadAll(far)
	require.NoError(t, err)
	assert.Equal(t, "goodbye", string(got))
}

func TestWriteFailsOnceThePeerIsGone(t *testing.T) {
	c, far := pipe(t)
	require.NoError(t, far.Close())
	_, err := c.Write([]byte("x")) // nobody knows yet
	require.NoError(t, err)
	_, err = c.Read(make([]byte, 1))
	require.Error(t, err)
	require.Eventually(t, func() bool {
		_, err := c.Write([]byte("x"))
		return err != nil
	}, time.Second, time.Millisecond)
}

func TestALostConnectionFreesWhoWaits(t *testing.T) {
	c, far := pipe(t)
	wrote := writeTooMuch(t, c)
	require.NoError(t, far.Close())
	require.Error(t, <-wrote)
}

// A read that spans the buffer, and many in it.
func TestReads(t *testing.T) {
	c, far := pipe(t)
	sent := bytes.Repeat([]byte("0123456789"), readBuffer/4)
	go func() {
		_, _ = far.Write(sent)
		_ = far.Close()
	}()
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	assert.Equal(t, sent, got)
}
