package broker_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
)

func deliversInOrder(t *testing.T, c *contract) {
	bodies := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	source := c.source(t, c.queue(t, "in"), 3)
	c.publish(t, "in", bodies...)
	c.expect(t, source, bodies...)
}

func keepsHeaders(t *testing.T, c *contract) {
	now := time.Date(2024, 2, 29, 12, 30, 15, 987654321, time.FixedZone("", 3600))
	sent := map[string]any{
		"messageId": "m-1", "empty": "", "text": "grüße ✓", "true": true, "false": false, "nil": nil,
		"int": 1 << 40, "int8": int8(-8), "int16": int16(-16), "int32": int32(-32), "int64": int64(-1 << 60),
		"uint": uint(1), "uint8": uint8(8), "uint16": uint16(16), "uint32": uint32(1<<32 - 1), "uint64": uint64(1 << 62),
		"float32": float32(0.5), "float64": 0.1, "time": now, "bytes": []byte{0, 255},
		"list":  []any{"x", 1, []any{false}, map[string]any{"deep": int16(2)}},
		"table": map[string]any{"a": int8(1), "b": map[string]any{"c": nil, "d": now}},
	}
	whole := now.Truncate(time.Second).UTC()
	received := map[string]any{
		"messageId": "m-1", "empty": "", "text": "grüße ✓", "true": true, "false": false, "nil": nil,
		"int": int64(1 << 40), "int8": int64(-8), "int16": int64(-16), "int32": int64(-32), "int64": int64(-1 << 60),
		"uint": int64(1), "uint8": int64(8), "uint16": int64(16), "uint32": int64(1<<32 - 1), "uint64": int64(1 << 62),
		"float32": 0.5, "float64": 0.1, "time": whole, "bytes": []byte{0, 255},
		"list":  []any{"x", int64(1), []any{false}, map[string]any{"deep": int64(2)}},
		"table": map[string]any{"a": int64(1), "b": map[string]any{"c": nil, "d": whole}},
	}
	source := c.source(t, c.queue(t, "in"), 1)
	message := c.message("in", "x")
	message.Headers = sent
	require.NoError(t, c.sink(t).Publish(c.ctx, message))

	d := c.receive(t, source)
	assert.Equal(t, received, d.Headers)
	assert.Equal(t, 1<<40, sent["int"], "the caller's headers were changed")
	require.NoError(t, d.Settler.Ack(c.ctx))

	bare := c.message("in", "")
	bare.Headers = nil
	require.NoError(t, c.sink(t).Publish(c.ctx, bare))
	d = c.receive(t, source)
	assert.Empty(t, d.Headers)
	assert.Empty(t, d.Body)
	assert.Zero(t, d.ContentType)
	assert.True(t, d.Timestamp.IsZero())
	require.NoError(t, d.Settler.Ack(c.ctx))
}

func keepsProperties(t *testing.T, c *contract) {
	source := c.source(t, c.queue(t, "in"), 1)
	message := c.message("in", "\x00\xff body")
	message.Properties = broker.Properties{
		ContentType: "application/json", ContentEncoding: "utf8", DeliveryMode: 2, Priority: 3,
		CorrelationID: "correlation", ReplyTo: "reply", Expiration: "600000", MessageID: "id",
		Timestamp: time.Unix(1700000000, 0).UTC(), Type: "type", AppID: "app",
		Headers: map[string]any{"messageId": "m", "reboundIteration": int64(1), "x-death": []any{map[string]any{"count": int64(1)}}},
	}
	sink := c.sink(t)
	require.NoError(t, sink.Publish(c.ctx, message))
	first := c.receive(t, source)
	assert.Equal(t, message.Properties, first.Properties)
	assert.Equal(t, message.Body, first.Body)
	assert.Equal(t, c.exchange, first.Exchange)
	assert.Equal(t, "in", first.RoutingKey)
	assert.False(t, first.Redelivered)
	require.NoError(t, first.Settler.Ack(c.ctx))

	require.NoError(t, sink.Publish(c.ctx, broker.Publication{
		Properties: first.Properties, Exchange: first.Exchange, RoutingKey: first.RoutingKey, Body: first.Body,
	}))
	second := c.receive(t, source)
	assert.Equal(t, first.Properties, second.Properties)
	assert.Equal(t, first.Body, second.Body)
	require.NoError(t, second.Settler.Ack(c.ctx))
}

func ackRemoves(t *testing.T, c *contract) {
	queue := c.queue(t, "in")
	c.publish(t, "in", "first", "second")
	source := c.source(t, queue, 2)
	c.expect(t, source, "first")
	require.NoError(t, source.Close())
	c.expect(t, c.source(t, queue, 2), "second")
	c.ready(t, queue, 0)
}

func rejectRemoves(t *testing.T, c *contract) {
	queue := c.queue(t, "in")
	c.publish(t, "in", "first", "second")
	source := c.source(t, queue, 1)
	require.NoError(t, c.receive(t, source).Settler.Reject(c.ctx))
	c.expect(t, source, "second")
}

func requeueBringsBack(t *testing.T, c *contract) {
	queue := c.queue(t, "in")
	c.publish(t, "in", "first", "second")
	source := c.source(t, queue, 1)
	d := c.receive(t, source)
	require.Equal(t, "first", string(d.Body))
	require.NoError(t, d.Settler.Requeue(c.ctx))
	require.ErrorIs(t, d.Settler.Ack(c.ctx), broker.ErrSettled)

	again := c.receive(t, source)
	assert.Equal(t, "first", string(again.Body))
	assert.True(t, again.Redelivered)
	require.NoError(t, again.Settler.Ack(c.ctx))
	c.expect(t, source, "second")
}

func rejectDeadLetters(t *testing.T, c *contract) {
	c.queue(t, "dead")
	in := c.spec("in")
	in.DeadLetterExchange, in.DeadLetterRoutingKey = c.exchange, "dead"
	c.declare(t, in)
	c.publish(t, "in", "bad")
	d := c.receive(t, c.source(t, in.Name, 1))
	require.NoError(t, d.Settler.Reject(c.ctx))

	dead := c.receive(t, c.source(t, c.name("dead"), 1))
	assert.Equal(t, "bad", string(dead.Body))
	assert.Equal(t, d.Headers["messageId"], dead.Headers["messageId"])
	assert.Equal(t, "dead", dead.RoutingKey)
	assert.False(t, dead.Redelivered)
	require.NoError(t, dead.Settler.Ack(c.ctx))
}

func expiryDeadLetters(t *testing.T, c *contract) {
	source := c.source(t, c.queue(t, "in"), 1)
	delay := c.spec("delay")
	delay.DeadLetterExchange, delay.DeadLetterRoutingKey = c.exchange, "in"
	c.declare(t, delay)

	message := c.message("delay", "x")
	message.Expiration = "10"
	require.NoError(t, c.sink(t).Publish(c.ctx, message))
	d := c.receive(t, source)
	assert.Equal(t, "x", string(d.Body))
	assert.Empty(t, d.Expiration, "it would expire again")
	require.NoError(t, d.Settler.Ack(c.ctx))
}

func settlesOnce(t *testing.T, c *contract) {
	source := c.source(t, c.queue(t, "in"), 1)
	c.publish(t, "in", "first", "second")
	d := c.receive(t, source)
	require.NoError(t, d.Settler.Ack(c.ctx))
	require.ErrorIs(t, d.Settler.Ack(c.ctx), broker.ErrSettled)
	require.ErrorIs(t, d.Settler.Reject(c.ctx), broker.ErrSettled)
	c.expect(t, source, "second") // the channel lives
}

func boundsPrefetch(t *testing.T, c *contract) {
	queue := c.queue(t, "in")
	c.publish(t, "in", "first", "second", "third", "fourth")
	source := c.source(t, queue, 2)
	first, second := c.receive(t, source), c.receive(t, source)
	c.ready(t, queue, 2)
	require.NoError(t, second.Settler.Ack(c.ctx))
	c.expect(t, source, "third", "fourth")
	require.NoError(t, first.Settler.Ack(c.ctx))
}

func redeliversAfterClose(t *testing.T, c *contract) {
	queue := c.queue(t, "in")
	c.publish(t, "in", "first", "second", "third")
	source := c.source(t, queue, 2)
	assert.False(t, c.receive(t, source).Redelivered)
	require.NoError(t, source.Close())

	source = c.source(t, queue, 1)
	for _, expected := range []struct {
		body        string
		redelivered bool
	}{{"first", true}, {"second", true}, {"third", false}} {
		d := c.receive(t, source)
		assert.Equal(t, expected.body, string(d.Body))
		assert.Equal(t, expected.redelivered, d.Redelivered, expected.body)
		require.NoError(t, d.Settler.Ack(c.ctx))
	}
}

func staleAfterCut(t *testing.T, c *contract) {
	source := c.source(t, c.queue(t, "in"), 2)
	c.publish(t, "in", "first", "second")
	acked, rejected := c.receive(t, source), c.receive(t, source)
	c.Cut()
	_, err := source.Receive(c.ctx)
	require.ErrorIs(t, err, broker.ErrNotConnected)
	require.ErrorIs(t, acked.Settler.Ack(c.ctx), broker.ErrStale)
	require.ErrorIs(t, rejected.Settler.Reject(c.ctx), broker.ErrStale)
	_, err = source.Receive(c.ctx)
	require.ErrorIs(t, err, broker.ErrNotConnected)

	c.consume(t, source)
	for _, body := range []string{"first", "second"} {
		d := c.receive(t, source)
		assert.Equal(t, body, string(d.Body))
		assert.True(t, d.Redelivered)
		require.NoError(t, d.Settler.Ack(c.ctx))
	}
}

func stops(t *testing.T, c *contract) {
	queue := c.queue(t, "in")
	c.publish(t, "in", "first", "second", "third", "fourth")
	source := c.source(t, queue, 3)
	inWork := c.receive(t, source)
	require.NoError(t, source.Stop(c.ctx))
	require.NoError(t, source.Stop(c.ctx))
	c.await(t, func() bool {
		count, err := c.Admin.Count(c.ctx, queue)
		require.NoError(t, err)
		return count.Consumers == 0
	})

	_, err := source.Receive(c.ctx)
	require.ErrorIs(t, err, broker.ErrStopped)
	require.ErrorIs(t, source.Connect(c.ctx), broker.ErrStopped)
	require.ErrorIs(t, source.Consume(c.ctx), broker.ErrStopped)
	require.NoError(t, inWork.Settler.Ack(c.ctx))
	require.NoError(t, source.Close())

	c.ready(t, queue, 3)
	c.expect(t, c.source(t, queue, 1), "second", "third", "fourth")
}

func stopWakes(t *testing.T, c *contract) {
	source := c.source(t, c.queue(t, "in"), 1)
	result := c.waiting(source)
	require.NoError(t, source.Stop(c.ctx))
	require.ErrorIs(t, <-result, broker.ErrStopped)
}

func cutWakes(t *testing.T, c *contract) {
	result := c.waiting(c.source(t, c.queue(t, "in"), 1))
	c.Cut()
	require.ErrorIs(t, <-result, broker.ErrNotConnected)
}

// waiting receives in the background. It returns once Receive waits, with where
// its error will be.
func (c *contract) waiting(source broker.Source) <-chan error {
	ctx, waits := noticed(c.ctx)
	result := make(chan error, 1)
	go func() {
		_, err := source.Receive(ctx)
		result <- err
	}()
	<-waits
	return result
}

func cancelledReceive(t *testing.T, c *contract) {
	source := c.source(t, c.queue(t, "in"), 1)
	ctx, cancel := context.WithCancel(c.ctx)
	result := make(chan error, 1)
	go func() {
		_, err := source.Receive(ctx)
		result <- err
	}()
	cancel()
	require.ErrorIs(t, <-result, context.Canceled)
	c.publish(t, "in", "later")
	c.expect(t, source, "later")
}

func closedSource(t *testing.T, c *contract) {
	source := c.Source(c.queue(t, "in"), 1)
	_, err := source.Receive(c.ctx)
	require.ErrorIs(t, err, broker.ErrNotConnected, "before connecting")
	require.ErrorIs(t, source.Consume(c.ctx), broker.ErrNotConnected, "before connecting")
	c.consume(t, source)
	c.consume(t, source) // a second time changes nothing
	require.NoError(t, source.Close())
	require.NoError(t, source.Close())
	_, err = source.Receive(c.ctx)
	require.ErrorIs(t, err, broker.ErrStopped)
	require.ErrorIs(t, source.Connect(c.ctx), broker.ErrStopped)
	require.NoError(t, source.Stop(c.ctx))
}

func cancelledConsumer(t *testing.T, c *contract) {
	in := c.spec("in")
	c.declare(t, in)
	source := c.source(t, in.Name, 1)
	require.NoError(t, c.Admin.Delete(c.ctx, broker.Topology{Queues: []broker.Queue{in}}))
	_, err := source.Receive(c.ctx)
	require.ErrorIs(t, err, broker.ErrNotConnected)
	assert.ErrorContains(t, err, in.Name)

	require.NoError(t, source.Connect(c.ctx))
	err = source.Consume(c.ctx)
	require.ErrorIs(t, err, broker.ErrNotConnected)
	assert.ErrorContains(t, err, "NOT_FOUND")
	_, err = source.Receive(c.ctx)
	require.ErrorIs(t, err, broker.ErrNotConnected)

	c.declare(t, in)
	c.consume(t, source)
	c.publish(t, "in", "after all")
	c.expect(t, source, "after all")
}

func receiveReconnects(t *testing.T, c *contract) {
	in := c.spec("in")
	c.declare(t, in)
	source := c.Source(in.Name, 1)
	t.Cleanup(func() { assert.NoError(t, source.Close()) })
	policy := broker.Reconnect{Delay: time.Millisecond, MaxDelay: 10 * time.Millisecond}

	receive := func(body string, redelivered bool) broker.Delivery {
		d, err := broker.Receive(c.ctx, source, policy)
		require.NoError(t, err)
		require.Equal(t, body, string(d.Body))
		require.Equal(t, redelivered, d.Redelivered)
		return d
	}
	c.publish(t, "in", "first")
	receive("first", false)
	c.Cut()
	require.NoError(t, receive("first", true).Settler.Ack(c.ctx))

	require.NoError(t, c.Admin.Delete(c.ctx, broker.Topology{Queues: []broker.Queue{in}}))
	c.declare(t, in)
	c.publish(t, "in", "second")
	require.NoError(t, receive("second", false).Settler.Ack(c.ctx))

	require.NoError(t, source.Stop(c.ctx))
	_, err := broker.Receive(c.ctx, source, policy)
	require.ErrorIs(t, err, broker.ErrStopped)
}
