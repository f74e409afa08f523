package broker_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/testkit"
)

func BenchmarkPublishConfirmed(b *testing.B) {
	rabbit := testkit.RabbitMQ(b)
	for _, concurrency := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(concurrency, " at once"), func(b *testing.B) {
			queue := newQueue(b, rabbit)
			sink := newSink(b, rabbit.URI.Reveal())
			p := to(queue, string(make([]byte, 4096)))
			b.ResetTimer()
			publishAll(b, sink, p, b.N, concurrency)
		})
	}
}

// BenchmarkRetryPublish has nothing to try again.
func BenchmarkRetryPublish(b *testing.B) {
	stopping, stop := context.WithCancel(b.Context())
	defer stop()
	sink := broker.Retry(acceptAll{}, broker.RetryOptions{Stopping: stopping})
	ctx := context.WithoutCancel(b.Context())
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, sink.Publish(ctx, broker.Publication{}))
	}
}

// acceptAll is a sink that takes everything.
type acceptAll struct{ broker.Sink }

func (acceptAll) Connect(context.Context) error { return nil }

func (acceptAll) Publish(context.Context, broker.Publication) error { return nil }

func BenchmarkConsumeAndAck(b *testing.B) {
	rabbit := testkit.RabbitMQ(b)
	for _, prefetch := range []int{1, 10, 100} {
		b.Run(fmt.Sprint("prefetch ", prefetch), func(b *testing.B) {
			source := newFullSource(b, rabbit, prefetch)
			for range b.N {
				receive(b, source)
			}
		})
	}
}

// BenchmarkConsumeAndAckAtOnce acknowledges each delivery in a goroutine of its
// own.
func BenchmarkConsumeAndAckAtOnce(b *testing.B) {
	rabbit := testkit.RabbitMQ(b)
	for _, prefetch := range []int{1, 10, 100} {
		b.Run(fmt.Sprint("prefetch ", prefetch), func(b *testing.B) {
			source := newFullSource(b, rabbit, prefetch)
			var group errgroup.Group
			for range b.N {
				d, err := source.Receive(b.Context())
				require.NoError(b, err)
				group.Go(func() error { return d.Settler.Ack(b.Context()) })
			}
			require.NoError(b, group.Wait())
		})
	}
}

// newFullSource has b.N messages to receive.
func newFullSource(b *testing.B, rabbit *testkit.Rabbit, prefetch int) *broker.AMQPSource {
	queue := newQueue(b, rabbit)
	p := to(queue, string(make([]byte, 4096)))
	publishAll(b, newSink(b, rabbit.URI.Reveal()), p, b.N, 100)
	source := newSource(b, rabbit.URI.Reveal(), queue, prefetch)
	b.ResetTimer()
	return source
}

func publishAll(b *testing.B, sink broker.Sink, p broker.Publication, n, concurrency int) {
	var group errgroup.Group
	group.SetLimit(concurrency)
	for range n {
		group.Go(func() error { return sink.Publish(b.Context(), p) })
	}
	require.NoError(b, group.Wait())
}
