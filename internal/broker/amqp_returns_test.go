package broker

import (
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

// returner hands out returns as the library's reader does: in one goroutine, to
// one listener after the other, and before the confirm.
type returner struct{ listeners []chan amqp.Return }

func (r *returner) notify(c chan amqp.Return) chan amqp.Return {
	r.listeners = append(r.listeners, c)
	return c
}

func (r *returner) send(messageID string) {
	for _, c := range r.listeners {
		c <- amqp.Return{Exchange: "e", RoutingKey: "k", Headers: amqp.Table{"messageId": messageID}, ReplyCode: 312}
	}
}

func (r *returner) close() {
	for _, c := range r.listeners {
		close(c)
	}
}

func TestAReturnIsThereWhenTheConfirmIsSeen(t *testing.T) {
	var reader returner
	pending := newPendingReturns(reader.notify)
	defer reader.close()
	one, two := returnKey{"e", "k", "1"}, returnKey{"e", "k", "2"}
	for range 1000 {
		reader.send("1")
		require.Error(t, pending.take(one))
	}
	require.NoError(t, pending.take(one))

	// The broker may confirm many messages at once, after it returned them all.
	for range 1000 {
		reader.send("2")
	}
	require.NoError(t, pending.take(one), "another message's return")
	for range 1000 {
		require.Error(t, pending.take(two))
	}
	require.NoError(t, pending.take(two))
	require.Empty(t, pending.byKey)
}
