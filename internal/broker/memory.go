package broker

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Memory is a broker inside the process, for tests and local runs. It behaves
// like RabbitMQ with durable classic queues, except that it keeps nothing when
// the process ends and writes no x-death headers.
//
// Admin declares what it holds; Source and Sink connect to it. Their
// connections can be cut, and refused.
type Memory struct {
	// FrameMax is the largest AMQP frame, in bytes, to be set before the first
	// use. NewMemory sets the 131072 of RabbitMQ.
	FrameMax int

	mu          sync.Mutex // guards everything below, queues and connections included
	exchanges   map[string]map[string][]*memoryQueue
	queues      map[string]*memoryQueue
	connections map[*memoryConnection]struct{}
	refusing    bool
}

// NewMemory returns an empty broker.
func NewMemory() *Memory {
	return &Memory{
		FrameMax:    131072,
		exchanges:   make(map[string]map[string][]*memoryQueue),
		queues:      make(map[string]*memoryQueue),
		connections: make(map[*memoryConnection]struct{}),
	}
}

// Source returns a source for queue that is not connected yet. A prefetch of 0
// means no limit.
func (m *Memory) Source(queue string, prefetch int) *MemorySource {
	stopped, stop := context.WithCancel(context.Background())
	return &MemorySource{broker: m, queue: queue, prefetch: prefetch, stopped: stopped, stop: stop}
}

// Sink returns a sink that is not connected yet.
func (m *Memory) Sink() *MemorySink { return &MemorySink{broker: m} }

// Admin returns the means to declare and inspect queues.
func (m *Memory) Admin() *MemoryAdmin { return &MemoryAdmin{broker: m} }

// Cut breaks all connections, as a network fault does.
func (m *Memory) Cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for conn := range m.connections {
		_ = conn.lose(fmt.Errorf("%w: connection was cut", ErrNotConnected))
	}
}

// Refuse makes all further attempts to connect fail, or lets them succeed
// again.
func (m *Memory) Refuse(refuse bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refusing = refuse
}

// connect opens a connection. It needs the mutex.
func (m *Memory) connect(ctx context.Context) (*memoryConnection, error) {
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case m.refusing:
		return nil, fmt.Errorf("%w: connection refused", ErrNotConnected)
	}
	conn := &memoryConnection{broker: m, done: make(chan struct{})}
	m.connections[conn] = struct{}{}
	return conn, nil
}

// route puts msg into the queues bound to its key, or returns the error of its
// publish.
func (m *Memory) route(msg memoryMessage) error {
	if _, err := strconv.ParseUint(msg.Expiration, 10, 32); err != nil && msg.Expiration != "" {
		return connectionLost(amqp.PreconditionFailed, fmt.Sprintf("PRECONDITION_FAILED - invalid expiration '%s'", msg.Expiration))
	}
	queues, found := m.boundQueues(msg.Exchange, msg.RoutingKey)
	switch {
	case !found:
		return connectionLost(amqp.NotFound, fmt.Sprintf("NOT_FOUND - no exchange '%s' in vhost '/'", msg.Exchange))
	case len(queues) == 0:
		return &ReturnedError{Exchange: msg.Exchange, RoutingKey: msg.RoutingKey, Code: amqp.NoRoute, Text: "NO_ROUTE"}
	}
	var err error
	for _, q := range queues {
		if !q.put(msg) {
			err = ErrNacked
		}
	}
	return err
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

// memoryConnection is guarded by the broker's mutex, except for done.
type memoryConnection struct {
	broker   *Memory
	done     chan struct{} // closed when the connection is gone
	reason   error
	consumer *memoryConsumer
}

// lose ends the connection and returns the reason; what it left unsettled goes
// back to the queue.
func (c *memoryConnection) lose(reason error) error {
	if !c.alive() {
		return reason
	}
	c.reason = reason
	close(c.done)
	delete(c.broker.connections, c)
	if c.consumer != nil {
		c.consumer.cancel()
		c.consumer.requeue()
	}
	return reason
}

func (c *memoryConnection) alive() bool {
	if c == nil {
		return false
	}
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// err tells why the connection was lost.
func (c *memoryConnection) err() error {
	if c == nil || c.reason == nil {
		return ErrNotConnected
	}
	return c.reason
}
