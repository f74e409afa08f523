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
	link   *memoryLink
	closed bool
}

var _ Sink = (*MemorySink)(nil)

// Connect implements Sink.
func (s *MemorySink) Connect(ctx context.Context) error {
	if link, closed := s.current(); closed || link.alive() {
		return closedError(closed)
	}
	link, err := s.broker.connect(ctx)
	if err != nil {
		return err
	}
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	if s.closed || s.link.alive() { // somebody else was quicker
		link.lose("")
		return closedError(s.closed)
	}
	s.link = link
	return nil
}

func closedError(closed bool) error {
	if closed {
		return ErrClosed
	}
	return nil
}

// Connected reports whether the connection is open.
func (s *MemorySink) Connected() bool {
	link, _ := s.current()
	return link.alive()
}

func (s *MemorySink) current() (link *memoryLink, closed bool) {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	return s.link, s.closed
}

// Publish implements Sink.
func (s *MemorySink) Publish(ctx context.Context, p Publication) error {
	msg, err := newMemoryMessage(p)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	link, held, result := s.publish(msg)
	if held == nil {
		return result
	}
	select {
	case <-held:
		return result
	case <-link.done:
		s.broker.mu.Lock()
		defer s.broker.mu.Unlock()
		return link.err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// publish routes msg. The result counts once held is closed, at once when it
// is nil.
func (s *MemorySink) publish(msg memoryMessage) (link *memoryLink, held <-chan struct{}, result error) {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	link = s.link
	switch {
	case s.closed:
		return link, nil, ErrClosed
	case !link.alive():
		return link, nil, link.err()
	}
	if _, err := strconv.ParseUint(msg.Expiration, 10, 32); err != nil && msg.Expiration != "" {
		link.lose(fmt.Sprintf("PRECONDITION_FAILED - invalid expiration '%s' (406)", msg.Expiration))
		return link, nil, link.err()
	}
	found, routed, accepted := s.broker.route(msg)
	switch {
	case !found:
		link.lose(fmt.Sprintf("NOT_FOUND - no exchange '%s' in vhost '/' (404)", msg.Exchange))
		return link, nil, link.err()
	case !routed:
		result = &ReturnedError{Exchange: msg.Exchange, RoutingKey: msg.RoutingKey, Code: amqp.NoRoute, Text: "NO_ROUTE"}
	case !accepted:
		result = ErrNacked
	}
	if s.broker.held == nil {
		return link, nil, result
	}
	return link, s.broker.held, result
}

// Close implements Sink.
func (s *MemorySink) Close() error {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	s.closed = true
	if s.link != nil {
		s.link.lose("")
	}
	return nil
}

// newMemoryMessage copies p the way it would come through AMQP, so that what
// RabbitMQ refuses or changes is refused and changed here as well.
func newMemoryMessage(p Publication) (memoryMessage, error) {
	wire, err := publishing(p)
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
