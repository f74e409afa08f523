package broker_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
)

// newMemory returns a broker with queues that are bound to their names.
func newMemory(t testing.TB, queues ...broker.Queue) *broker.Memory {
	memory := broker.NewMemory()
	for i, q := range queues {
		if q.RoutingKeys == nil {
			queues[i].RoutingKeys = []string{q.Name}
		}
	}
	require.NoError(t, memory.Admin().Declare(t.Context(), broker.Topology{Exchange: "e", Queues: queues}))
	return memory
}

func memorySink(t testing.TB, memory *broker.Memory) *broker.MemorySink {
	sink := memory.Sink()
	require.NoError(t, sink.Connect(t.Context()))
	return sink
}

func memorySource(t testing.TB, memory *broker.Memory, queue string, prefetch int) *broker.MemorySource {
	source := memory.Source(queue, prefetch)
	require.NoError(t, source.Connect(t.Context()))
	require.NoError(t, source.Consume(t.Context()))
	return source
}

func message(key, body string) broker.Publication {
	return broker.Publication{Exchange: "e", RoutingKey: key, Body: []byte(body)}
}

func TestMemoryRefusesConnections(t *testing.T) {
	memory := newMemory(t, broker.Queue{Name: "in"})
	memory.Refuse(true)
	source, sink := memory.Source("in", 1), memory.Sink()
	require.ErrorIs(t, source.Connect(t.Context()), broker.ErrNotConnected)
	require.ErrorIs(t, sink.Connect(t.Context()), broker.ErrNotConnected)
	memory.Refuse(false)
	require.NoError(t, source.Connect(t.Context()))
	require.NoError(t, sink.Connect(t.Context()))
}

func TestMemoryDropsTheOldestOfAFullQueue(t *testing.T) {
	memory := newMemory(t,
		broker.Queue{Name: "in", MaxLength: 2, DeadLetterExchange: "e", DeadLetterRoutingKey: "dead"},
		broker.Queue{Name: "dead"})
	sink := memorySink(t, memory)
	for i := range 5 {
		require.NoError(t, sink.Publish(t.Context(), message("in", strconv.Itoa(i))))
	}
	in, dead := memorySource(t, memory, "in", 1), memorySource(t, memory, "dead", 1)
	for _, body := range []string{"3", "4"} {
		require.Equal(t, body, receive(t, in))
	}
	for _, body := range []string{"0", "1", "2"} {
		require.Equal(t, body, receive(t, dead))
	}
}

func TestMemoryForgetsTheMessagesOfADeletedQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := broker.Queue{Name: "in", RoutingKeys: []string{"in"}, DeadLetterExchange: "e", DeadLetterRoutingKey: "dead"}
		memory := newMemory(t, in, broker.Queue{Name: "dead"})
		source, sink := memorySource(t, memory, "in", 0), memorySink(t, memory)
		for range 3 {
			expiring := message("in", "x")
			expiring.Expiration = "60000"
			require.NoError(t, sink.Publish(t.Context(), expiring))
		}
		acked, err := source.Receive(t.Context())
		require.NoError(t, err)
		rejected, err := source.Receive(t.Context())
		require.NoError(t, err)
		queues := []broker.Queue{in}
		require.NoError(t, memory.Admin().Delete(t.Context(), broker.Topology{Queues: queues}))
		require.NoError(t, memory.Admin().Declare(t.Context(), broker.Topology{Exchange: "e", Queues: queues}))
		require.NoError(t, acked.Settler.Ack(t.Context()))
		require.NoError(t, rejected.Settler.Reject(t.Context()))
		require.NoError(t, source.Close())

		time.Sleep(time.Hour) // by the test's clock: nothing is left to expire
		for _, queue := range []string{"in", "dead"} {
			_, ok, err := memory.Admin().Get(t.Context(), queue)
			require.NoError(t, err)
			assert.False(t, ok, queue)
		}
	})
}

func TestMemoryServesConsumersInTurn(t *testing.T) {
	memory := newMemory(t, broker.Queue{Name: "in"})
	one, two := memorySource(t, memory, "in", 2), memorySource(t, memory, "in", 2)
	sink := memorySink(t, memory)
	for i := range 5 {
		require.NoError(t, sink.Publish(t.Context(), message("in", strconv.Itoa(i))))
	}
	assert.Equal(t, "0", receive(t, one))
	assert.Equal(t, "1", receive(t, two))
	assert.Equal(t, "2", receive(t, one))
	assert.Equal(t, "3", receive(t, two))
	assert.Equal(t, "4", receive(t, one), "it has had room first")
}

func TestMemoryCopiesToEachBoundQueue(t *testing.T) {
	memory := newMemory(t,
		broker.Queue{Name: "a", RoutingKeys: []string{"k", "k"}}, broker.Queue{Name: "b", RoutingKeys: []string{"k"}})
	p := message("k", "body")
	p.Headers = map[string]any{"list": []any{[]byte("x")}}
	require.NoError(t, memorySink(t, memory).Publish(t.Context(), p))
	p.Body[0] = '?'
	p.Headers["list"].([]any)[0].([]byte)[0] = '?'
	for _, queue := range []string{"a", "b"} {
		d, err := memorySource(t, memory, queue, 1).Receive(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "body", string(d.Body))
		assert.Equal(t, map[string]any{"list": []any{[]byte("x")}}, d.Headers)
		d.Body[0], d.Headers["list"] = '!', nil
		count, err := memory.Admin().Count(t.Context(), queue)
		require.NoError(t, err)
		assert.Equal(t, broker.Count{Ready: 0, Consumers: 1}, count)
	}
}

func TestMemoryRefusesWhatRabbitMQRefuses(t *testing.T) {
	memory := newMemory(t, broker.Queue{Name: "in"})
	admin := memory.Admin()
	other := broker.Topology{Exchange: "e", Queues: []broker.Queue{{Name: "in", MaxLength: 1}}}
	require.EqualError(t, admin.Declare(t.Context(), other), `declare queue "in": it exists with other arguments`)
	unbound := broker.Topology{Queues: []broker.Queue{{Name: "new", RoutingKeys: []string{"k"}}}}
	require.ErrorContains(t, admin.Declare(t.Context(), unbound), "no such exchange")
	_, err := admin.Count(t.Context(), "missing")
	require.ErrorContains(t, err, `"missing"`)
	_, _, err = admin.Get(t.Context(), "missing")
	require.ErrorContains(t, err, `"missing"`)

	sink := memorySink(t, memory)
	for _, expiration := range []string{"-1", "1.5", "1e3", "soon"} {
		p := message("in", "x")
		p.Expiration = expiration
		require.ErrorIs(t, sink.Publish(t.Context(), p), broker.ErrNotConnected)
		require.NoError(t, sink.Connect(t.Context()))
	}
}
