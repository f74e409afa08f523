package broker

import (
	"context"
	"sync/atomic"
)

// amqpSettler settles one delivery on the channel that it came from.
type amqpSettler struct {
	session *session
	tag     uint64
	settled atomic.Bool
}

// The methods only send, so they have no use for the context: work that is done
// is worth telling even when it has ended.

func (s *amqpSettler) Ack(context.Context) error {
	return s.settle(func() error { return s.session.ch.Ack(s.tag, false) })
}

func (s *amqpSettler) Reject(context.Context) error {
	return s.settle(func() error { return s.session.ch.Reject(s.tag, false) })
}

func (s *amqpSettler) Requeue(context.Context) error {
	return s.settle(func() error { return s.session.ch.Reject(s.tag, true) })
}

func (s *amqpSettler) settle(send func() error) error {
	if !s.settled.CompareAndSwap(false, true) {
		return ErrSettled
	}
	if !s.session.alive() || send() != nil {
		s.session.kill() // only a broken connection refuses it
		return ErrStale
	}
	return nil
}
