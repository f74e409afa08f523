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
	r := s.rig(t, fault{})
	r.api.Refuse(true)
	r.send(prefetch)
	began := time.Now()
	first := r.launch(r.uri.proxied)
	first.end(1)
	ended := time.Since(began)
	assert.Equal(t, 1, first.logged(failedStart))

	d, emitted, err := r.admin.Get(r.ctx, r.errors())
	require.NoError(t, err)
	require.True(t, emitted, "the platform is not told")
	failure, input, err := envelope.DecodeErrorPayload(r.cipher, d.Body)
	require.NoError(t, err)
	assert.Contains(t, failure.Message, "fetch the step")
	assert.Empty(t, input)

	r.api.Refuse(false)
	s.finish(r, r.start(r.uri.direct), outcome{calls: prefetch}, row{place: place, fault: "platform away for good, exit 1", ended: ended})
}

// cutAfterSIGTERM has a container lose the deliveries of its work when it does
// not consume any more: what it publishes is published again by the next one.
func (s *suite) cutAfterSIGTERM(t *testing.T, place int) {
	r := s.rig(t, fault{})
	first := r.busy(prefetch)
	began := time.Now()
	first.terminate()
	r.await("the consumer's end", func() bool { return r.consumers() == 0 })
	r.cut()
	r.aws.release()
	first.end(0)
	ended := time.Since(began)

	s.finish(r, r.start(r.uri.direct), outcome{calls: 3 * prefetch, sameID: anyNumber},
		row{place: place + 1, fault: "SIGTERM, in work, then a cut", ended: ended})
}

// secondSIGTERM has somebody lose patience.
func (s *suite) secondSIGTERM(t *testing.T, place int) {
	r := s.rig(t, fault{})
	first := r.busy(prefetch)
	first.terminate()
	began := time.Now()
	first.terminate()
	first.end(143)
	ended := time.Since(began)

	r.aws.release()
	s.finish(r, r.start(r.uri.direct), outcome{calls: 3 * prefetch},
		row{place: place + 2, fault: "second SIGTERM, in work", ended: ended})
}

// oneIDTwoMessages has messages come in pairs under one messageId, as the
// reference sailor emits them, and all of them twice, to two containers.
func (s *suite) oneIDTwoMessages(t *testing.T, place int) {
	const pairs, values = prefetch, 2
	// Its answer is the same once another write has come in between, which that of
	// PutSecretValue, with its labels, is not.
	const function = "UpdateSecret"
	r := s.rig(t, fault{env: map[string]string{"FUNCTION": function}})
	var publications []broker.Publication
	for range pairs {
		id, secret := uuid.NewString(), r.aws.newSecret(t)
		for range values {
			body, err := json.Marshal(map[string]string{"SecretId": secret, "SecretString": rand.Text()})
			require.NoError(t, err)
			publications = append(publications, r.publication(id, component.NewMessage(body)))
		}
	}
	var ended time.Duration
	for range 2 { // containers
		for _, p := range publications {
			require.NoError(t, r.outside.Publish(r.ctx, p))
		}
		c := r.start(r.uri.direct)
		r.waits(r.next(), len(publications))
		ended = c.stop()
		r.collectAll()
	}

	got := row{
		place: place + 6, fault: "two messages under each id, each twice", in: 2 * len(publications), out: r.tally.results(),
		errors: len(r.tally.errors), unacked: r.ready(r.in()), calls: r.aws.Calls()[function], ended: ended,
	}
	s.table.add(got)
	assert.Equal(t, got.in, got.out)
	assert.Zero(t, got.errors+got.unacked)
	for parent, ids := range r.tally.out {
		assert.Len(t, ids, values, "each message has one result, under one id: %s", parent)
	}
	for _, secret := range r.aws.secrets {
		assert.Equal(t, values, r.aws.versionsOf(r.ctx, t, secret), "versions of %s", secret)
	}
}
