package faults

import (
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit"
)

// serviceFaults are those of the platform, its object storage and AWS.
func serviceFaults() []fault {
	const n = prefetch
	return []fault{
		{
			name: "platform away at the start",
			env:  map[string]string{"API_REQUEST_RETRY_ATTEMPTS": "1000", "API_REQUEST_RETRY_DELAY": "50"},
			enter: func(r *rig) *container {
				r.api.Refuse(true)
				r.send(n)
				c := r.launch(r.uri.proxied)
				c.logs(platformFails, 2)
				return c
			},
			mend:    func(r *rig) { r.api.Refuse(false) },
			over:    outcome{calls: n},
			stopped: outcome{calls: n},
		},
		{
			name: "platform answers 503 at the start",
			enter: func(r *rig) *container {
				r.platform.Fail(503, 503)
				return r.start(r.uri.proxied)
			},
			mend:    func(r *rig) { r.send(n) },
			over:    outcome{calls: n},
			stopped: outcome{skip: true},
		},
		{
			name: "object storage slow",
			enter: func(r *rig) *container {
				r.releaseStorage = r.storage.Hold()
				c := r.start(r.uri.proxied)
				r.sendByReference(n)
				r.await("all work to wait for the storage", func() bool { return r.storage.Requests().Get == n })
				return c
			},
			mend:    func(r *rig) { r.releaseStorage() },
			over:    outcome{calls: n},
			stopped: outcome{calls: n},
		},
		{
			name: "object storage slow with results",
			env:  map[string]string{"EMIT_LIGHTWEIGHT_MESSAGE": "true", "OBJECT_STORAGE_SIZE_THRESHOLD": "1"},
			enter: func(r *rig) *container {
				r.releaseStorage = r.storage.Hold()
				c := r.start(r.uri.proxied)
				r.send(n)
				r.await("all work to wait for the storage", func() bool { return r.storage.Requests().Post == n })
				return c
			},
			mend:    func(r *rig) { r.releaseStorage() },
			over:    outcome{calls: n},
			stopped: outcome{calls: n, errors: n, slow: true},
		},
		{
			name: "object storage fails twice each way",
			env:  map[string]string{"EMIT_LIGHTWEIGHT_MESSAGE": "true", "OBJECT_STORAGE_SIZE_THRESHOLD": "1"},
			enter: func(r *rig) *container {
				r.storage.Fail(500, fake.HangUp, 200, 503, fake.HangUp)
				c := r.start(r.uri.proxied)
				r.sendByReference(1)
				return c
			},
			mend: func(r *rig) {
				r.settled()
				r.sendByReference(n)
			},
			over:    outcome{calls: n + 1},
			stopped: outcome{skip: true},
		},
		{
			name: "object storage gone",
			enter: func(r *rig) *container {
				r.storage.SetGone(true)
				c := r.start(r.uri.proxied)
				r.sendByReference(n)
				c.logs(failed, n)
				return c
			},
			mend: func(r *rig) {
				r.storage.SetGone(false)
				r.sendByReference(n)
			},
			over:    outcome{calls: n, errors: n},
			stopped: outcome{calls: n, errors: n},
		},
		{
			name: "AWS silent",
			enter: func(r *rig) *container {
				r.aws.link.Hold(testkit.ToClient)
				c := r.start(r.uri.proxied)
				r.send(n)
				r.await("all calls", func() bool { return r.aws.calls() == n })
				return c
			},
			mend:    func(r *rig) { r.aws.link.Forward() },
			over:    outcome{calls: n},
			stopped: outcome{calls: 2 * n, slow: true},
		},
		{
			name: "AWS throttles",
			enter: func(r *rig) *container {
				require.NoError(r.t, r.aws.Inject(emulator.Fault{Kind: emulator.Throttle, Operation: function, Times: 3 * n}))
				c := r.start(r.uri.proxied)
				r.send(n)
				r.await("the first calls", func() bool { return r.aws.calls() >= n })
				return c
			},
			mend:    func(*rig) {},
			over:    outcome{calls: 4 * n, slow: true},
			stopped: outcome{calls: 4 * n, slow: true},
		},
		{
			name: "AWS fails in all ways",
			enter: func(r *rig) *container {
				for range 2 * n {
					for _, kind := range []string{emulator.Unavailable, emulator.ResetConn, emulator.LoseResponse, emulator.ServerError} {
						require.NoError(r.t, r.aws.Inject(emulator.Fault{Kind: kind, Operation: function, Times: 1}))
					}
				}
				c := r.start(r.uri.proxied)
				r.send(2 * n)
				r.await("the first calls", func() bool { return r.aws.calls() >= n })
				return c
			},
			mend:    func(*rig) {},
			over:    outcome{slow: true},
			stopped: outcome{slow: true},
		},
	}
}
