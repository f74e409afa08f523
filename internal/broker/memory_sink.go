package broker

import (
	"bytes"
	"context"
	"errors"
	"time"
)

// MemorySink publishes to a Memory.
type MemorySink struct {
	broker *Memory

	// The broker's mutex guards what follows.
	conn   *memoryConnection
	closed bool
}

var _ Sink = (*MemorySink)(nil)

// Connect implements Sink.
func (s *MemorySink) Connect(ctx context.Context) error {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.conn.alive():
		return nil
	}
	conn, err := s.broker.connect(ctx)
	s.conn = conn
	return err
}

// Publish implements Sink.
func (s *MemorySink) Publish(ctx context.Context, p Publication) error {
	msg, err := newMemoryMessage(p, s.broker.FrameMax)
	if err != nil {
		return err
	}
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.closed:
		return ErrClosed
	case !s.conn.alive():
		return s.conn.err()
	}
	if err = s.broker.route(msg); errors.Is(err, ErrNotConnected) {
		return s.conn.lose(err)
	}
	return err
}

// Close implements Sink.
func (s *MemorySink) Close() error {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	s.closed = true
	_ = s.conn.lose(ErrNotConnected)
	return nil
}

// newMemoryMessage copies p the way it would come through AMQP, so that what
// RabbitMQ refuses or changes is refused and changed here as well.
func newMemoryMessage(p Publication, frameMax int) (memoryMessage, error) {
	wire, err := publishing(p)
	if err == nil {
		err = checkFrame(wire, frameMax, p.Reserve)
	}
	if err != nil {
		return memoryMessage{}, err
	}
	p.Headers = fromTable(wire.Headers)
	p.Body = bytes.Clone(p.Body)
	if !p.Timestamp.IsZero() {
		p.Timestamp = time.Unix(p.Timestamp.Unix(), 0).UTC()
	}
	return memoryMessage{Publication: p}, nil
}
