package broker

import (
	"math"
	"runtime"
	"slices"
	"sync"
)

// acknowledger is what settling needs of a channel.
type acknowledger interface {
	Ack(tag uint64, multiple bool) error
	Reject(tag uint64, requeue bool) error
}

// acks settles the deliveries of a session. Acknowledgements that come at the
// same time are sent together, as AMQP can acknowledge with one tag all that
// were delivered before it, too.
type acks struct {
	ch      acknowledger
	sending sync.Mutex // held while a batch is sent: it is the spare

	mu      sync.Mutex
	open    []uint64 // tags that are handed out and not settled, in order
	pending []uint64 // tags to acknowledge
	spare   []uint64 // the buffer that pending takes turns with
}

// expect takes note of a delivery before it is handed out. Tags count up.
func (a *acks) expect(tag uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open = append(a.open, tag)
}

// ack returns before the acknowledgement is sent, unless it is the first that
// waits to be: then it sends all.
func (a *acks) ack(tag uint64) error {
	if first := a.add(tag); !first {
		return nil
	}
	runtime.Gosched() // to those who are about to acknowledge as well
	return a.flush()
}

func (a *acks) add(tag uint64) (first bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settled(tag)
	a.pending = append(a.pending, tag)
	return len(a.pending) == 1
}

// reject counts as settled only what is sent, so that no acknowledgement can
// include it.
func (a *acks) reject(tag uint64, requeue bool) error {
	if err := a.ch.Reject(tag, requeue); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settled(tag)
	return nil
}

func (a *acks) settled(tag uint64) {
	if i, found := slices.BinarySearch(a.open, tag); found {
		a.open = slices.Delete(a.open, i, i+1)
	}
}

// flush sends what is pending: together what is below the first open tag, and
// one by one what is above.
func (a *acks) flush() error {
	a.sending.Lock()
	defer a.sending.Unlock()
	batch, open := a.take()
	var through uint64
	for _, tag := range batch {
		if tag < open {
			through = max(through, tag)
		} else if err := a.ch.Ack(tag, false); err != nil {
			return err
		}
	}
	if through == 0 {
		return nil
	}
	return a.ch.Ack(through, true)
}

// take returns what is pending and the first open tag.
func (a *acks) take() (batch []uint64, open uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	batch = a.pending
	a.pending, a.spare = a.spare[:0], batch
	if len(a.open) == 0 {
		return batch, math.MaxUint64
	}
	return batch, a.open[0]
}
