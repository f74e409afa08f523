package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestRelay(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	rabbit := testkit.RabbitMQ(t)
	const in, out = "bench-relay-in", "bench-relay-out"
	topology := broker.Topology{Exchange: "bench-relay", Queues: []broker.Queue{{Name: in}, {Name: out, RoutingKeys: []string{"data"}}}}
	admin := rabbit.Admin(t)
	require.NoError(t, admin.Declare(ctx, topology))
	t.Cleanup(func() { assert.NoError(t, admin.Delete(context.WithoutCancel(ctx), topology)) })
	for name, value := range map[string]string{
		"AMQP_URI": rabbit.URI.Reveal(), "LISTEN_MESSAGES_ON": in, "PUBLISH_MESSAGES_TO": topology.Exchange,
		"DATA_ROUTING_KEY": "data", "RABBITMQ_PREFETCH_SAILOR": "10",
	} {
		t.Setenv("ELASTICIO_"+name, value)
	}
	sink := broker.NewAMQPSink(broker.AMQPOptions{URI: rabbit.URI})
	require.NoError(t, sink.Connect(ctx))
	defer func() { assert.NoError(t, sink.Close()) }()
	source := broker.NewAMQPSource(broker.AMQPOptions{URI: rabbit.URI, Queue: out, Prefetch: 1})
	require.NoError(t, source.Connect(ctx))
	defer func() { assert.NoError(t, source.Close()) }()
	require.NoError(t, source.Consume(ctx))

	relaying, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- run(relaying) }()
	for _, body := range []string{"one", "two", "three"} {
		require.NoError(t, sink.Publish(ctx, broker.Publication{
			RoutingKey: in, Body: []byte(body), Properties: broker.Properties{Headers: map[string]any{"messageId": body}},
		}))
		d, err := source.Receive(ctx)
		require.NoError(t, err)
		assert.Equal(t, body, string(d.Body))
		assert.Equal(t, body, d.Headers["messageId"])
		require.NoError(t, d.Settler.Ack(ctx))
	}
	stop()
	assert.NoError(t, <-ended)
	count, err := admin.Count(ctx, in)
	require.NoError(t, err)
	assert.Zero(t, count.Ready)
}
