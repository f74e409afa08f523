package broker

import (
	"bufio"
	"net"
	"runtime"
	"sync"
	"time"
)

const (
	readBuffer = 32 << 10 // bytes, some twenty messages
	// mostPending is how much may wait to be written, in bytes. Whoever writes
	// more than the broker takes has to wait for it.
	mostPending = 32 << 10
	mostKept    = 2 * mostPending // of a buffer, whose room is up to twice its content
)

// socket is a connection that gathers what is written to it while the
// goroutines run that are ready to, and sends it all at once: under load many
// small frames share one system call, which costs more than making them. A
// write that fails shows by the connection's end.
type socket struct {
	net.Conn

	reader *bufio.Reader // for the library's one reading goroutine

	mu      sync.Mutex
	changed sync.Cond // pending or end has changed
	pending []byte    // not yet written
	spare   []byte    // the buffer that pending takes turns with
	end     bool      // nothing more will come
	err     error     // of a write that failed
}

func newSocket(conn net.Conn) *socket {
	s := &socket{Conn: conn, reader: bufio.NewReaderSize(conn, readBuffer)}
	s.changed.L = &s.mu
	go s.send()
	return s
}

// Read implements io.Reader.
func (s *socket) Read(p []byte) (int, error) { return s.reader.Read(p) }

// Write implements io.Writer. It returns before p is sent.
func (s *socket) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.pending) > mostPending && !s.end && s.err == nil {
		s.changed.Wait()
	}
	switch {
	case s.err != nil:
		return 0, s.err
	case s.end:
		return 0, net.ErrClosed
	}
	s.pending = append(s.pending, p...)
	s.changed.Broadcast()
	return len(p), nil
}

// Close sends what is pending in the background, for a short time, and then
// closes the connection.
func (s *socket) Close() error {
	err := s.SetWriteDeadline(time.Now().Add(closeTimeout))
	s.finish(nil)
	return err
}

// kill closes the connection at once.
func (s *socket) kill() {
	_ = s.Conn.Close()
	s.finish(net.ErrClosed)
}

func (s *socket) finish(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end = true
	if s.err == nil {
		s.err = err
	}
	s.changed.Broadcast()
}

// send writes what is pending until the end.
func (s *socket) send() {
	defer func() { _ = s.Conn.Close() }()
	for {
		batch, ok := s.next()
		if !ok {
			return
		}
		if _, err := s.Conn.Write(batch); err != nil {
			s.finish(err)
			return
		}
	}
}

// next waits for something to write. It is false at the end.
func (s *socket) next() (batch []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.pending) == 0 && !s.end {
		s.changed.Wait()
	}
	if !s.end {
		s.mu.Unlock()
		runtime.Gosched() // to those who are about to write as well
		s.mu.Lock()
	}
	if len(s.pending) == 0 || s.err != nil {
		return nil, false
	}
	batch = s.pending
	s.pending = s.spare[:0]
	s.spare = batch
	if cap(batch) > mostKept {
		s.spare = nil
	}
	s.changed.Broadcast()
	return batch, true
}
