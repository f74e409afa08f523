package broker_test

import (
	"testing"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/testkit"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	testContract(t, func(*testing.T) contractHarness {
		memory := broker.NewMemory()
		return contractHarness{
			Source: func(queue string, prefetch int) broker.Source { return memory.Source(queue, prefetch) },
			Sink:   func() broker.Sink { return memory.Sink() },
			Admin:  memory.Admin(),
			Cut:    memory.Cut,
		}
	})
}

func TestRabbitMQKeepsTheContract(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	testContract(t, func(t *testing.T) contractHarness {
		proxy, uri := testkit.ProxyURI(t, rabbit.URI.Reveal())
		options := broker.AMQPOptions{URI: component.NewSecret(uri)}
		return contractHarness{
			Source: func(queue string, prefetch int) broker.Source {
				o := options
				o.Queue, o.Prefetch = queue, prefetch
				return broker.NewAMQPSource(o)
			},
			Sink:  func() broker.Sink { return broker.NewAMQPSink(options) },
			Admin: rabbit.Admin(t),
			Cut:   proxy.Cut,
		}
	})
}
