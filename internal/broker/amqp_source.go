package broker

import (
	"context"
	"fmt"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// AMQPSource consumes a queue of RabbitMQ on a connection of its own.
type AMQPSource struct {
	opts    AMQPOptions
	stopped chan struct{}
	calls   sync.Mutex // one call and answer at a time on the channel

	mu         sync.Mutex // guards what follows
	session    *session
	deliveries <-chan amqp.Delivery
	cancelled  <-chan string // filled when the broker cancels the consumer
	closed     bool
}

var _ Source = (*AMQPSource)(nil)

// NewAMQPSource returns a source that is not connected yet.
func NewAMQPSource(opts AMQPOptions) *AMQPSource {
	return &AMQPSource{opts: opts.withDefaults("read"), stopped: make(chan struct{})}
}

// Connect implements Source.
func (s *AMQPSource) Connect(ctx context.Context) error {
	if s.isStopped() {
		return ErrStopped
	}
	if s.dropLost() {
		return nil
	}
	next, err := openSession(ctx, s.opts, func(ch *amqp.Channel) error {
		return ch.Qos(s.opts.Prefetch, 0, false)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		next.close()
		return ErrStopped
	}
	s.session = next
	return nil
}

// dropLost closes what is left of a lost session. It reports whether the
// present one is in order instead.
func (s *AMQPSource) dropLost() (alive bool) {
	s.mu.Lock()
	old := s.session
	if old.alive() && len(s.cancelled) == 0 {
		s.mu.Unlock()
		return true
	}
	s.session, s.deliveries, s.cancelled = nil, nil, nil
	s.mu.Unlock()
	old.close()
	return false
}

// Consume implements Source.
func (s *AMQPSource) Consume(ctx context.Context) error {
	s.mu.Lock()
	session := s.session
	s.mu.Unlock()
	if session == nil {
		return ErrNotConnected
	}
	return await(ctx, func() error { return s.consume(session) })
}

func (s *AMQPSource) consume(session *session) error {
	s.calls.Lock()
	defer s.calls.Unlock()
	if s.isStopped() {
		return ErrStopped
	}
	if s.consuming(session) {
		return nil
	}
	cancelled := session.ch.NotifyCancel(make(chan string, 1))
	// The tag has to be unique on its channel only. Naming it after the
	// connection makes it readable in the broker's lists.
	deliveries, err := session.ch.Consume(s.opts.Queue, s.opts.ConnectionName, false, false, false, false, nil)
	if err != nil {
		if session.alive() {
			session.kill() // only a new channel is in a known state
		}
		return fmt.Errorf("consume queue %q: %w", s.opts.Queue, session.lost())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session == session {
		s.deliveries, s.cancelled = deliveries, cancelled
	}
	return nil
}

func (s *AMQPSource) consuming(session *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session == session && s.deliveries != nil
}

// Receive implements Source.
func (s *AMQPSource) Receive(ctx context.Context) (Delivery, error) {
	if s.isStopped() {
		return Delivery{}, ErrStopped
	}
	s.mu.Lock()
	session, deliveries := s.session, s.deliveries
	s.mu.Unlock()
	if deliveries == nil {
		return Delivery{}, ErrNotConnected
	}
	select {
	case <-s.stopped:
		return Delivery{}, ErrStopped
	case <-ctx.Done():
		return Delivery{}, ctx.Err()
	case d, ok := <-deliveries:
		if !ok {
			return Delivery{}, s.lost(session)
		}
		return delivered(d, session.settler(d.DeliveryTag)), nil
	}
}

// lost tells why there are no more deliveries.
func (s *AMQPSource) lost(session *session) error {
	if s.isStopped() {
		return ErrStopped
	}
	s.mu.Lock()
	cancelled := len(s.cancelled) > 0
	s.mu.Unlock()
	if cancelled {
		return fmt.Errorf("%w: broker cancelled the consumer of queue %q, as it does when the queue is deleted",
			ErrNotConnected, s.opts.Queue)
	}
	return session.lost()
}

// Stop implements Source.
func (s *AMQPSource) Stop(ctx context.Context) error {
	if !s.markStopped() {
		return nil
	}
	s.mu.Lock()
	session := s.session
	s.mu.Unlock()
	if !session.alive() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	return await(ctx, func() error {
		s.calls.Lock()
		defer s.calls.Unlock()
		if err := session.ch.Cancel(s.opts.ConnectionName, false); err != nil && session.alive() {
			return fmt.Errorf("stop consuming queue %q: %w", s.opts.Queue, err)
		}
		return nil
	})
}

// Close implements Source.
func (s *AMQPSource) Close() error {
	s.markStopped()
	s.mu.Lock()
	session := s.session
	s.closed, s.session, s.deliveries = true, nil, nil
	s.mu.Unlock()
	session.close()
	return nil
}

// markStopped reports whether this call did it.
func (s *AMQPSource) markStopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isStopped() {
		return false
	}
	close(s.stopped)
	return true
}

func (s *AMQPSource) isStopped() bool {
	select {
	case <-s.stopped:
		return true
	default:
		return false
	}
}
