package broker

import (
	"context"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// AMQPSink publishes to RabbitMQ on a connection of its own, with publisher
// confirms. Publishes do not wait for each other's confirms.
type AMQPSink struct {
	opts       AMQPOptions
	connecting chan struct{} // holds one token: one attempt at a time

	mu      sync.Mutex // guards what follows
	session *publisher
	closed  bool
}

var _ Sink = (*AMQPSink)(nil)

// NewAMQPSink returns a sink that is not connected yet.
func NewAMQPSink(opts AMQPOptions) *AMQPSink {
	return &AMQPSink{opts: opts.withDefaults("write"), connecting: make(chan struct{}, 1)}
}

// Connect implements Sink.
func (s *AMQPSink) Connect(ctx context.Context) error {
	select {
	case s.connecting <- struct{}{}:
		defer func() { <-s.connecting }()
	case <-ctx.Done():
		return ctx.Err()
	}
	old, closed := s.current()
	switch {
	case closed:
		return ErrClosed
	case old != nil && old.alive():
		return nil
	case old != nil:
		old.close()
	}
	next, err := openSession(ctx, s.opts, func(ch *amqp.Channel) error { return ch.Confirm(false) })
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		next.close()
		return ErrClosed
	}
	s.session = newPublisher(next)
	return nil
}

// Connected reports whether the connection is open, as far as is known.
func (s *AMQPSink) Connected() bool {
	session, _ := s.current()
	return session != nil && session.alive()
}

// Publish implements Sink.
func (s *AMQPSink) Publish(ctx context.Context, p Publication) error {
	msg, err := publishing(p)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	session, closed := s.current()
	switch {
	case closed:
		return ErrClosed
	case session == nil:
		return ErrNotConnected
	}
	return session.publish(ctx, p.Exchange, p.RoutingKey, msg)
}

// Close implements Sink.
func (s *AMQPSink) Close() error {
	s.mu.Lock()
	session := s.session
	s.closed, s.session = true, nil
	s.mu.Unlock()
	if session != nil {
		session.close()
	}
	return nil
}

func (s *AMQPSink) current() (session *publisher, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session, s.closed
}

// publisher is a session in confirm mode.
type publisher struct {
	*session
	returns *returnBook
}

func newPublisher(s *session) *publisher {
	return &publisher{session: s, returns: newReturnBook(s.ch.NotifyReturn)}
}

// publish sends and waits for the confirm. The write itself does not end with
// the context: half a message would cost the connection.
func (p *publisher) publish(ctx context.Context, exchange, key string, msg amqp.Publishing) error {
	confirm, err := p.ch.PublishWithDeferredConfirm(exchange, key, true, false, msg)
	if err != nil {
		// The message was checked before, so it is the connection that failed;
		// and after a half-written message it cannot be used any more.
		p.kill()
		return p.lost()
	}
	page := returnKey(exchange, key, msg.Headers)
	select {
	case <-confirm.Done():
		return p.outcome(confirm, page)
	case <-ctx.Done():
		// Its return, should there be one, must not be taken for another's.
		go func() {
			confirm.Wait()
			_ = p.returns.take(page)
		}()
		return ctx.Err()
	}
}

func (p *publisher) outcome(confirm *amqp.DeferredConfirmation, page returnPage) error {
	switch {
	case confirm.Acked():
		return p.returns.take(page)
	case !p.alive(): // the library answers for the broker when the channel is gone
		return p.lost()
	}
	return ErrNacked
}
