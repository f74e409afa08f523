package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestBareCall(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "secretsmanager.GetSecretValue", r.Header.Get("X-Amz-Target"))
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Header().Set("X-Amzn-Requestid", "5f0c2a1e-0000-4000-8000-000000000000")
		_, _ = w.Write([]byte(`{"Name":"bench/secret","SecretString":"value","VersionStages":["AWSCURRENT"]}`))
	}))
	defer aws.Close()
	rabbit := testkit.RabbitMQ(t)
	const in, out, password, iv = "bench-call-in", "bench-call-out", "bench-password", "bench-iv-16bytes"
	topology := broker.Topology{Exchange: "bench-call", Queues: []broker.Queue{{Name: in}, {Name: out, RoutingKeys: []string{"data"}}}}
	admin := rabbit.Admin(t)
	require.NoError(t, admin.Declare(ctx, topology))
	t.Cleanup(func() { assert.NoError(t, admin.Delete(context.WithoutCancel(ctx), topology)) })
	t.Setenv("BENCH_AWS_URL", aws.URL)
	for name, value := range map[string]string{
		"AMQP_URI": rabbit.URI.Reveal(), "LISTEN_MESSAGES_ON": in, "PUBLISH_MESSAGES_TO": topology.Exchange,
		"DATA_ROUTING_KEY": "data", "RABBITMQ_PREFETCH_SAILOR": "2",
		"MESSAGE_CRYPTO_PASSWORD": password, "MESSAGE_CRYPTO_IV": iv,
	} {
		t.Setenv("ELASTICIO_"+name, value)
	}
	cipher, err := envelope.NewCipher(component.NewSecret(password), component.NewSecret(iv))
	require.NoError(t, err)
	body, err := envelope.EncodeMessage(cipher, component.NewMessage(json.RawMessage(`{"SecretId":"bench/secret"}`)), envelope.Raw)
	require.NoError(t, err)
	sink := broker.NewAMQPSink(broker.AMQPOptions{URI: rabbit.URI})
	require.NoError(t, sink.Connect(ctx))
	defer func() { assert.NoError(t, sink.Close()) }()
	source := broker.NewAMQPSource(broker.AMQPOptions{URI: rabbit.URI, Queue: out, Prefetch: 1})
	require.NoError(t, source.Connect(ctx))
	defer func() { assert.NoError(t, source.Close()) }()
	require.NoError(t, source.Consume(ctx))

	calling, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- run(calling) }()
	for _, id := range []string{"one", "two", "three"} {
		require.NoError(t, sink.Publish(ctx, broker.Publication{
			RoutingKey: in, Body: body, Properties: broker.Properties{Headers: map[string]any{"messageId": id}},
		}))
		d, err := source.Receive(ctx)
		require.NoError(t, err)
		msg, err := envelope.DecodeMessage(cipher, d.Body, envelope.Raw)
		require.NoError(t, err)
		var got struct{ Name, SecretString string }
		require.NoError(t, json.Unmarshal(msg.Body, &got))
		assert.Equal(t, "bench/secret value", got.Name+" "+got.SecretString)
		assert.Equal(t, id, d.Headers["parentMessageId"])
		require.NoError(t, d.Settler.Ack(ctx))
	}
	stop()
	assert.NoError(t, <-ended)
	count, err := admin.Count(ctx, in)
	require.NoError(t, err)
	assert.Zero(t, count.Ready)
}
