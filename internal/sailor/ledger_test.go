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

func TestLedger(t *testing.T) {
	m := ledgerKey{id: 1}
	first := broker.Delivery{Settler: named{name: "first"}}
	again := broker.Delivery{Settler: named{name: "again"}, Redelivered: true}

	t.Run("a delivery of a message in work joins it", func(t *testing.T) {
		l := newLedger(2)
		state, _ := l.begin(m, first)
		require.Equal(t, fresh, state)
		state, _ = l.begin(m, again)
		require.Equal(t, joined, state)
		assert.Equal(t, []broker.Settler{first.Settler, again.Settler}, l.end(m, first, ack))
	})
	t.Run("a redelivery after the end is settled the same way", func(t *testing.T) {
		for _, v := range []verdict{ack, reject} {
			l := newLedger(2)
			l.begin(m, first)
			l.end(m, first, v)
			state, got := l.begin(m, again)
			assert.Equal(t, finished, state)
			assert.Equal(t, v, got)
		}
	})
	t.Run("a new message with an old id runs", func(t *testing.T) {
		l := newLedger(2)
		l.begin(m, first)
		l.end(m, first, ack)
		state, _ := l.begin(m, first)
		assert.Equal(t, fresh, state)
	})
	t.Run("an abandoned message runs again", func(t *testing.T) {
		l := newLedger(2)
		l.begin(m, first)
		assert.Equal(t, []broker.Settler{first.Settler}, l.abandon(m, first))
		assert.Equal(t, []broker.Settler{again.Settler}, l.abandon(ledgerKey{}, again))
		state, _ := l.begin(m, again)
		assert.Equal(t, fresh, state)
	})
	t.Run("messages without a key never meet", func(t *testing.T) {
		l := newLedger(2)
		for range 2 {
			state, _ := l.begin(ledgerKey{}, again)
			assert.Equal(t, fresh, state)
		}
		assert.Equal(t, []broker.Settler{first.Settler}, l.end(ledgerKey{}, first, ack))
		assert.Empty(t, l.finished)
	})
	t.Run("memory is bounded and forgets the oldest", func(t *testing.T) {
		l := newLedger(3)
		for i := range 10 {
			key := ledgerKey{id: uint64(i + 1)}
			l.begin(key, first)
			l.end(key, first, ack)
			assert.LessOrEqual(t, len(l.finished), 3)
		}
		state, _ := l.begin(ledgerKey{id: 7}, again)
		assert.Equal(t, fresh, state)
		for _, key := range []uint64{8, 9, 10} {
			state, _ := l.begin(ledgerKey{id: key}, again)
			assert.Equal(t, finished, state)
		}
	})
	t.Run("one id with another content is another message", func(t *testing.T) {
		l := newLedger(2)
		one := l.key(envelope.Headers{MessageID: "m"}, []byte("one"))
		assert.Equal(t, one, l.key(envelope.Headers{MessageID: "m"}, []byte("one")))
		assert.NotEqual(t, one, l.key(envelope.Headers{MessageID: "m"}, []byte("other")))
		assert.NotEqual(t, one, l.key(envelope.Headers{MessageID: "n"}, []byte("one")))
		assert.Zero(t, l.key(envelope.Headers{}, []byte("one")), "no id, no key")
		assert.NotEqual(t, one, l.key(envelope.Headers{MessageID: "m", ReboundIteration: 1}, []byte("one")))
	})
}
