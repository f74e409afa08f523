package broker

import (
	"context"
	"fmt"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// AMQPAdmin is the Admin of a RabbitMQ. It connects when it is first used, and
// again after a failure.
type AMQPAdmin struct {
	opts AMQPOptions

	mu      sync.Mutex // one call at a time; guards session
	session *session
}

var _ Admin = (*AMQPAdmin)(nil)

// NewAMQPAdmin returns an Admin for the broker of opts.
func NewAMQPAdmin(opts AMQPOptions) *AMQPAdmin {
	return &AMQPAdmin{opts: opts.withDefaults("admin")}
}

// Declare implements Admin.
func (a *AMQPAdmin) Declare(ctx context.Context, t Topology) error {
	return a.call(ctx, func(ch *amqp.Channel) error {
		if t.Exchange != "" {
			if err := ch.ExchangeDeclare(t.Exchange, amqp.ExchangeDirect, true, false, false, false, nil); err != nil {
				return fmt.Errorf("declare exchange %q: %w", t.Exchange, err)
			}
		}
		for _, q := range t.Queues {
			if _, err := ch.QueueDeclare(q.Name, true, false, false, false, q.args()); err != nil {
				return fmt.Errorf("declare queue %q: %w", q.Name, err)
			}
			for _, key := range q.RoutingKeys {
				if err := ch.QueueBind(q.Name, key, t.Exchange, false, nil); err != nil {
					return fmt.Errorf("bind queue %q to %q: %w", q.Name, key, err)
				}
			}
		}
		return nil
	})
}

// Delete implements Admin.
func (a *AMQPAdmin) Delete(ctx context.Context, t Topology) error {
	return a.call(ctx, func(ch *amqp.Channel) error {
		for _, q := range t.Queues {
			if _, err := ch.QueueDelete(q.Name, false, false, false); err != nil {
				return fmt.Errorf("delete queue %q: %w", q.Name, err)
			}
		}
		if t.Exchange == "" {
			return nil
		}
		if err := ch.ExchangeDelete(t.Exchange, false, false); err != nil {
			return fmt.Errorf("delete exchange %q: %w", t.Exchange, err)
		}
		return nil
	})
}

// Get implements Admin.
func (a *AMQPAdmin) Get(ctx context.Context, queue string) (d Delivery, ok bool, err error) {
	err = a.call(ctx, func(ch *amqp.Channel) error {
		msg, found, err := ch.Get(queue, true)
		if err != nil {
			return fmt.Errorf("get from queue %q: %w", queue, err)
		}
		if found {
			d, ok = delivered(msg, settledAlready{}), true
		}
		return nil
	})
	return d, ok, err
}

// Count implements Admin.
func (a *AMQPAdmin) Count(ctx context.Context, queue string) (count Count, err error) {
	err = a.call(ctx, func(ch *amqp.Channel) error {
		q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
		if err != nil {
			return fmt.Errorf("inspect queue %q: %w", queue, err)
		}
		count = Count{Ready: q.Messages, Consumers: q.Consumers}
		return nil
	})
	return count, err
}

// Close closes the connection. Another call opens it again.
func (a *AMQPAdmin) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.session.close()
	a.session = nil
	return nil
}

// call runs do on the channel. A failure costs the channel, so the connection
// is dropped.
func (a *AMQPAdmin) call(ctx context.Context, do func(*amqp.Channel) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.session.alive() {
		a.session.close()
		session, err := openSession(ctx, a.opts, func(*amqp.Channel) error { return nil })
		if err != nil {
			return err
		}
		a.session = session
	}
	err := a.session.call(ctx, do)
	if err != nil {
		a.session.close()
	}
	return err
}

// settledAlready is the Settler of what was taken off a queue.
type settledAlready struct{}

func (settledAlready) Ack(context.Context) error     { return ErrSettled }
func (settledAlready) Reject(context.Context) error  { return ErrSettled }
func (settledAlready) Requeue(context.Context) error { return ErrSettled }
