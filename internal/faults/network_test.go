package faults

import (
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/testkit"
)

// networkFaults are those between the step and the broker.
func networkFaults() []fault {
	const n = prefetch
	return []fault{
		{
			name:    "none, idle",
			enter:   func(h *harness) *container { return h.start(h.uri.proxied) },
			mend:    func(h *harness) { h.send(n) },
			over:    outcome{calls: n},
			stopped: outcome{calls: n},
		},
		{
			name:    "none, in work",
			enter:   func(h *harness) *container { return h.busy(n) },
			mend:    func(h *harness) { h.aws.release() },
			over:    outcome{calls: 2 * n},
			stopped: outcome{calls: 2 * n},
		},
		{
			name: "connection cut, idle",
			enter: func(h *harness) *container {
				c := h.start(h.uri.proxied)
				h.away()
				c.logs(lost, 1)
				h.send(n)
				return c
			},
			mend:    (*harness).reachable,
			over:    outcome{calls: n},
			stopped: outcome{calls: n},
		},
		{
			name: "connection cut, in work",
			enter: func(h *harness) *container {
				c := h.busy(n)
				h.cut()
				c.logs(joined, n)
				return c
			},
			mend:    func(h *harness) { h.aws.release() },
			over:    outcome{calls: 2 * n},
			stopped: outcome{calls: 2 * n},
		},
		{
			name: "broker out of reach, in work",
			enter: func(h *harness) *container {
				c := h.busy(n)
				h.away()
				c.logs(lost, 1)
				return c
			},
			mend: func(h *harness) {
				h.aws.release()
				h.reachable()
			},
			over:    outcome{calls: 2 * n},
			stopped: outcome{calls: 3 * n},
		},
		{
			name:    "cut between publish and confirm",
			enter:   (*harness).unconfirmed,
			mend:    (*harness).reachable,
			over:    outcome{calls: n, sameID: n, retried: n},
			stopped: outcome{calls: 2 * n, sameID: n, slow: true},
		},
		{
			name: "cut between confirm and ack",
			enter: func(h *harness) *container {
				c := h.unconfirmed()
				h.far.Hold(testkit.ToServer)
				h.near.Forward()
				c.logs(done, n)
				return c
			},
			mend:    (*harness).reachable,
			over:    outcome{calls: n},
			stopped: outcome{calls: 2 * n, sameID: n, slow: true},
		},
		{
			name: "connection hangs, idle",
			enter: func(h *harness) *container {
				c := h.start(h.uri.proxied)
				h.hang()
				h.send(n)
				return c
			},
			mend:    (*harness).reachable,
			over:    outcome{skip: true}, // below, until heartbeats tell
			stopped: outcome{calls: n, slow: true},
		},
		{
			name: "connection hangs, in work",
			enter: func(h *harness) *container {
				c := h.busy(n)
				h.hang()
				return c
			},
			mend:    (*harness).reachable,
			over:    outcome{skip: true},
			stopped: outcome{calls: 3 * n, slow: true},
		},
		{
			name: "connection hangs until heartbeats tell",
			enter: func(h *harness) *container {
				h.uri.proxied = withHeartbeat(h.t, h.uri.proxied, 1)
				c := h.busy(n)
				h.hang()
				c.logs(lost, 1)
				h.aws.release()
				return c
			},
			mend:    (*harness).reachable,
			over:    outcome{calls: 2 * n},
			stopped: outcome{skip: true},
		},
	}
}

// unconfirmed has all results of a busy step with the broker, and no confirm
// with the step.
func (h *harness) unconfirmed() *container {
	h.t.Helper()
	c := h.busy(0)
	h.near.Hold(testkit.ToClient)
	h.aws.release()
	h.waits(h.next(), prefetch)
	return c
}

// cut breaks all connections.
func (h *harness) cut() {
	h.far.Cut()
	h.near.Cut()
}

// away cuts, and keeps the step from connecting again.
func (h *harness) away() {
	h.near.Refuse(true)
	h.cut()
}

// hang leaves the connections open, with nothing passing.
func (h *harness) hang() {
	h.near.Hold(testkit.ToClient)
	h.far.Hold(testkit.ToServer)
}

// reachable ends all this. What is on its way is lost.
func (h *harness) reachable() {
	h.near.Refuse(false)
	h.cut()
	h.far.Forward()
	h.near.Forward()
}

// withHeartbeat returns the URI with a heartbeat, in seconds.
func withHeartbeat(t *testing.T, uri component.Secret, seconds int) component.Secret {
	t.Helper()
	u, err := url.Parse(uri.Reveal())
	if err != nil {
		require.FailNow(t, "URI cannot be parsed") // its error shows the password
	}
	query := u.Query()
	query.Set("heartbeat", strconv.Itoa(seconds))
	u.RawQuery = query.Encode()
	return component.NewSecret(u.String())
}
