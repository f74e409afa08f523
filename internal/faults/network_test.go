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
			enter:   func(r *rig) *container { return r.start(r.uri.proxied) },
			mend:    func(r *rig) { r.send(n) },
			over:    outcome{calls: n},
			stopped: outcome{calls: n},
		},
		{
			name:    "none, in work",
			enter:   func(r *rig) *container { return r.busy(n) },
			mend:    func(r *rig) { r.aws.release() },
			over:    outcome{calls: 2 * n},
			stopped: outcome{calls: 2 * n},
		},
		{
			name: "connection cut, idle",
			enter: func(r *rig) *container {
				c := r.start(r.uri.proxied)
				r.away()
				c.logs(lost, 1)
				r.send(n)
				return c
			},
			mend:    (*rig).reachable,
			over:    outcome{calls: n},
			stopped: outcome{calls: n},
		},
		{
			name: "connection cut, in work",
			enter: func(r *rig) *container {
				c := r.busy(n)
				r.cut()
				c.logs(joined, n)
				return c
			},
			mend:    func(r *rig) { r.aws.release() },
			over:    outcome{calls: 2 * n},
			stopped: outcome{calls: 2 * n},
		},
		{
			name: "broker out of reach, in work",
			enter: func(r *rig) *container {
				c := r.busy(n)
				r.away()
				c.logs(lost, 1)
				return c
			},
			mend: func(r *rig) {
				r.aws.release()
				r.reachable()
			},
			over:    outcome{calls: 2 * n},
			stopped: outcome{calls: 3 * n},
		},
		{
			name:    "cut between publish and confirm",
			enter:   (*rig).unconfirmed,
			mend:    (*rig).reachable,
			over:    outcome{calls: n, sameID: n, retried: n},
			stopped: outcome{calls: 2 * n, sameID: n, slow: true},
		},
		{
			name: "cut between confirm and ack",
			enter: func(r *rig) *container {
				c := r.unconfirmed()
				r.far.Hold(testkit.ToServer)
				r.near.Forward()
				c.logs(done, n)
				return c
			},
			mend:    (*rig).reachable,
			over:    outcome{calls: n},
			stopped: outcome{calls: 2 * n, sameID: n, slow: true},
		},
		{
			name: "connection hangs, idle",
			enter: func(r *rig) *container {
				c := r.start(r.uri.proxied)
				r.hang()
				r.send(n)
				return c
			},
			mend:    (*rig).reachable,
			over:    outcome{skip: true}, // below, until heartbeats tell
			stopped: outcome{calls: n, slow: true},
		},
		{
			name: "connection hangs, in work",
			enter: func(r *rig) *container {
				c := r.busy(n)
				r.hang()
				return c
			},
			mend:    (*rig).reachable,
			over:    outcome{skip: true},
			stopped: outcome{calls: 3 * n, slow: true},
		},
		{
			name: "connection hangs until heartbeats tell",
			enter: func(r *rig) *container {
				r.uri.proxied = withHeartbeat(r.t, r.uri.proxied, 1)
				c := r.busy(n)
				r.hang()
				c.logs(lost, 1)
				r.aws.release()
				return c
			},
			mend:    (*rig).reachable,
			over:    outcome{calls: 2 * n},
			stopped: outcome{skip: true},
		},
	}
}

// unconfirmed has all results of a busy step with the broker, and no confirm
// with the step.
func (r *rig) unconfirmed() *container {
	r.t.Helper()
	c := r.busy(0)
	r.near.Hold(testkit.ToClient)
	r.aws.release()
	r.waits(r.next(), prefetch)
	return c
}

// cut breaks all connections.
func (r *rig) cut() {
	r.far.Cut()
	r.near.Cut()
}

// away cuts, and keeps the step from connecting again.
func (r *rig) away() {
	r.near.Refuse(true)
	r.cut()
}

// hang leaves the connections open, with nothing passing.
func (r *rig) hang() {
	r.near.Hold(testkit.ToClient)
	r.far.Hold(testkit.ToServer)
}

// reachable ends all this. What is on its way is lost.
func (r *rig) reachable() {
	r.near.Refuse(false)
	r.cut()
	r.far.Forward()
	r.near.Forward()
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
