package sailor

import (
	"hash/maphash"
	"sync"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/envelope"
)

// finishedRemembered is how many finished messages are kept in mind. Only what
// was unsettled when a connection broke is delivered again, so a few times the
// largest sensible prefetch is plenty.
const finishedRemembered = 4096

// ledger knows which messages are in work and how the last ones ended, so that
// a message the broker delivers again is settled without running twice.
type ledger struct {
	seed     maphash.Seed
	mu       sync.Mutex
	inWork   map[ledgerKey][]broker.Settler
	finished map[ledgerKey]verdict
	order    []ledgerKey // keys of finished, a ring from oldest on
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
		seed:     maphash.MakeSeed(),
		inWork:   map[ledgerKey][]broker.Settler{},
		finished: map[ledgerKey]verdict{},
		order:    make([]ledgerKey, 0, remember),
	}
}

// ledgerKey tells messages apart, by hashes of what identifies one: two of 64
// bits are as good as the texts, and there is nothing in them for the garbage
// collector to follow. A rebound brings the same message back on purpose, with a
// higher iteration; and the reference sailor gives all that one call emits the
// same id, so the id alone is not enough. The zero key is that of a message
// without id.
type ledgerKey struct{ id, content uint64 }

func (l *ledger) key(h envelope.Headers, body []byte) ledgerKey {
	if h.MessageID == "" {
		return ledgerKey{}
	}
	return ledgerKey{
		id:      maphash.Comparable(l.seed, messageRun{h.MessageID, h.ReboundIteration}),
		content: maphash.Bytes(l.seed, body),
	}
}

type messageRun struct {
	id       string
	rebounds int
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
func (l *ledger) begin(key ledgerKey, d broker.Delivery) (entry, verdict) {
	if key == (ledgerKey{}) {
		return fresh, ack
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if others, busy := l.inWork[key]; busy {
		l.inWork[key] = append(others, d.Settler)
		return joined, ack
	}
	if v, known := l.finished[key]; known && d.Redelivered {
		return finished, v
	}
	l.inWork[key] = []broker.Settler{d.Settler}
	return fresh, ack
}

// end closes a message and returns what settles its deliveries, the newest last.
func (l *ledger) end(key ledgerKey, d broker.Delivery, v verdict) []broker.Settler {
	if key == (ledgerKey{}) {
		return []broker.Settler{d.Settler}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	settlers := l.inWork[key]
	delete(l.inWork, key)
	l.remember(key, v)
	return settlers
}

// abandon forgets a message that was neither acked nor rejected, and returns
// what settles its deliveries.
func (l *ledger) abandon(key ledgerKey, d broker.Delivery) []broker.Settler {
	if key == (ledgerKey{}) {
		return []broker.Settler{d.Settler}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	settlers := l.inWork[key]
	delete(l.inWork, key)
	return settlers
}

func (l *ledger) remember(key ledgerKey, v verdict) {
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
