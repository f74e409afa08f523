package fake

import (
	"log/slog"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
)

// Queues makes the ends of one broker.
type Queues interface {
	Admin() broker.Admin
	Source(queue string, prefetch int) broker.Source
	Sink() broker.Sink
}

// InMemory returns the queues of a broker inside the process.
func InMemory() Queues { return inMemory{broker.NewMemory()} }

// OnRabbitMQ returns the queues of the broker at uri. name tells its
// connections from those of others.
func OnRabbitMQ(uri component.Secret, name string, log *slog.Logger) Queues {
	return onRabbitMQ{broker.AMQPOptions{URI: uri, ConnectionName: name, Log: log}}
}

type inMemory struct{ *broker.Memory }

func (m inMemory) Admin() broker.Admin { return m.Memory.Admin() }
func (m inMemory) Sink() broker.Sink   { return m.Memory.Sink() }

func (m inMemory) Source(queue string, prefetch int) broker.Source {
	return m.Memory.Source(queue, prefetch)
}

type onRabbitMQ struct{ opts broker.AMQPOptions }

func (r onRabbitMQ) Admin() broker.Admin { return broker.NewAMQPAdmin(r.opts) }
func (r onRabbitMQ) Sink() broker.Sink   { return broker.NewAMQPSink(r.opts) }

func (r onRabbitMQ) Source(queue string, prefetch int) broker.Source {
	opts := r.opts
	opts.Queue, opts.Prefetch = queue, prefetch
	return broker.NewAMQPSource(opts)
}
