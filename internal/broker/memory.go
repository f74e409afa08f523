package broker

import (
	"context"
	"fmt"
	"sync"
)

// Memory is a broker inside the process, for tests and local runs. It behaves
// like RabbitMQ with durable classic queues, except that it keeps nothing when
// the process ends and writes no x-death headers.
//
// Admin declares what it holds; Source and Sink connect to it. Their
// connections can be cut, and refused.
type Memory struct {
	mu        sync.Mutex // guards everything below, queues and connections included
	exchanges map[string]map[string][]*memoryQueue
	queues    map[string]*memoryQueue
	links     map[*memoryLink]struct{}
	refusing  bool
}

// NewMemory returns an empty broker.
func NewMemory() *Memory {
	return &Memory{
		exchanges: make(map[string]map[string][]*memoryQueue),
		queues:    make(map[string]*memoryQueue),
		links:     make(map[*memoryLink]struct{}),
	}
}

// Source returns a source for queue that is not connected yet. A prefetch of 0
// means no limit.
func (m *Memory) Source(queue string, prefetch int) *MemorySource {
	return &MemorySource{broker: m, queue: queue, prefetch: prefetch, stopped: make(chan struct{})}
}

// Sink returns a sink that is not connected yet.
func (m *Memory) Sink() *MemorySink { return &MemorySink{broker: m} }

// Admin returns the means to declare and inspect queues.
func (m *Memory) Admin() *MemoryAdmin { return &MemoryAdmin{broker: m} }

// Cut breaks all connections, as a network fault does.
func (m *Memory) Cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for link := range m.links {
		link.lose("connection was cut")
	}
}

// Refuse makes all further attempts to connect fail, or lets them succeed
// again.
func (m *Memory) Refuse(refuse bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refusing = refuse
}

// connect opens a link. It needs the mutex.
func (m *Memory) connect(ctx context.Context) (*memoryLink, error) {
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case m.refusing:
		return nil, fmt.Errorf("%w: connection refused", ErrNotConnected)
	}
	link := &memoryLink{broker: m, done: make(chan struct{})}
	m.links[link] = struct{}{}
	return link, nil
}

// route puts msg into the queues bound to its key. It reports whether the
// exchange exists, whether there was a queue, and whether all queues took it.
func (m *Memory) route(msg memoryMessage) (found, routed, accepted bool) {
	queues, found := m.boundQueues(msg.Exchange, msg.RoutingKey)
	accepted = true
	for _, q := range queues {
		if !q.put(msg) {
			accepted = false
		}
	}
	return found, len(queues) > 0, accepted
}

// boundQueues also reports whether the exchange exists.
func (m *Memory) boundQueues(exchange, key string) (queues []*memoryQueue, found bool) {
	if exchange == "" { // the nameless exchange knows each queue by its name
		if q, ok := m.queues[key]; ok {
			return []*memoryQueue{q}, true
		}
		return nil, true
	}
	bindings, found := m.exchanges[exchange]
	return bindings[key], found
}

// memoryLink is a connection. It is guarded by the broker's mutex, except for
// done.
type memoryLink struct {
	broker   *Memory
	done     chan struct{} // closed when the connection is gone
	reason   string
	consumer *memoryConsumer
}

// lose ends the connection; what it left unsettled goes back to the queue.
func (l *memoryLink) lose(reason string) {
	if !l.alive() {
		return
	}
	l.reason = reason
	close(l.done)
	delete(l.broker.links, l)
	if l.consumer != nil {
		l.consumer.leave()
		l.consumer.requeue()
	}
}

func (l *memoryLink) alive() bool {
	if l == nil {
		return false
	}
	select {
	case <-l.done:
		return false
	default:
		return true
	}
}

// err tells why the connection was lost.
func (l *memoryLink) err() error {
	if l == nil || l.reason == "" {
		return ErrNotConnected
	}
	return fmt.Errorf("%w: %s", ErrNotConnected, l.reason)
}
