package awsapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"time"

	"aws-secrets-manager-connector/internal/httpfault"
)

// conn is a connection of a transport, with one request at a time.
type conn struct {
	net.Conn // the socket, or TLS over it

	socket   *socket
	home     *transport
	to       origin
	used     bool // for an earlier request
	answered bool // the answer to the present request has begun
	left     int  // bytes that may yet be read; bounds an answer's headers
	since    time.Time

	timed bool        // there is a deadline
	stop  func() bool // ends a context's hold; nil where the deadline is all of it
	probe [1]byte
}

// hold makes what is read and written fail once ctx ends. TLS and the socket
// have one deadline.
func (c *conn) hold(ctx context.Context) {
	var at time.Time
	if d, ok := ctx.(*deadline); ok {
		ctx, at = d.Context, d.at
	}
	if c.timed || !at.IsZero() {
		c.timed = !at.IsZero()
		_ = c.SetDeadline(at)
	}
	c.stop = nil
	if ctx.Done() != nil {
		c.stop = context.AfterFunc(ctx, c.interrupt)
	}
}

// letGo ends the hold. It is false when the context has ended before.
func (c *conn) letGo() bool { return c.stop == nil || c.stop() }

var errEndlessHeaders = fmt.Errorf("the answer's headers are longer than %d bytes", http.DefaultMaxHeaderBytes)

// quiet reports whether a kept connection is as it was left. If not, the server
// has closed it, or sent what nobody asked for, such as a 408 before closing,
// which must not become the answer to the next request.
func (c *conn) quiet() bool {
	c.socket.poll = true
	_, err := c.Conn.Read(c.probe[:])
	c.socket.poll = false
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// Read implements io.Reader.
func (c *conn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errEndlessHeaders
	}
	n, err := c.Conn.Read(p)
	c.left -= n
	return n, err
}

// Close implements io.Closer. TLS would first say goodbye, and wait for a server
// that does not read.
func (c *conn) Close() error {
	c.letGo()
	return c.socket.Close()
}

// exchange sends request, which is r in its bytes, and returns the answer as
// soon as its headers are there.
func (c *conn) exchange(r *http.Request, request []byte) (*http.Response, error) {
	reader := c.home.readers.Get().(*bufio.Reader)
	reader.Reset(c)
	response, err := c.ask(r, request, reader)
	if err != nil {
		c.home.release(reader)
		return nil, err
	}
	// With such a status, as of a server that switches protocols, it is not HTTP.
	last := response.Close || response.StatusCode < http.StatusOK
	response.Body = &body{ReadCloser: response.Body, conn: c, reader: reader, ctx: r.Context(), last: last}
	return response, nil
}

// interrupt ends reading and writing at once.
func (c *conn) interrupt() { _ = c.SetDeadline(time.Unix(1, 0)) }

func (c *conn) ask(r *http.Request, request []byte, reader *bufio.Reader) (*http.Response, error) {
	c.answered, c.left = false, http.DefaultMaxHeaderBytes
	if _, err := c.Write(request); err != nil {
		return nil, fmt.Errorf("send the request: %w", err)
	}
	if _, err := reader.Peek(1); err != nil {
		return nil, fmt.Errorf("await the answer: %w", err)
	}
	c.answered = true
	for {
		response, err := readAnswer(reader, r)
		if err != nil {
			return nil, fmt.Errorf("read the answer: %w", httpfault.Cause(err))
		}
		if !interim(response.StatusCode) {
			c.left = math.MaxInt
			return response, nil
		}
	}
}

// interim reports whether the answer is yet to come, as after 100 Continue.
func interim(status int) bool {
	return status >= 100 && status < 200 && status != http.StatusSwitchingProtocols
}

// body is an answer's body. At its end the connection is free for the next
// request.
type body struct {
	io.ReadCloser

	conn   *conn
	reader *bufio.Reader
	ctx    context.Context
	last   bool  // the connection ends with it
	ended  error // what Read returns from now on
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.ended != nil {
		return 0, b.ended
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		switch {
		case errors.Is(err, io.EOF):
		case b.ctx.Err() != nil:
			err = b.ctx.Err()
		default:
			err = httpfault.Cause(err)
		}
		b.end(err)
	}
	return n, err
}

// Close implements io.Closer. A body that has not been read to its end costs
// the connection.
func (b *body) Close() error {
	switch {
	case b.ended != nil:
	case b.ReadCloser == http.NoBody:
		b.end(io.EOF)
	default:
		b.end(http.ErrBodyReadAfterClose)
	}
	return nil
}

func (b *body) end(why error) {
	b.ended = why
	free := b.conn.letGo() && errors.Is(why, io.EOF) && !b.last && b.reader.Buffered() == 0
	b.conn.home.release(b.reader)
	if free {
		b.conn.home.put(b.conn)
	} else {
		_ = b.conn.Close()
	}
}
