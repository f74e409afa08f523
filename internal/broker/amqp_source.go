package broker

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// AMQPSource consumes a queue of RabbitMQ on a connection of its own.
type AMQPSource struct {
	opts    AMQPOptions
	stopped context.Context
	stop    context.CancelFunc

	mu         sync.Mutex // guards what follows
	session    *session
	deliveries <-chan amqp.Delivery
}

var _ Source = (*AMQPSource)(nil)

// NewAMQPSource returns a source that is not connected yet.
func NewAMQPSource(opts AMQPOptions) *AMQPSource {
	stopped, stop := context.WithCancel(context.Background())
	return &AMQPSource{opts: opts.withDefaults("read"), stopped: stopped, stop: stop}
}

// Connect implements Source.
func (s *AMQPSource) Connect(ctx context.Context) error {
	old, _ := s.current()
	switch {
	case s.stopped.Err() != nil:
		return ErrStopped
	case old.alive():
		return nil
	}
	old.close()
	next, err := openSession(ctx, s.opts, func(ch *amqp.Channel) error {
		return ch.Qos(s.opts.Prefetch, 0, false)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped.Err() != nil {
		next.close()
		return ErrStopped
	}
	s.session, s.deliveries = next, nil
	return nil
}

func (s *AMQPSource) current() (*session, <-chan amqp.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session, s.deliveries
}

// Consume implements Source. A context that ends breaks the connection.
func (s *AMQPSource) Consume(ctx context.Context) error {
	session, deliveries := s.current()
	switch {
	case s.stopped.Err() != nil:
		return ErrStopped
	case session == nil:
		return ErrNotConnected
	case deliveries != nil:
		return nil
	}
	err := session.call(ctx, func(ch *amqp.Channel) (err error) {
		// The tag has to be unique on its channel only. Naming it after the
		// connection makes it readable in the broker's lists.
		deliveries, err = ch.Consume(s.opts.Queue, s.opts.ConnectionName, false, false, false, false, nil)
		return err
	})
	if err != nil {
		session.kill() // only a new channel is in a known state
		return cmp.Or(ctx.Err(), fmt.Errorf("consume queue %q: %w", s.opts.Queue, session.lost()))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped.Err() != nil {
		_ = s.cancel(session)
		return ErrStopped
	}
	s.deliveries = deliveries
	return nil
}

// Receive implements Source.
func (s *AMQPSource) Receive(ctx context.Context) (Delivery, error) {
	session, deliveries := s.current()
	switch {
	case s.stopped.Err() != nil:
		return Delivery{}, ErrStopped
	case deliveries == nil:
		return Delivery{}, ErrNotConnected
	}
	select {
	case <-s.stopped.Done():
		return Delivery{}, ErrStopped
	case <-ctx.Done():
		return Delivery{}, ctx.Err()
	case d, ok := <-deliveries:
		if !ok {
			return Delivery{}, s.lost(session)
		}
		return delivered(d, &amqpSettler{session: session, tag: d.DeliveryTag}), nil
	}
}

// lost tells why there are no more deliveries.
func (s *AMQPSource) lost(session *session) error {
	switch {
	case s.stopped.Err() != nil:
		return ErrStopped
	case session.alive():
		session.close()
		return consumerCancelled(s.opts.Queue)
	default:
		return session.lost()
	}
}

func consumerCancelled(queue string) error {
	return fmt.Errorf("%w: broker cancelled the consumer of queue %q, as it does when the queue is deleted",
		ErrNotConnected, queue)
}

// Stop implements Source. It does not wait for the broker's answer.
func (s *AMQPSource) Stop(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	if s.deliveries == nil {
		return nil
	}
	return s.cancel(s.session)
}

// cancel ends the consumer, where there still is one.
func (s *AMQPSource) cancel(session *session) error {
	if err := session.ch.Cancel(s.opts.ConnectionName, true); err != nil && session.alive() {
		return fmt.Errorf("stop consuming queue %q: %w", s.opts.Queue, err)
	}
	return nil
}

// Close implements Source.
func (s *AMQPSource) Close() error {
	err := s.Stop(context.Background())
	session, _ := s.current()
	session.close()
	return err
}
