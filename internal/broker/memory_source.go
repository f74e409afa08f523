package broker

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"

	amqp "github.com/rabbitmq/amqp091-go"
)

// MemorySource consumes a queue of a Memory.
type MemorySource struct {
	broker   *Memory
	queue    string
	prefetch int
	stopped  context.Context
	stop     context.CancelFunc
	conn     *memoryConnection // guarded by the broker's mutex
}

var _ Source = (*MemorySource)(nil)

// Connect implements Source.
func (s *MemorySource) Connect(ctx context.Context) error {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	switch {
	case s.stopped.Err() != nil:
		return ErrStopped
	case s.conn.alive():
		return nil
	}
	conn, err := s.broker.connect(ctx)
	s.conn = conn
	return err
}

// Consume implements Source.
func (s *MemorySource) Consume(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	switch {
	case s.stopped.Err() != nil:
		return ErrStopped
	case !s.conn.alive():
		return s.conn.err()
	case s.conn.consumer != nil:
		return nil
	}
	queue, ok := s.broker.queues[s.queue]
	if !ok {
		lost := connectionLost(amqp.NotFound, fmt.Sprintf("NOT_FOUND - no queue '%s'", s.queue))
		return fmt.Errorf("consume queue %q: %w", s.queue, s.conn.lose(lost))
	}
	s.conn.consumer = &memoryConsumer{
		queue:     queue,
		prefetch:  s.prefetch,
		unsettled: make(map[uint64]memoryMessage),
		wake:      make(chan struct{}, 1),
	}
	queue.consumers = append(queue.consumers, s.conn.consumer)
	queue.deliver()
	return nil
}

// Receive implements Source.
func (s *MemorySource) Receive(ctx context.Context) (Delivery, error) {
	for {
		d, news, err := s.next()
		if news == nil {
			return d, err
		}
		select {
		case <-s.stopped.Done():
		case <-news.done:
		case <-news.consumer.wake:
		case <-ctx.Done():
			return Delivery{}, ctx.Err()
		}
	}
}

// next returns a delivery or an error, or the connection to wait at for news.
func (s *MemorySource) next() (d Delivery, news *memoryConnection, err error) {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	if s.stopped.Err() != nil {
		return Delivery{}, nil, ErrStopped
	}
	if !s.conn.alive() || s.conn.consumer == nil {
		return Delivery{}, nil, s.conn.err()
	}
	c := s.conn.consumer
	if len(c.pending) > 0 {
		msg := c.pending[0]
		c.pending = c.pending[1:]
		return msg.delivery(&memorySettler{conn: s.conn, msg: msg}), nil, nil
	}
	if c.cancelled {
		return Delivery{}, nil, s.conn.lose(consumerCancelled(s.queue))
	}
	return Delivery{}, s.conn, nil
}

// Stop implements Source.
func (s *MemorySource) Stop(context.Context) error {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	s.stop()
	if s.conn != nil && s.conn.consumer != nil {
		s.conn.consumer.cancel()
	}
	return nil
}

// Close implements Source.
func (s *MemorySource) Close() error {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	s.stop()
	_ = s.conn.lose(ErrNotConnected)
	return nil
}

// delivery returns msg as its receiver may have it: nothing of it is shared.
func (m memoryMessage) delivery(settler Settler) Delivery {
	headers, _ := toTable(m.Headers, 0) // as before, when it was published
	m.Headers = fromTable(headers)
	if len(headers) == 0 {
		m.Headers = nil // as AMQP has it
	}
	return Delivery{
		Properties:  m.Properties,
		Body:        bytes.Clone(m.Body),
		Exchange:    m.Exchange,
		RoutingKey:  m.RoutingKey,
		Redelivered: m.redelivered,
		Settler:     settler,
	}
}

// memorySettler settles one delivery on the connection that it came from.
type memorySettler struct {
	conn    *memoryConnection
	msg     memoryMessage
	settled atomic.Bool
}

func (s *memorySettler) Ack(context.Context) error {
	return s.settle(func(*memoryQueue, memoryMessage) {})
}

func (s *memorySettler) Reject(context.Context) error { return s.settle((*memoryQueue).deadLetter) }

func (s *memorySettler) Requeue(context.Context) error {
	return s.settle(func(q *memoryQueue, msg memoryMessage) { q.requeue([]memoryMessage{msg}) })
}

func (s *memorySettler) settle(end func(*memoryQueue, memoryMessage)) error {
	if !s.settled.CompareAndSwap(false, true) {
		return ErrSettled
	}
	s.conn.broker.mu.Lock()
	defer s.conn.broker.mu.Unlock()
	if !s.conn.alive() {
		return ErrStale
	}
	c := s.conn.consumer
	delete(c.unsettled, s.msg.seq)
	if !c.cancelled {
		end(c.queue, s.msg)
		c.queue.deliver()
	}
	return nil
}
