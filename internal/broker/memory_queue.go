package broker

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// memoryMessage is a message in a queue. Queues of one broker share the body.
type memoryMessage struct {
	Publication
	seq         uint64 // place in the queue
	redelivered bool
	expires     time.Time // zero: never
}

func (m memoryMessage) expired() bool { return !m.expires.IsZero() && time.Until(m.expires) <= 0 }

// memoryQueue is guarded by the broker's mutex.
type memoryQueue struct {
	Queue
	broker    *Memory
	ready     []memoryMessage // by seq
	consumers []*memoryConsumer
	nextSeq   uint64
	expiry    *time.Timer // for the head of the queue
}

// put appends msg. It reports false when the queue is full and says so.
func (q *memoryQueue) put(msg memoryMessage) bool {
	q.deliver() // what has expired takes no room
	if q.RejectPublish && q.MaxLength > 0 && len(q.ready) >= q.MaxLength {
		return false
	}
	q.nextSeq++
	msg.seq, msg.redelivered, msg.expires = q.nextSeq, false, expiry(msg.Expiration)
	q.ready = append(q.ready, msg)
	q.deliver()
	for q.MaxLength > 0 && len(q.ready) > q.MaxLength {
		q.deadLetter(q.pop())
	}
	return true
}

// expiry is when a message with this expiration ends, or zero.
func expiry(expiration string) time.Time {
	ms, err := strconv.ParseInt(expiration, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Now().Add(time.Duration(ms) * time.Millisecond)
}

func (q *memoryQueue) pop() memoryMessage {
	head := q.ready[0]
	q.ready = slices.Delete(q.ready, 0, 1)
	return head
}

// requeue returns unsettled messages to their places.
func (q *memoryQueue) requeue(messages []memoryMessage) {
	for i := range messages {
		messages[i].redelivered = true
	}
	q.ready = append(q.ready, messages...)
	slices.SortFunc(q.ready, func(a, b memoryMessage) int { return cmp.Compare(a.seq, b.seq) })
	q.deliver()
}

// deliver hands ready messages to the consumers in turn, as far as their
// prefetch allows. As in RabbitMQ, messages expire at the head of the queue.
func (q *memoryQueue) deliver() {
	if q.expiry != nil {
		q.expiry.Stop()
	}
	for len(q.ready) > 0 {
		if q.ready[0].expired() {
			q.deadLetter(q.pop())
			continue
		}
		i := slices.IndexFunc(q.consumers, (*memoryConsumer).hasRoom)
		if i < 0 {
			break
		}
		consumer := q.consumers[i]
		q.consumers = append(slices.Delete(q.consumers, i, i+1), consumer)
		consumer.take(q.pop())
	}
	if len(q.ready) > 0 && !q.ready[0].expires.IsZero() {
		q.expiry = time.AfterFunc(time.Until(q.ready[0].expires), q.expire)
	}
}

func (q *memoryQueue) expire() {
	q.broker.mu.Lock()
	defer q.broker.mu.Unlock()
	q.deliver()
}

// deadLetter passes on what the queue does not keep. It loses its expiration,
// and is dropped where it would come back to the same queue.
func (q *memoryQueue) deadLetter(msg memoryMessage) {
	if !q.deadLetters() {
		return
	}
	msg.Exchange, msg.Expiration = q.DeadLetterExchange, ""
	if q.DeadLetterRoutingKey != "" {
		msg.RoutingKey = q.DeadLetterRoutingKey
	}
	queues, _ := q.broker.boundQueues(msg.Exchange, msg.RoutingKey)
	for _, target := range queues {
		if target != q {
			target.put(msg)
		}
	}
}

// remove cancels the consumers and stops the clock.
func (q *memoryQueue) remove() {
	for _, c := range slices.Clone(q.consumers) {
		c.cancelled, c.unsettled = true, nil // its messages are gone, too
		c.cancel()
		c.signal()
	}
	q.ready = nil
	if q.expiry != nil {
		q.expiry.Stop()
	}
}

// memoryConsumer is guarded by the broker's mutex, except for wake.
type memoryConsumer struct {
	queue     *memoryQueue
	prefetch  int
	cancelled bool // by the broker
	pending   []memoryMessage
	unsettled map[uint64]memoryMessage // by seq, pending ones included
	wake      chan struct{}            // holds a token when there is news
}

func (c *memoryConsumer) hasRoom() bool {
	return c.prefetch == 0 || len(c.unsettled) < c.prefetch
}

func (c *memoryConsumer) take(msg memoryMessage) {
	c.unsettled[msg.seq] = msg
	c.pending = append(c.pending, msg)
	c.signal()
}

func (c *memoryConsumer) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// cancel ends deliveries to the consumer.
func (c *memoryConsumer) cancel() {
	q := c.queue
	q.consumers = slices.DeleteFunc(q.consumers, func(other *memoryConsumer) bool { return other == c })
}

// requeue gives all unsettled messages back.
func (c *memoryConsumer) requeue() {
	messages := make([]memoryMessage, 0, len(c.unsettled))
	for _, msg := range c.unsettled {
		messages = append(messages, msg)
	}
	c.pending, c.unsettled = nil, nil
	c.queue.requeue(messages)
}
