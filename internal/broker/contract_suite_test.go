package broker_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
)

// contractHarness is a broker as testContract needs it.
type contractHarness struct {
	Source func(queue string, prefetch int) broker.Source // not connected yet
	Sink   func() broker.Sink                             // not connected yet
	Admin  broker.Admin
	// Cut breaks the connections of all sources and sinks.
	Cut func()
}

// testContract checks that a broker does what package broker promises. Each
// part of it gets a harness of its own; names of queues are unique, and removed
// at the end.
func testContract(t *testing.T, harness func(t *testing.T) contractHarness) {
	for _, part := range []struct {
		name string
		test func(t *testing.T, c *contract)
	}{
		{"deliveries come in order", deliversInOrder},
		{"headers arrive as they were sent", keepsHeaders},
		{"properties and body can be sent on unchanged", keepsProperties},
		{"acknowledged messages are gone", ackRemoves},
		{"rejected messages are gone", rejectRemoves},
		{"requeued messages come back", requeueBringsBack},
		{"rejected messages are dead-lettered", rejectDeadLetters},
		{"expired messages are dead-lettered", expiryDeadLetters},
		{"a delivery is settled once", settlesOnce},
		{"prefetch bounds what is unsettled", boundsPrefetch},
		{"unsettled messages come again after close", redeliversAfterClose},
		{"a settler of a lost connection is stale", staleAfterCut},
		{"stop ends deliveries and lets settle", stops},
		{"stop wakes a waiting receive", stopWakes},
		{"a cut wakes a waiting receive", cutWakes},
		{"a cancelled receive loses nothing", cancelledReceive},
		{"a closed source stays closed", closedSource},
		{"deleting the queue ends the consumer", cancelledConsumer},
		{"receive connects again by itself", receiveReconnects},
		{"an unconnected sink says so", unconnectedSink},
		{"a closed sink stays closed", closedSink},
		{"unroutable messages are returned", returnsUnroutable},
		{"a full queue refuses", fullQueueRefuses},
		{"concurrent publishes get their own results", publishesConcurrently},
		{"a cut sink connects again", sinkReconnects},
		{"a missing exchange is told", missingExchange},
		{"what AMQP cannot carry is refused alone", refusesMalformed},
		{"properties and headers fit into a frame or are refused", refusesTooLarge},
		{"the reason for a closed channel is told", tellsTheReason},
		{"retry overcomes a full queue", retryOvercomesNack},
		{"retry overcomes a cut", retryOvercomesCut},
		{"retry does not repeat returned messages", retryKeepsReturned},
		{"retry gives up who closes the channel again", retryFindsTheFault},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, newContract(t, harness(t))) })
	}
}

// contract is one part's broker with an exchange of its own.
type contract struct {
	contractHarness
	ctx      context.Context // bounds a part that hangs
	prefix   string
	exchange string
}

func newContract(t *testing.T, h contractHarness) *contract {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	prefix := "contract-" + uuid.NewString()
	c := &contract{contractHarness: h, ctx: ctx, prefix: prefix, exchange: prefix + "-exchange"}
	c.declare(t)
	return c
}

// declare creates queues bound to their names without the prefix, and removes
// them at the end.
func (c *contract) declare(t *testing.T, queues ...broker.Queue) {
	topology := broker.Topology{Exchange: c.exchange, Queues: queues}
	require.NoError(t, c.Admin.Declare(c.ctx, topology))
	t.Cleanup(func() {
		assert.NoError(t, c.Admin.Delete(context.WithoutCancel(c.ctx), topology))
	})
}

// queue declares a plain queue, bound to key, and returns its name.
func (c *contract) queue(t *testing.T, key string) string {
	c.declare(t, c.spec(key))
	return c.name(key)
}

func (c *contract) spec(key string) broker.Queue {
	return broker.Queue{Name: c.name(key), RoutingKeys: []string{key}}
}

func (c *contract) name(key string) string { return c.prefix + "-" + key }

// source is connected and consumes queue.
func (c *contract) source(t *testing.T, queue string, prefetch int) broker.Source {
	source := c.Source(queue, prefetch)
	t.Cleanup(func() { assert.NoError(t, source.Close()) })
	c.consume(t, source)
	return source
}

func (c *contract) consume(t *testing.T, source broker.Source) {
	require.NoError(t, source.Connect(c.ctx))
	require.NoError(t, source.Consume(c.ctx))
}

// sink is connected.
func (c *contract) sink(t *testing.T) broker.Sink {
	sink := c.Sink()
	t.Cleanup(func() { assert.NoError(t, sink.Close()) })
	require.NoError(t, sink.Connect(c.ctx))
	return sink
}

func (c *contract) message(key, body string) broker.Publication {
	return broker.Publication{
		Properties: broker.Properties{Headers: map[string]any{"messageId": uuid.NewString()}},
		Exchange:   c.exchange,
		RoutingKey: key,
		Body:       []byte(body),
	}
}

func (c *contract) publish(t *testing.T, key string, bodies ...string) {
	sink := c.sink(t)
	for _, body := range bodies {
		require.NoError(t, sink.Publish(c.ctx, c.message(key, body)))
	}
}

func (c *contract) receive(t *testing.T, source broker.Source) broker.Delivery {
	t.Helper()
	d, err := source.Receive(c.ctx)
	require.NoError(t, err)
	return d
}

// expect receives and acknowledges bodies, in this order.
func (c *contract) expect(t *testing.T, source broker.Source, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		d := c.receive(t, source)
		require.Equal(t, body, string(d.Body))
		require.NoError(t, d.Settler.Ack(c.ctx))
	}
}

// ready waits until the queue has n messages waiting.
func (c *contract) ready(t *testing.T, queue string, n int) {
	t.Helper()
	c.await(t, func() bool {
		count, err := c.Admin.Count(c.ctx, queue)
		require.NoError(t, err)
		return count.Ready == n
	})
}

// await asks again and again: for the broker's state there is no event.
func (c *contract) await(t *testing.T, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-c.ctx.Done():
			require.FailNow(t, "the broker did not get there")
		}
	}
}

// firstNack is a sink that tells when the broker has refused a message.
type firstNack struct {
	broker.Sink
	once   sync.Once
	nacked chan struct{}
}

func (s *firstNack) Publish(ctx context.Context, p broker.Publication) error {
	err := s.Sink.Publish(ctx, p)
	if err != nil {
		s.once.Do(func() { close(s.nacked) })
	}
	return err
}
