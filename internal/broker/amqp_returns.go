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
// library's reader hands out one after the other. As the channel of returns
// has no buffer, the collector holds a return before its publisher can see the
// confirm; and once it has taken a token from sync, the return is in the book.
type returnBook struct {
	sync chan struct{}
	done chan struct{} // closed with the channel of returns

	mu    sync.Mutex
	pages map[returnPage][]*ReturnedError
}

func newReturnBook() *returnBook {
	return &returnBook{
		sync:  make(chan struct{}),
		done:  make(chan struct{}),
		pages: make(map[returnPage][]*ReturnedError),
	}
}

func (b *returnBook) collect(returns <-chan amqp.Return) {
	defer close(b.done)
	for {
		select {
		case r, ok := <-returns:
			if !ok {
				return
			}
			b.enter(r)
		case <-b.sync:
		}
	}
}

func (b *returnBook) enter(r amqp.Return) {
	key := returnKey(r.Exchange, r.RoutingKey, r.Headers)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages[key] = append(b.pages[key], &ReturnedError{
		Exchange: r.Exchange, RoutingKey: r.RoutingKey, Code: r.ReplyCode, Text: r.ReplyText,
	})
}

// take returns the *ReturnedError of a confirmed message, or nil when it was
// routed.
func (b *returnBook) take(key returnPage) error {
	select {
	case b.sync <- struct{}{}:
	case <-b.done:
	}
	b.mu.Lock()
	defer b.mu.Unlock()
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
