package sailor

import (
	"sync"

	"aws-secrets-manager-connector/internal/broker"
)

// finishedRemembered is how many finished messages are kept in mind. Only what
// was unsettled when a connection broke is delivered again, so a few times the
// largest sensible prefetch is plenty.
const finishedRemembered = 4096

// ledger knows which messages are in work and how the last ones ended, so that
// a message the broker delivers again is settled without running twice.
type ledger struct {
	mu       sync.Mutex
	inWork   map[string][]broker.Delivery
	finished map[string]verdict
	order    []string // keys of finished, a ring from oldest on
	oldest   int
}

// verdict is how a message is settled.
type verdict bool

const (
	ack    verdict = true
	reject verdict = false
)

func newLedger(remember int) *ledger {
	return &ledger{
		inWork:   map[string][]broker.Delivery{},
		finished: make(map[string]verdict),
		order:    make([]string, 0, remember),
	}
}

// entry is what begin found out about a delivery.
type entry int

const (
	fresh    entry = iota // to be worked on
	joined                // its message is in work and will settle it too
	finished              // its message has ended: settle it so
)

// begin enters a delivery under its message's key. Messages without a key are
// always fresh, and so are those that finished but are not redeliveries: an
// upstream step may repeat an id on purpose.
func (l *ledger) begin(key string, d broker.Delivery) (entry, verdict) {
	if key == "" {
		return fresh, ack
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if others, busy := l.inWork[key]; busy {
		l.inWork[key] = append(others, d)
		return joined, ack
	}
	if v, known := l.finished[key]; known && d.Redelivered {
		return finished, v
	}
	l.inWork[key] = []broker.Delivery{d}
	return fresh, ack
}

// end closes a message and returns all its deliveries, the newest last.
func (l *ledger) end(key string, d broker.Delivery, v verdict) []broker.Delivery {
	if key == "" {
		return []broker.Delivery{d}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	deliveries := l.inWork[key]
	delete(l.inWork, key)
	l.remember(key, v)
	return deliveries
}

// abandon forgets a message that was neither acked nor rejected.
func (l *ledger) abandon(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.inWork, key)
}

func (l *ledger) remember(key string, v verdict) {
	if _, known := l.finished[key]; !known {
		if len(l.order) < cap(l.order) {
			l.order = append(l.order, key)
		} else {
			delete(l.finished, l.order[l.oldest])
			l.order[l.oldest] = key
			l.oldest = (l.oldest + 1) % len(l.order)
		}
	}
	l.finished[key] = v
}
