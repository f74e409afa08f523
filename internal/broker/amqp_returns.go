package broker

import (
	"fmt"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// returnBook keeps the messages that the broker returned as unroutable until
// their publishers ask.
//
// The broker sends a return before the confirm of the same message, and the
// library's reader hands out one after the other. So when a publisher sees the
// confirm, the return lies in latest, or is in the book already. That latest is
// emptied for the next return is the collector's work: publishers may all wait
// for a confirm that comes after many returns.
type returnBook struct {
	mu     sync.Mutex // guards taking from latest, too
	latest <-chan amqp.Return
	pages  map[returnPage][]*ReturnedError
}

// newReturnBook has all returns told twice, in a channel that keeps the latest
// and in one that wakes the collector.
func newReturnBook(notify func(chan amqp.Return) chan amqp.Return) *returnBook {
	b := &returnBook{
		latest: notify(make(chan amqp.Return, 1)),
		pages:  make(map[returnPage][]*ReturnedError),
	}
	go b.collect(notify(make(chan amqp.Return)))
	return b
}

func (b *returnBook) collect(more <-chan amqp.Return) {
	for range more {
		b.mu.Lock()
		b.enterLatest()
		b.mu.Unlock()
	}
}

func (b *returnBook) enterLatest() {
	select {
	case r, ok := <-b.latest:
		if ok {
			b.enter(r)
		}
	default:
	}
}

func (b *returnBook) enter(r amqp.Return) {
	key := returnKey(r.Exchange, r.RoutingKey, r.Headers)
	b.pages[key] = append(b.pages[key], &ReturnedError{
		Exchange: r.Exchange, RoutingKey: r.RoutingKey, Code: r.ReplyCode, Text: r.ReplyText,
	})
}

// take returns the *ReturnedError of a confirmed message, or nil when it was
// routed.
func (b *returnBook) take(key returnPage) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.enterLatest()
	page := b.pages[key]
	if len(page) == 0 {
		return nil
	}
	if len(page) == 1 {
		delete(b.pages, key)
	} else {
		b.pages[key] = page[1:]
	}
	return page[0]
}

// returnPage tells one message on the way from the others.
type returnPage struct{ exchange, routingKey, messageID string }

func returnKey(exchange, routingKey string, headers amqp.Table) returnPage {
	id, ok := headers["messageId"].(string)
	if !ok {
		id = fmt.Sprint(headers["messageId"])
	}
	return returnPage{exchange, routingKey, id}
}
