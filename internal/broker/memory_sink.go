package broker

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
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
	if _, err := strconv.ParseUint(p.Expiration, 10, 32); err != nil && p.Expiration != "" {
		return s.conn.lose(connectionLost(amqp.PreconditionFailed, fmt.Sprintf("PRECONDITION_FAILED - invalid expiration '%s'", p.Expiration)))
	}
	found, routed, accepted := s.broker.route(msg)
	switch {
	case !found:
		return s.conn.lose(connectionLost(amqp.NotFound, fmt.Sprintf("NOT_FOUND - no exchange '%s' in vhost '/'", p.Exchange)))
	case !routed:
		return &ReturnedError{Exchange: p.Exchange, RoutingKey: p.RoutingKey, Code: amqp.NoRoute, Text: "NO_ROUTE"}
	case !accepted:
		return ErrNacked
	}
	return nil
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
	p.Body = bytes.Clone(p.Body)
	p.Headers = cloneHeaders(fromTable(wire.Headers))
	if !p.Timestamp.IsZero() {
		p.Timestamp = time.Unix(p.Timestamp.Unix(), 0).UTC()
	}
	return memoryMessage{Publication: p}, nil
}

// cloneHeaders copies headers deeply; times come out in whole seconds, and no
// headers as nil, as in AMQP.
func cloneHeaders(headers map[string]any) map[string]any {
	if len(headers) == 0 {
		return nil
	}
	return cloneValue(headers).(map[string]any)
}

func cloneValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, element := range v {
			out[key] = cloneValue(element)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			out[i] = cloneValue(element)
		}
		return out
	case []byte:
		return bytes.Clone(v)
	case time.Time:
		return time.Unix(v.Unix(), 0).UTC()
	default:
		return v
	}
}
