package broker

import (
	"context"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Topology is an exchange of type direct and queues bound to it. The platform
// declares its own; this one is for tests and local runs.
type Topology struct {
	Exchange string // empty: none, the queues are reached by their names
	Queues   []Queue
}

// Queue is a durable queue. Zero limits are no limits.
type Queue struct {
	Name        string
	RoutingKeys []string // bindings to the topology's exchange
	// MaxLength limits the messages waiting. Of a full queue the oldest is
	// dropped, or, with RejectPublish, the newest refused.
	MaxLength     int
	RejectPublish bool
	// DeadLetterExchange takes what is rejected, expired or dropped, under
	// DeadLetterRoutingKey when that is set, else under its own key.
	// A DeadLetterRoutingKey alone means the nameless exchange, where keys are
	// names of queues.
	DeadLetterExchange   string
	DeadLetterRoutingKey string
}

func (q Queue) deadLetters() bool {
	return q.DeadLetterExchange != "" || q.DeadLetterRoutingKey != ""
}

func (q Queue) args() amqp.Table {
	args := amqp.Table{}
	if q.MaxLength > 0 {
		args["x-max-length"] = int64(q.MaxLength)
	}
	if q.RejectPublish {
		args["x-overflow"] = "reject-publish"
	}
	if q.deadLetters() {
		args["x-dead-letter-exchange"] = q.DeadLetterExchange
	}
	if q.DeadLetterRoutingKey != "" {
		args["x-dead-letter-routing-key"] = q.DeadLetterRoutingKey
	}
	return args
}

// Count is what a queue has at a moment. Messages that are delivered and not
// settled are not among the ready ones; they come back when their consumer's
// connection is closed.
type Count struct {
	Ready     int
	Consumers int
}

// Admin declares and inspects topologies, for tests and local runs. It is safe for
// concurrent use.
type Admin interface {
	// Declare creates what does not exist yet. It fails where something of that
	// name exists and is different.
	Declare(ctx context.Context, t Topology) error
	// Delete removes the queues, with their messages, and the exchange. What
	// does not exist is no error.
	Delete(ctx context.Context, t Topology) error
	// Get takes the first message off the queue; ok is false when there is none.
	Get(ctx context.Context, queue string) (d Delivery, ok bool, err error)
	// Count fails when there is no such queue.
	Count(ctx context.Context, queue string) (Count, error)
	Close() error
}
