package broker

import (
	"fmt"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// pendingReturns keeps the messages that the broker returned as unroutable
// until their publishers ask.
type pendingReturns struct {
	mu    sync.Mutex
	byKey map[returnKey][]*ReturnedError
}

// returnKey tells one message on the way from the others.
type returnKey struct{ exchange, routingKey, messageID string }

func newReturnKey(exchange, routingKey string, headers amqp.Table) returnKey {
	id, ok := headers["messageId"].(string)
	if !ok {
		id = fmt.Sprint(headers["messageId"])
	}
	return returnKey{exchange, routingKey, id}
}

func newPendingReturns(notify func(chan amqp.Return) chan amqp.Return) *pendingReturns {
	p := &pendingReturns{byKey: make(map[returnKey][]*ReturnedError)}
	returned, recorded := notify(make(chan amqp.Return)), notify(make(chan amqp.Return))
	go p.recordAll(returned, recorded)
	return p
}

// recordAll ends with the channel. The library's reader sends each return to
// returned and then to recorded, and only then reads the message's confirm. So
// whoever sees the confirm finds the return.
func (p *pendingReturns) recordAll(returned, recorded <-chan amqp.Return) {
	for r := range returned {
		p.record(r)
		<-recorded
	}
}

func (p *pendingReturns) record(r amqp.Return) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := newReturnKey(r.Exchange, r.RoutingKey, r.Headers)
	p.byKey[key] = append(p.byKey[key], &ReturnedError{
		Exchange: r.Exchange, RoutingKey: r.RoutingKey, Code: r.ReplyCode, Text: r.ReplyText,
	})
}

// take returns the *ReturnedError of a confirmed message, or nil when it was
// routed.
func (p *pendingReturns) take(key returnKey) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	returns := p.byKey[key]
	switch len(returns) {
	case 0:
		return nil
	case 1:
		delete(p.byKey, key)
	default:
		p.byKey[key] = returns[1:]
	}
	return returns[0]
}
