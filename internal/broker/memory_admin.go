package broker

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// MemoryAdmin is the Admin of a Memory.
type MemoryAdmin struct{ broker *Memory }

var _ Admin = (*MemoryAdmin)(nil)

// Declare implements Admin.
func (a *MemoryAdmin) Declare(_ context.Context, t Topology) error {
	m := a.broker
	m.mu.Lock()
	defer m.mu.Unlock()
	if t.Exchange != "" && m.exchanges[t.Exchange] == nil {
		m.exchanges[t.Exchange] = make(map[string][]*memoryQueue)
	}
	for _, spec := range t.Queues {
		q, err := m.declare(spec)
		if err != nil {
			return err
		}
		for _, key := range spec.RoutingKeys {
			if err := m.bind(q, t.Exchange, key); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *Memory) declare(spec Queue) (*memoryQueue, error) {
	q, exists := m.queues[spec.Name]
	if !exists {
		q = &memoryQueue{Queue: spec, broker: m}
		m.queues[spec.Name] = q
		return q, nil
	}
	if !maps.Equal(q.args(), spec.args()) {
		return nil, fmt.Errorf("declare queue %q: it exists with other arguments", spec.Name)
	}
	return q, nil
}

func (m *Memory) bind(q *memoryQueue, exchange, key string) error {
	bindings := m.exchanges[exchange]
	if bindings == nil {
		return fmt.Errorf("bind queue %q to %q: no such exchange: %q", q.Name, key, exchange)
	}
	if !slices.Contains(bindings[key], q) {
		bindings[key] = append(bindings[key], q)
	}
	return nil
}

// Delete implements Admin.
func (a *MemoryAdmin) Delete(_ context.Context, t Topology) error {
	m := a.broker
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, spec := range t.Queues {
		q, ok := m.queues[spec.Name]
		if !ok {
			continue
		}
		delete(m.queues, spec.Name)
		for _, bindings := range m.exchanges {
			for key, queues := range bindings {
				bindings[key] = slices.DeleteFunc(queues, func(other *memoryQueue) bool { return other == q })
			}
		}
		q.remove()
	}
	if t.Exchange != "" {
		delete(m.exchanges, t.Exchange)
	}
	return nil
}

// Get implements Admin.
func (a *MemoryAdmin) Get(_ context.Context, queue string) (Delivery, bool, error) {
	a.broker.mu.Lock()
	defer a.broker.mu.Unlock()
	q, ok := a.broker.queues[queue]
	if !ok {
		return Delivery{}, false, fmt.Errorf("get from queue %q: no such queue", queue)
	}
	q.deliver() // what has expired is not there any more
	if len(q.ready) == 0 {
		return Delivery{}, false, nil
	}
	msg := q.pop()
	q.deliver() // the clock is for the new head
	return msg.delivery(settledAlready{}), true, nil
}

// Count implements Admin.
func (a *MemoryAdmin) Count(_ context.Context, queue string) (Count, error) {
	a.broker.mu.Lock()
	defer a.broker.mu.Unlock()
	q, ok := a.broker.queues[queue]
	if !ok {
		return Count{}, fmt.Errorf("inspect queue %q: no such queue", queue)
	}
	q.deliver()
	return Count{Ready: len(q.ready), Consumers: len(q.consumers)}, nil
}

// Close does nothing: there is no connection.
func (a *MemoryAdmin) Close() error { return nil }
