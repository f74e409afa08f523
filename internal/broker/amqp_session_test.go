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

// returner hands out returns as the library's reader does.
type returner struct{ listeners []chan amqp.Return }

func (r *returner) notify(c chan amqp.Return) chan amqp.Return {
	r.listeners = append(r.listeners, c)
	return c
}

func (r *returner) send(ret amqp.Return) {
	for _, c := range r.listeners {
		c <- ret
	}
}

func (r *returner) close() {
	for _, c := range r.listeners {
		close(c)
	}
}

// The library hands out a return before the confirm, in one goroutine.
func TestReturnBookHasTheReturnBeforeTheConfirmIsSeen(t *testing.T) {
	var reader returner
	book := newReturnBook(reader.notify)
	key := returnKey("e", "k", amqp.Table{"messageId": "1"})
	for range 1000 {
		reader.send(amqp.Return{Exchange: "e", RoutingKey: "k", Headers: amqp.Table{"messageId": "1"}, ReplyCode: 312})
		require.Error(t, book.take(key))
	}
	require.NoError(t, book.take(key))

	other := amqp.Return{Exchange: "e", RoutingKey: "k", Headers: amqp.Table{"messageId": "2"}}
	reader.send(other)
	reader.send(other)
	require.NoError(t, book.take(key), "another message's return")
	reader.close()
	for range 2 {
		require.Error(t, book.take(returnKey("e", "k", other.Headers)), "the channel's end loses no return")
	}
	require.NoError(t, book.take(returnKey("e", "k", other.Headers)))
	require.Empty(t, book.pages)
}

// The broker may confirm many messages at once, after it returned them all.
func TestReturnBookTakesReturnsThatNobodyAsksFor(t *testing.T) {
	const many = 1000
	var reader returner
	book := newReturnBook(reader.notify)
	ret := amqp.Return{Exchange: "e", RoutingKey: "k", Headers: amqp.Table{"messageId": "1"}}
	for range many {
		reader.send(ret)
	}
	for range many {
		require.Error(t, book.take(returnKey("e", "k", ret.Headers)))
	}
	require.NoError(t, book.take(returnKey("e", "k", ret.Headers)))
	reader.close()
}

func BenchmarkReturnBook(b *testing.B) {
	var reader returner
	book := newReturnBook(reader.notify)
	defer reader.close()
	for b.Loop() {
		_ = book.take(returnPage{"e", "k", "1"})
	}
}
