// Package batchconn coalesces small writes to a network connection, so that
// frames written at about the same time share one system call.
package batchconn

import (
	"bufio"
	"net"
	"runtime"
	"sync"
	"time"
)

const (
	readBuffer   = 32 << 10        // bytes
	maxPending   = 32 << 10        // bytes; a Write waits while there are more
	maxKept      = 2 * maxPending  // bytes, the capacity of a buffer that is used again
	closeTimeout = 5 * time.Second // for what is pending at Close
)

// Conn is a net.Conn that buffers reads and coalesces writes. Write returns
// before its bytes are sent: one goroutine sends what has come together while
// those goroutines ran that were ready to. There is no timer, so a single write
// leaves at once. A write that fails is reported by the next one.
type Conn struct {
	net.Conn

	reader *bufio.Reader // used by one goroutine

	mu      sync.Mutex
	changed sync.Cond // pending or err has changed
	pending []byte    // not yet sent
	spare   []byte    // the buffer that pending takes turns with
	err     error     // of a write that failed, or net.ErrClosed after Close
}

var _ net.Conn = (*Conn)(nil)

// New returns conn with coalesced writes. Close ends its goroutine.
func New(conn net.Conn) *Conn {
	c := &Conn{Conn: conn, reader: bufio.NewReaderSize(conn, readBuffer)}
	c.changed.L = &c.mu
	go c.send()
	return c
}

// Read implements net.Conn, for one goroutine.
func (c *Conn) Read(p []byte) (int, error) { return c.reader.Read(p) }

// Write implements net.Conn. It waits while the peer takes too little.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.pending) > maxPending && c.err == nil {
		c.changed.Wait()
	}
	if c.err != nil {
		return 0, c.err
	}
	c.pending = append(c.pending, p...)
	c.changed.Broadcast()
	return len(p), nil
}

// Close implements net.Conn. What is pending is still sent, in the background
// and for at most 5 s.
func (c *Conn) Close() error {
	err := c.SetWriteDeadline(time.Now().Add(closeTimeout))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = net.ErrClosed
	}
	c.changed.Broadcast()
	return err
}

func (c *Conn) send() {
	defer func() { _ = c.Conn.Close() }()
	for batch := c.next(); len(batch) > 0; batch = c.next() {
		if _, err := c.Conn.Write(batch); err != nil {
			c.fail(err)
			return
		}
	}
}

// next waits for something to send. It returns nothing at the end.
func (c *Conn) next() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.pending) == 0 && c.err == nil {
		c.changed.Wait()
	}
	c.mu.Unlock()
	runtime.Gosched() // to those who are about to write as well
	c.mu.Lock()

	batch := c.pending
	c.pending, c.spare = c.spare[:0], batch
	if cap(batch) > maxKept {
		c.spare = nil
	}
	c.changed.Broadcast()
	return batch
}

func (c *Conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	c.changed.Broadcast()
}
