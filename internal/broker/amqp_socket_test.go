package broker

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

// pipe returns a socket and its other end.
func pipe(t *testing.T) (*socket, net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	s := newSocket(near)
	t.Cleanup(func() {
		s.kill()
		_ = far.Close()
	})
	return s, far
}

func TestSocketGathersWrites(t *testing.T) {
	s, far := pipe(t)
	// The first write is on its way and stays so, as nobody reads yet.
	_, err := s.Write([]byte("0"))
	require.NoError(t, err)
	first := make([]byte, 1)
	_, err = io.ReadFull(far, first)
	require.NoError(t, err)

	for _, text := range []string{"1", "2", "3"} {
		n, err := s.Write([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, 1, n)
	}
	rest := make([]byte, 3)
	_, err = io.ReadFull(far, rest)
	require.NoError(t, err)
	assert.Equal(t, "0123", string(first)+string(rest))
}

func TestSocketKeepsTheOrderOfEachWriter(t *testing.T) {
	s, far := pipe(t)
	const writers, writes = 8, 200
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range writes {
				_, err := s.Write([]byte{byte(w), byte(i)})
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

func TestSocketMakesWritersWaitForASlowBroker(t *testing.T) {
	s, far := pipe(t)
	big := bytes.Repeat([]byte("x"), mostKept+1)
	for range 2 { // one is on its way, one is pending
		_, err := s.Write(big)
		require.NoError(t, err)
	}
	wrote := make(chan error, 1)
	go func() {
		_, err := s.Write([]byte("y"))
		wrote <- err
	}()
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, err := io.CopyN(io.Discard, far, int64(2*len(big)+1))
		assert.NoError(t, err)
	}()
	require.NoError(t, <-wrote)
	<-read
	s.mu.Lock()
	defer s.mu.Unlock()
	assert.LessOrEqual(t, cap(s.spare), mostKept, "a large buffer is not kept")
}

func TestSocketCloseSendsWhatIsPending(t *testing.T) {
	s, far := pipe(t)
	_, err := s.Write([]byte("good"))
	require.NoError(t, err)
	_, err = s.Write([]byte("bye"))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = s.Write([]byte("late"))
	require.ErrorIs(t, err, net.ErrClosed)
	got, err := io.ReadAll(far)
	require.NoError(t, err)
	assert.Equal(t, "goodbye", string(got))
}

func TestSocketWriteFailsOnceTheConnectionIsGone(t *testing.T) {
	s, far := pipe(t)
	require.NoError(t, far.Close())
	_, err := s.Write([]byte("x")) // nobody knows yet
	require.NoError(t, err)
	_, err = s.Read(make([]byte, 1))
	require.Error(t, err)
	require.Eventually(t, func() bool {
		_, err := s.Write([]byte("x"))
		return err != nil
	}, time.Second, time.Millisecond)
}

func TestSocketKillFreesWhoWaits(t *testing.T) {
	s, _ := pipe(t)
	big := make([]byte, mostPending+1)
	for range 2 {
		_, err := s.Write(big)
		require.NoError(t, err)
	}
	wrote := make(chan error, 1)
	go func() {
		_, err := s.Write([]byte("y"))
		wrote <- err
	}()
	s.kill()
	require.Error(t, <-wrote)
	_, err := s.Write([]byte("z"))
	require.Error(t, err)
}

// A frame that spans the buffer, and many in it.
func TestSocketReads(t *testing.T) {
	s, far := pipe(t)
	sent := bytes.Repeat([]byte("0123456789"), readBuffer/4)
	go func() {
		_, _ = far.Write(sent)
		_ = far.Close()
	}()
	got, err := io.ReadAll(s)
	require.NoError(t, err)
	assert.Equal(t, sent, got)
}
