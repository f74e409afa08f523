package broker

import (
	"bytes"
	"log/slog"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSessionLogsAResourceAlarm(t *testing.T) {
	var out bytes.Buffer
	s := &session{done: make(chan struct{})}
	closes, blocks := make(chan *amqp.Error), make(chan amqp.Blocking)
	go s.watch(closes, blocks, slog.New(slog.NewTextHandler(&out, nil)))
	blocks <- amqp.Blocking{Active: true, Reason: "low on memory"}
	blocks <- amqp.Blocking{}
	close(blocks)
	closes <- &amqp.Error{Code: 320, Reason: "CONNECTION_FORCED"}
	require.EqualError(t, s.lost(), ErrNotConnected.Error()+": CONNECTION_FORCED (320)")
	assert.Contains(t, out.String(), `level=WARN`)
	assert.Contains(t, out.String(), `reason="low on memory"`)
	assert.Contains(t, out.String(), `level=INFO`)
}

// The library hands out a return before the confirm, in one goroutine.
func TestReturnBookHasTheReturnBeforeTheConfirmIsSeen(t *testing.T) {
	book := newReturnBook()
	returns := make(chan amqp.Return)
	go book.collect(returns)
	key := returnKey("e", "k", amqp.Table{"messageId": "1"})
	for range 1000 {
		returns <- amqp.Return{Exchange: "e", RoutingKey: "k", Headers: amqp.Table{"messageId": "1"}, ReplyCode: 312}
		require.Error(t, book.take(key))
	}
	require.NoError(t, book.take(key))

	other := amqp.Return{Exchange: "e", RoutingKey: "k", Headers: amqp.Table{"messageId": "2"}}
	returns <- other
	returns <- other
	require.NoError(t, book.take(key), "another message's return")
	close(returns)
	for range 2 {
		require.Error(t, book.take(returnKey("e", "k", other.Headers)), "the channel's end loses no return")
	}
	require.NoError(t, book.take(returnKey("e", "k", other.Headers)))
	require.Empty(t, book.pages)
}
