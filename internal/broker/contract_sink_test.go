package broker_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"aws-secrets-manager-connector/internal/broker"
)

func unconnectedSink(t *testing.T, c *contract) {
	sink := c.Sink()
	require.ErrorIs(t, sink.Publish(c.ctx, c.message("in", "x")), broker.ErrNotConnected)
	require.NoError(t, sink.Close())
}

func closedSink(t *testing.T, c *contract) {
	c.queue(t, "in")
	sink := c.sink(t)
	require.NoError(t, sink.Connect(c.ctx), "a second time changes nothing")
	require.NoError(t, sink.Publish(c.ctx, c.message("in", "x")))
	ended, cancel := context.WithCancel(c.ctx)
	cancel()
	require.ErrorIs(t, sink.Publish(ended, c.message("in", "x")), context.Canceled)
	require.NoError(t, sink.Close())
	require.NoError(t, sink.Close())
	require.ErrorIs(t, sink.Publish(c.ctx, c.message("in", "x")), broker.ErrClosed)
	require.ErrorIs(t, sink.Connect(c.ctx), broker.ErrClosed)
}

func returnsUnroutable(t *testing.T, c *contract) {
	queue := c.queue(t, "in")
	sink := c.sink(t)
	for range 3 {
		var returned *broker.ReturnedError
		require.ErrorAs(t, sink.Publish(c.ctx, c.message("nowhere", "x")), &returned)
		assert.Equal(t, broker.ReturnedError{Exchange: c.exchange, RoutingKey: "nowhere", Code: 312, Text: "NO_ROUTE"}, *returned)
		require.NoError(t, sink.Publish(c.ctx, c.message("in", "x")))
	}
	nameless := c.message(queue, "by the queue's name")
	nameless.Exchange = ""
	require.NoError(t, sink.Publish(c.ctx, nameless))
	c.ready(t, queue, 4)
}

func fullQueueRefuses(t *testing.T, c *contract) {
	in := c.spec("in")
	in.MaxLength, in.RejectPublish = 1, true
	c.declare(t, in)
	sink := c.sink(t)
	require.NoError(t, sink.Publish(c.ctx, c.message("in", "first")))
	require.ErrorIs(t, sink.Publish(c.ctx, c.message("in", "second")), broker.ErrNacked)
	d, ok, err := c.Admin.Get(c.ctx, in.Name)
	require.NoError(t, err)
	require.True(t, ok)
	assert.Equal(t, "first", string(d.Body))
	require.ErrorIs(t, d.Settler.Ack(c.ctx), broker.ErrSettled, "it was taken off the queue")
	require.NoError(t, sink.Publish(c.ctx, c.message("in", "third")))
	c.expect(t, c.source(t, in.Name, 1), "third")
}

func publishesConcurrently(t *testing.T, c *contract) {
	const each = 50
	queue := c.queue(t, "in")
	full := c.spec("full")
	full.MaxLength, full.RejectPublish = 1, true
	c.declare(t, full)
	c.publish(t, "full", "it is full")

	sink := c.sink(t)
	var group errgroup.Group
	for range each {
		group.Go(func() error {
			return sink.Publish(c.ctx, c.message("in", "x"))
		})
		group.Go(func() error {
			var returned *broker.ReturnedError
			assert.ErrorAs(t, sink.Publish(c.ctx, c.message("nowhere", "x")), &returned)
			return nil
		})
		group.Go(func() error {
			assert.ErrorIs(t, sink.Publish(c.ctx, c.message("full", "x")), broker.ErrNacked)
			return nil
		})
	}
	require.NoError(t, group.Wait())
	c.ready(t, queue, each)
}

func sinkReconnects(t *testing.T, c *contract) {
	c.queue(t, "in")
	sink := c.sink(t)
	require.NoError(t, sink.Publish(c.ctx, c.message("in", "before")))
	c.Cut()
	require.ErrorIs(t, sink.Publish(c.ctx, c.message("in", "during")), broker.ErrNotConnected)
	require.NoError(t, sink.Connect(c.ctx))
	require.NoError(t, sink.Publish(c.ctx, c.message("in", "after")))
}

func missingExchange(t *testing.T, c *contract) {
	c.queue(t, "in")
	sink := c.sink(t)
	message := c.message("in", "x")
	message.Exchange = c.prefix + "-missing"
	requireClosed(t, sink.Publish(c.ctx, message), 404, "NOT_FOUND", message.Exchange)
	require.NoError(t, sink.Connect(c.ctx))
	require.NoError(t, sink.Publish(c.ctx, c.message("in", "x")))
}

// requireClosed checks that the broker closed the channel and said why.
func requireClosed(t *testing.T, err error, code uint16, texts ...string) {
	t.Helper()
	require.ErrorIs(t, err, broker.ErrNotConnected)
	var reason *broker.ProtocolError
	require.ErrorAs(t, err, &reason)
	assert.Equal(t, code, reason.Code)
	for _, text := range texts {
		assert.Contains(t, reason.Text, text)
		assert.ErrorContains(t, err, text)
	}
}

func tellsTheReason(t *testing.T, c *contract) {
	c.queue(t, "in")
	sink := c.sink(t)
	requireClosed(t, sink.Publish(c.ctx, c.fault("in")), 406, "PRECONDITION_FAILED", "soon")
	require.NoError(t, sink.Connect(c.ctx))
	require.NoError(t, sink.Publish(c.ctx, c.message("in", "x")))
}

// fault is a message for which a broker closes the channel.
func (c *contract) fault(key string) broker.Publication {
	message := c.message(key, "fault")
	message.Expiration = "soon"
	return message
}

func refusesTooLarge(t *testing.T, c *contract) {
	const tooMuch = 1 << 20
	source, sink := c.source(t, c.queue(t, "in"), 1), c.sink(t)
	padded := func(padding int) broker.Publication {
		message := c.message("in", "x")
		message.Headers["padding"] = strings.Repeat("x", padding)
		return message
	}
	refused := func(p broker.Publication) (size int) {
		t.Helper()
		err := sink.Publish(c.ctx, p)
		require.ErrorIs(t, err, broker.ErrUnsendable)
		require.NotErrorIs(t, err, broker.ErrNotConnected)
		var tooLarge *broker.TooLargeError
		require.ErrorAs(t, err, &tooLarge)
		assert.Equal(t, 131072, tooLarge.Limit)
		return tooLarge.Size
	}
	size := refused(padded(tooMuch))
	padding := tooMuch - (size - 131072)
	require.NoError(t, sink.Publish(c.ctx, padded(padding)), "it fills the frame")
	assert.Equal(t, 131072+1, refused(padded(padding+1)))

	reserving := padded(padding - 99)
	reserving.Reserve = 100
	require.ErrorContains(t, sink.Publish(c.ctx, reserving), "130973 bytes, more than the 130972 of an AMQP frame")
	reserving.Reserve = 99
	require.NoError(t, sink.Publish(c.ctx, reserving))

	d := c.receive(t, source)
	assert.Len(t, d.Headers["padding"], padding)
	sentOn := broker.Publication{Properties: d.Properties, Exchange: c.exchange, RoutingKey: "in", Body: d.Body}
	sentOn.Headers["n"] = 1
	assert.Equal(t, 131072+1+len("n")+1+8, refused(sentOn), "what came in fits no more")
	require.NoError(t, d.Settler.Ack(c.ctx))
	require.NoError(t, sink.Publish(c.ctx, c.message("in", "the connection lives")))
	c.expect(t, source, "x", "the connection lives")
}

func refusesMalformed(t *testing.T, c *contract) {
	c.queue(t, "in")
	sink := c.sink(t)
	for name, change := range map[string]func(*broker.Publication){
		"routing key":     func(p *broker.Publication) { p.RoutingKey = strings.Repeat("k", 256) },
		"correlation id":  func(p *broker.Publication) { p.CorrelationID = strings.Repeat("k", 256) },
		"struct header":   func(p *broker.Publication) { p.Headers["bad"] = struct{ Secret string }{"s3cr3t"} },
		"huge header":     func(p *broker.Publication) { p.Headers["bad"] = ^uint64(0) },
		"name of header":  func(p *broker.Publication) { p.Headers[strings.Repeat("k", 256)] = 1 },
		"deep header":     func(p *broker.Publication) { p.Headers["bad"] = []any{map[string]any{"x": make(chan int)}} },
		"too many levels": func(p *broker.Publication) { p.Headers["bad"] = nested(1000) },
	} {
		t.Run(name, func(t *testing.T) {
			message := c.message("in", "x")
			change(&message)
			err := sink.Publish(c.ctx, message)
			require.ErrorIs(t, err, broker.ErrUnsendable)
			require.NotErrorIs(t, err, broker.ErrNotConnected)
			require.NotContains(t, err.Error(), "s3cr3t")
			require.NoError(t, sink.Publish(c.ctx, c.message("in", "x")), "the connection lives")
		})
	}
}

func nested(levels int) any {
	var value any = "end"
	for range levels {
		value = []any{value}
	}
	return value
}

func retryOvercomesNack(t *testing.T, c *contract) {
	in := c.spec("in")
	in.MaxLength, in.RejectPublish = 1, true
	c.declare(t, in)
	c.publish(t, "in", "blocks")

	refusing := &firstNack{Sink: c.sink(t), nacked: make(chan struct{})}
	sink := broker.Retry(refusing, broker.RetryOptions{Delay: time.Millisecond, MaxDelay: 5 * time.Millisecond})
	message := c.message("in", "waits")
	result := make(chan error, 1)
	go func() { result <- sink.Publish(c.ctx, message) }()
	<-refusing.nacked
	source := c.source(t, in.Name, 1)
	c.expect(t, source, "blocks")
	require.NoError(t, <-result)

	d := c.receive(t, source)
	assert.Equal(t, "waits", string(d.Body))
	assert.GreaterOrEqual(t, d.Headers["retry"], int64(1))
	assert.Equal(t, message.Headers["messageId"], d.Headers["messageId"])
	assert.NotContains(t, message.Headers, "retry", "the caller's headers were changed")
	require.NoError(t, d.Settler.Ack(c.ctx))

	require.NoError(t, sink.Publish(c.ctx, c.message("in", "at once")))
	d = c.receive(t, source)
	assert.NotContains(t, d.Headers, "retry")
	require.NoError(t, d.Settler.Ack(c.ctx))
}

func retryOvercomesCut(t *testing.T, c *contract) {
	queue := c.queue(t, "in")
	sink := broker.Retry(c.sink(t), broker.RetryOptions{Delay: time.Millisecond})
	require.NoError(t, sink.Publish(c.ctx, c.message("in", "before")))
	c.Cut()
	var group errgroup.Group
	for range 10 {
		group.Go(func() error { return sink.Publish(c.ctx, c.message("in", "after")) })
	}
	require.NoError(t, group.Wait())
	source := c.source(t, queue, 0)
	c.expect(t, source, "before")
	for range 10 { // a message may be there twice: its confirm was lost
		require.Equal(t, "after", string(c.receive(t, source).Body))
	}
}

func retryKeepsReturned(t *testing.T, c *contract) {
	sink := broker.Retry(c.sink(t), broker.RetryOptions{Delay: time.Hour})
	var returned *broker.ReturnedError
	require.ErrorAs(t, sink.Publish(c.ctx, c.message("nowhere", "x")), &returned)
}

func retryFindsTheFault(t *testing.T, c *contract) {
	const others = 20
	queue := c.queue(t, "in")
	sink := broker.Retry(c.sink(t), broker.RetryOptions{Delay: time.Millisecond})
	var group errgroup.Group
	for range others {
		group.Go(func() error { return sink.Publish(c.ctx, c.message("in", "x")) })
		group.Go(func() error {
			err := sink.Publish(c.ctx, c.fault("in"))
			assert.ErrorIs(t, err, broker.ErrUnsendable)
			assert.NotErrorIs(t, err, broker.ErrNotConnected)
			var reason *broker.ProtocolError
			assert.ErrorAs(t, err, &reason)
			return nil
		})
	}
	require.NoError(t, group.Wait())
	source := c.source(t, queue, 0)
	for range others { // a message may be there twice: its confirm was lost
		require.Equal(t, "x", string(c.receive(t, source).Body))
	}
}
