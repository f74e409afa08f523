package faults

import "aws-secrets-manager-connector/internal/broker"

// tally counts what becomes of the messages, by their messageId.
type tally struct {
	sent     map[string]bool
	pending  map[string]bool           // those without an outcome
	out      map[string]map[string]int // parentMessageId to messageId to how often it came
	errors   map[string]int
	rejected map[string]int
	retried  int // results with the header retry
	strange  int // what no message of ours has caused
}

func newTally() *tally {
	return &tally{
		sent: map[string]bool{}, pending: map[string]bool{},
		out: map[string]map[string]int{}, errors: map[string]int{}, rejected: map[string]int{},
	}
}

func (t *tally) send(messageID string) {
	t.sent[messageID], t.pending[messageID] = true, true
}

func (t *tally) data(d broker.Delivery) {
	parent := t.parent(d)
	if t.out[parent] == nil {
		t.out[parent] = map[string]int{}
	}
	id, _ := d.Headers["messageId"].(string)
	t.out[parent][id]++
	if _, retried := d.Headers["retry"]; retried {
		t.retried++
	}
}

func (t *tally) error(d broker.Delivery) { t.errors[t.parent(d)]++ }

func (t *tally) reject(d broker.Delivery) {
	id, _ := d.Headers["messageId"].(string)
	t.rejected[id]++
}

// parent is the message that has had an outcome.
func (t *tally) parent(d broker.Delivery) string {
	parent, _ := d.Headers["parentMessageId"].(string)
	if !t.sent[parent] {
		t.strange++
	}
	delete(t.pending, parent)
	return parent
}

// complete reports whether each message has an outcome.
func (t *tally) complete() bool { return len(t.pending) == 0 }

// again counts the results that were published a second time under the same
// messageId, as nobody can avoid who has lost a confirm, and those under another
// one, by which a step behind takes them for new messages.
func (t *tally) again() (sameID, otherID int) {
	for _, ids := range t.out {
		otherID += len(ids) - 1
		for _, times := range ids {
			sameID += times - 1
		}
	}
	return sameID, otherID
}

// results counts all that was emitted, repetitions included.
func (t *tally) results() (n int) {
	for _, ids := range t.out {
		for _, times := range ids {
			n += times
		}
	}
	return n
}
