package faults

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

	s.finish(r, r.start(r.uri.direct), outcome{calls: 3 * prefetch, otherID: anyNumber},
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
