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
			enter: func(h *harness) *container {
				h.api.Refuse(true)
				h.send(n)
				c := h.launch(h.uri.proxied)
				c.logs(platformFails, 2)
				return c
			},
			mend:    func(h *harness) { h.api.Refuse(false) },
			over:    outcome{calls: n},
			stopped: outcome{calls: n},
		},
		{
			name: "platform responds with 503 at the start",
			enter: func(h *harness) *container {
				h.platform.Fail(503, 503)
				return h.start(h.uri.proxied)
			},
			mend:    func(h *harness) { h.send(n) },
			over:    outcome{calls: n},
			stopped: outcome{skip: true},
		},
		{
			name: "object storage slow",
			enter: func(h *harness) *container {
				h.releaseStorage = h.storage.Hold()
				c := h.start(h.uri.proxied)
				h.sendByReference(n)
				h.await("all work to wait for the storage", func() bool { return h.storage.Requests().Get == n })
				return c
			},
			mend:    func(h *harness) { h.releaseStorage() },
			over:    outcome{calls: n},
			stopped: outcome{calls: n},
		},
		{
			name: "object storage slow with results",
			env:  map[string]string{"EMIT_LIGHTWEIGHT_MESSAGE": "true", "OBJECT_STORAGE_SIZE_THRESHOLD": "1"},
			enter: func(h *harness) *container {
				h.releaseStorage = h.storage.Hold()
				c := h.start(h.uri.proxied)
				h.send(n)
				h.await("all work to wait for the storage", func() bool { return h.storage.Requests().Post == n })
				return c
			},
			mend:    func(h *harness) { h.releaseStorage() },
			over:    outcome{calls: n},
			stopped: outcome{calls: n, errors: n, slow: true},
		},
		{
			name: "object storage fails twice each way",
			env:  map[string]string{"EMIT_LIGHTWEIGHT_MESSAGE": "true", "OBJECT_STORAGE_SIZE_THRESHOLD": "1"},
			enter: func(h *harness) *container {
				h.storage.Fail(500, fake.HangUp, 200, 503, fake.HangUp)
				c := h.start(h.uri.proxied)
				h.sendByReference(1)
				return c
			},
			mend: func(h *harness) {
				h.settled()
				h.sendByReference(n)
			},
			over:    outcome{calls: n + 1},
			stopped: outcome{skip: true},
		},
		{
			name: "object storage gone",
			enter: func(h *harness) *container {
				h.storage.SetGone(true)
				c := h.start(h.uri.proxied)
				h.sendByReference(n)
				c.logs(failed, n)
				return c
			},
			mend: func(h *harness) {
				h.storage.SetGone(false)
				h.sendByReference(n)
			},
			over:    outcome{calls: n, errors: n},
			stopped: outcome{calls: n, errors: n},
		},
		{
			name: "AWS silent",
			enter: func(h *harness) *container {
				h.aws.link.Hold(testkit.ToClient)
				c := h.start(h.uri.proxied)
				h.send(n)
				h.await("all calls", func() bool { return h.aws.calls() == n })
				return c
			},
			mend:    func(h *harness) { h.aws.link.Forward() },
			over:    outcome{calls: n},
			stopped: outcome{calls: 2 * n, slow: true},
		},
		{
			name: "AWS responds without end",
			enter: func(h *harness) *container {
				h.aws.floods.Store(true)
				c := h.start(h.uri.proxied)
				h.send(n)
				c.logs(failed, n)
				return c
			},
			mend: func(h *harness) {
				h.aws.floods.Store(false)
				h.send(n)
			},
			over:    outcome{calls: n, errors: n},
			stopped: outcome{calls: n, errors: n},
		},
		{
			name: "AWS throttles",
			enter: func(h *harness) *container {
				require.NoError(h.t, h.aws.Inject(emulator.Fault{Kind: emulator.Throttle, Operation: function, Times: 3 * n}))
				c := h.start(h.uri.proxied)
				h.send(n)
				h.await("the first calls", func() bool { return h.aws.calls() >= n })
				return c
			},
			mend:    func(*harness) {},
			over:    outcome{calls: 4 * n, slow: true},
			stopped: outcome{calls: 4 * n, slow: true},
		},
		{
			name: "AWS fails in all ways",
			enter: func(h *harness) *container {
				for range 2 * n {
					for _, kind := range []string{emulator.Unavailable, emulator.ResetConn, emulator.LoseResponse, emulator.ServerError} {
						require.NoError(h.t, h.aws.Inject(emulator.Fault{Kind: kind, Operation: function, Times: 1}))
					}
				}
				c := h.start(h.uri.proxied)
				h.send(2 * n)
				h.await("the first calls", func() bool { return h.aws.calls() >= n })
				return c
			},
			mend:    func(*harness) {},
			over:    outcome{slow: true},
			stopped: outcome{slow: true},
		},
	}
}
