package sailor

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/envelope"
)

type named struct {
	settled
	name string
}

func TestDeduplicator(t *testing.T) {
	m := messageKey{id: 1}
	first := broker.Delivery{Settler: named{name: "first"}}
	again := broker.Delivery{Settler: named{name: "again"}, Redelivered: true}

	t.Run("a delivery of a message in work joins it", func(t *testing.T) {
		d := newDeduplicator(2)
		state, _ := d.begin(m, first)
		require.Equal(t, newMessage, state)
		state, _ = d.begin(m, again)
		require.Equal(t, inFlight, state)
		assert.Equal(t, []broker.Settler{first.Settler, again.Settler}, d.end(m, first, ack))
	})
	t.Run("a redelivery after the end is settled the same way", func(t *testing.T) {
		for _, v := range []outcome{ack, reject} {
			d := newDeduplicator(2)
			d.begin(m, first)
			d.end(m, first, v)
			state, got := d.begin(m, again)
			assert.Equal(t, done, state)
			assert.Equal(t, v, got)
		}
	})
	t.Run("a new message with an old id runs", func(t *testing.T) {
		d := newDeduplicator(2)
		d.begin(m, first)
		d.end(m, first, ack)
		state, _ := d.begin(m, first)
		assert.Equal(t, newMessage, state)
	})
	t.Run("a requeued message runs again", func(t *testing.T) {
		d := newDeduplicator(2)
		d.begin(m, first)
		assert.Equal(t, []broker.Settler{first.Settler}, d.end(m, first, requeue))
		assert.Equal(t, []broker.Settler{again.Settler}, d.end(messageKey{}, again, requeue))
		state, _ := d.begin(m, again)
		assert.Equal(t, newMessage, state)
	})
	t.Run("messages without a key never meet", func(t *testing.T) {
		d := newDeduplicator(2)
		for range 2 {
			state, _ := d.begin(messageKey{}, again)
			assert.Equal(t, newMessage, state)
		}
		assert.Equal(t, []broker.Settler{first.Settler}, d.end(messageKey{}, first, ack))
		assert.Empty(t, d.done)
	})
	t.Run("memory is bounded and forgets the oldest", func(t *testing.T) {
		d := newDeduplicator(3)
		for i := range 10 {
			key := messageKey{id: uint64(i + 1)}
			d.begin(key, first)
			d.end(key, first, ack)
			assert.LessOrEqual(t, len(d.done), 3)
		}
		state, _ := d.begin(messageKey{id: 7}, again)
		assert.Equal(t, newMessage, state)
		for _, key := range []uint64{8, 9, 10} {
			state, _ := d.begin(messageKey{id: key}, again)
			assert.Equal(t, done, state)
		}
	})
	t.Run("one id with another content is another message", func(t *testing.T) {
		d := newDeduplicator(2)
		one := d.key(envelope.Headers{MessageID: "m"}, []byte("one"))
		assert.Equal(t, one, d.key(envelope.Headers{MessageID: "m"}, []byte("one")))
		assert.NotEqual(t, one, d.key(envelope.Headers{MessageID: "m"}, []byte("other")))
		assert.NotEqual(t, one, d.key(envelope.Headers{MessageID: "n"}, []byte("one")))
		assert.Zero(t, d.key(envelope.Headers{}, []byte("one")), "no id, no key")
		assert.NotEqual(t, one, d.key(envelope.Headers{MessageID: "m", ReboundIteration: 1}, []byte("one")))
	})
}
