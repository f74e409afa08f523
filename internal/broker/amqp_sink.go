package broker

import (
	"context"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/singleflight"
)

// AMQPSink publishes to RabbitMQ on a connection of its own, with publisher
// confirms. Publishes do not wait for each other's confirms.
type AMQPSink struct {
	opts    AMQPOptions
	connect singleflight.Group

	mu        sync.Mutex // guards what follows
	publisher publisher
	closed    bool
}

var _ Sink = (*AMQPSink)(nil)

// NewAMQPSink returns a sink that is not connected yet.
func NewAMQPSink(opts AMQPOptions) *AMQPSink {
	return &AMQPSink{opts: opts.withDefaults("write")}
}

// Connect implements Sink. Concurrent calls share one attempt, which goes on
// when one of them gives up.
func (s *AMQPSink) Connect(ctx context.Context) error {
	if p, err := s.current(); err != nil || p.alive() {
		return err
	}
	attempt := s.connect.DoChan("", func() (any, error) { return nil, s.reconnect(context.WithoutCancel(ctx)) })
	select {
	case result := <-attempt:
		return result.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *AMQPSink) reconnect(ctx context.Context) error {
	old, err := s.current()
	if err != nil || old.alive() {
		return err
	}
	old.close()
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
	s.publisher = publisher{next, newPendingReturns(next.ch.NotifyReturn)}
	return nil
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
	publisher, err := s.current()
	if err != nil {
		return err
	}
	if publisher.session == nil {
		return ErrNotConnected
	}
	if err := checkFrame(msg, publisher.conn.Config.FrameSize, p.Reserve); err != nil {
		return err
	}
	return publisher.publish(ctx, p.Exchange, p.RoutingKey, msg)
}

// Close implements Sink.
func (s *AMQPSink) Close() error {
	s.mu.Lock()
	s.closed = true
	publisher := s.publisher
	s.mu.Unlock()
	publisher.close()
	return nil
}

func (s *AMQPSink) current() (publisher, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return publisher{}, ErrClosed
	}
	return s.publisher, nil
}

// publisher is a session in confirm mode. The zero value is not connected.
type publisher struct {
	*session
	returns *pendingReturns
}

// publish sends and waits for the confirm. The write itself does not end with
// the context: half a message would cost the connection.
func (p publisher) publish(ctx context.Context, exchange, key string, msg amqp.Publishing) error {
	confirm, err := p.ch.PublishWithDeferredConfirm(exchange, key, true, false, msg)
	if err != nil {
		// The message was checked before, so it is the connection that failed;
		// and after a half-written message it cannot be used any more.
		p.kill()
		return p.lost()
	}
	returned := newReturnKey(exchange, key, msg.Headers)
	select {
	case <-confirm.Done():
	case <-ctx.Done():
		// Its return, should there be one, must not be taken for another's.
		go func() {
			confirm.Wait()
			_ = p.returns.take(returned)
		}()
		return ctx.Err()
	}
	switch {
	case confirm.Acked():
		return p.returns.take(returned)
	case !p.alive(): // the library answers for the broker when the channel is gone
		return p.lost()
	}
	return ErrNacked
}
