package faults

import (
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// platformAwayForGood has a start fail, and another one do the work.
func (s *suite) platformAwayForGood(t *testing.T, place int) {
	h := s.harness(t, fault{})
	h.api.Refuse(true)
	h.send(prefetch)
	began := time.Now()
	first := h.launch(h.uri.proxied)
	first.end(1)
	ended := time.Since(began)
	assert.Equal(t, 1, first.logged(failedStart))

	d, emitted, err := h.admin.Get(h.ctx, h.errors())
	require.NoError(t, err)
	require.True(t, emitted, "the platform is not told")
	failure, input, err := envelope.DecodeErrorPayload(h.cipher, d.Body)
	require.NoError(t, err)
	assert.Contains(t, failure.Message, "fetch the step")
	assert.Empty(t, input)

	h.api.Refuse(false)
	s.finish(h, h.start(h.uri.direct), outcome{calls: prefetch}, row{place: place, fault: "platform away for good, exit 1", ended: ended})
}

// cutAfterSIGTERM has a container lose the deliveries of its work when it does
// not consume any more: what it publishes is published again by the next one.
func (s *suite) cutAfterSIGTERM(t *testing.T, place int) {
	h := s.harness(t, fault{})
	first := h.busy(prefetch)
	began := time.Now()
	first.terminate()
	h.await("the consumer's end", func() bool { return h.consumers() == 0 })
	h.cut()
	h.aws.release()
	first.end(0)
	ended := time.Since(began)

	s.finish(h, h.start(h.uri.direct), outcome{calls: 3 * prefetch, sameID: anyNumber},
		row{place: place + 1, fault: "SIGTERM, in work, then a cut", ended: ended})
}

// secondSIGTERM has somebody lose patience.
func (s *suite) secondSIGTERM(t *testing.T, place int) {
	h := s.harness(t, fault{})
	first := h.busy(prefetch)
	first.terminate()
	began := time.Now()
	first.terminate()
	first.end(143)
	ended := time.Since(began)

	h.aws.release()
	s.finish(h, h.start(h.uri.direct), outcome{calls: 3 * prefetch},
		row{place: place + 2, fault: "second SIGTERM, in work", ended: ended})
}

// oneIDTwoMessages has messages come in pairs under one messageId, as the
// reference sailor emits them, and all of them twice, to two containers.
func (s *suite) oneIDTwoMessages(t *testing.T, place int) {
	const pairs, values = prefetch, 2
	// Its answer is the same once another write has come in between, which that of
	// PutSecretValue, with its labels, is not.
	const function = "UpdateSecret"
	h := s.harness(t, fault{env: map[string]string{"FUNCTION": function}})
	var publications []broker.Publication
	for range pairs {
		id, secret := uuid.NewString(), h.aws.newSecret(t)
		for range values {
			body, err := json.Marshal(map[string]string{"SecretId": secret, "SecretString": rand.Text()})
			require.NoError(t, err)
			publications = append(publications, h.publication(id, component.NewMessage(body)))
		}
	}
	var ended time.Duration
	for range 2 { // containers
		for _, p := range publications {
			require.NoError(t, h.sink.Publish(h.ctx, p))
		}
		c := h.start(h.uri.direct)
		h.waits(h.next(), len(publications))
		ended = c.stop()
		h.collectAll()
	}

	got := row{
		place: place + 6, fault: "two messages under each id, each twice", in: 2 * len(publications), out: h.tally.results(),
		errors: len(h.tally.errors), unacked: h.ready(h.in()), calls: h.aws.Calls()[function], ended: ended,
	}
	s.table.add(got)
	assert.Equal(t, got.in, got.out)
	assert.Zero(t, got.errors+got.unacked)
	for parent, ids := range h.tally.out {
		assert.Len(t, ids, values, "each message has one result, under one id: %s", parent)
	}
	for _, secret := range h.aws.secrets {
		assert.Equal(t, values, h.aws.versionsOf(h.ctx, t, secret), "versions of %s", secret)
	}
}
