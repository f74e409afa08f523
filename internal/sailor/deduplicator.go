package sailor

import (
	"hash/maphash"
	"sync"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/envelope"
)

// rememberedMessages is how many finished messages are kept in mind. Only what
// was unsettled when a connection broke is delivered again, so a few times the
// largest sensible prefetch is plenty.
const rememberedMessages = 4096

// deduplicator knows which messages are in work and how the last ones ended, so that
// a message the broker delivers again is settled without running twice.
type deduplicator struct {
	seed     maphash.Seed
	mu       sync.Mutex
	inFlight map[messageKey][]broker.Settler
	done     map[messageKey]outcome
	order    []messageKey // keys of done, a ring from oldest on
	oldest   int
}

func newDeduplicator(remember int) *deduplicator {
	return &deduplicator{
		seed:     maphash.MakeSeed(),
		inFlight: map[messageKey][]broker.Settler{},
		done:     map[messageKey]outcome{},
		order:    make([]messageKey, 0, remember),
	}
}

// messageKey tells messages apart, by hashes of what identifies one: two of 64
// bits are as good as the texts, and there is nothing in them for the garbage
// collector to follow. A rebound brings the same message back on purpose, with a
// higher iteration; and the reference sailor gives all that one call emits the
// same id, so the id alone is not enough. The zero key is that of a message
// without id.
type messageKey struct{ id, content uint64 }

func (d *deduplicator) key(h envelope.Headers, body []byte) messageKey {
	if h.MessageID == "" {
		return messageKey{}
	}
	return messageKey{
		id:      maphash.Comparable(d.seed, messageRun{h.MessageID, h.ReboundIteration}),
		content: maphash.Bytes(d.seed, body),
	}
}

type messageRun struct {
	id       string
	rebounds int
}

// state is what begin found out about a delivery.
type state int

const (
	newMessage state = iota // to be worked on
	inFlight                // its message is in work and will settle it too
	done                    // its message has ended: settle it so
)

// begin enters a delivery under its message's key. Messages without a key are
// always new, and so are those that are done but are not redeliveries: an
// upstream step may repeat an id on purpose.
func (d *deduplicator) begin(key messageKey, delivery broker.Delivery) (state, outcome) {
	if key == (messageKey{}) {
		return newMessage, ack
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if earlier, busy := d.inFlight[key]; busy {
		d.inFlight[key] = append(earlier, delivery.Settler)
		return inFlight, ack
	}
	if end, known := d.done[key]; known && delivery.Redelivered {
		return done, end
	}
	d.inFlight[key] = []broker.Settler{delivery.Settler}
	return newMessage, ack
}

// end closes a message and returns what settles its deliveries, the newest last.
// One that is requeued is forgotten, for it is to run again.
func (d *deduplicator) end(key messageKey, delivery broker.Delivery, end outcome) []broker.Settler {
	if key == (messageKey{}) {
		return []broker.Settler{delivery.Settler}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	settlers := d.inFlight[key]
	delete(d.inFlight, key)
	if end != requeue {
		d.remember(key, end)
	}
	return settlers
}

func (d *deduplicator) remember(key messageKey, end outcome) {
	if _, known := d.done[key]; !known {
		if len(d.order) < cap(d.order) {
			d.order = append(d.order, key)
		} else {
			delete(d.done, d.order[d.oldest])
			d.order[d.oldest] = key
			d.oldest = (d.oldest + 1) % len(d.order)
		}
	}
	d.done[key] = end
}
