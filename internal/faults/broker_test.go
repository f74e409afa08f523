package faults

import (
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/testkit"
	"aws-secrets-manager-connector/internal/testkit/rabbitmq"
)

// brokerFaults are those of the broker itself.
func brokerFaults(private *outage) []fault {
	const n = prefetch
	return []fault{
		{
			name: "broker closes the channels, in work",
			enter: func(h *harness) *container {
				c := h.busy(n)
				h.near.Inject(h.t, testkit.ToServer, ackOfNothing())
				c.logs(joined, n)
				return c
			},
			mend:    func(h *harness) { h.aws.release() },
			over:    outcome{calls: 2 * n},
			stopped: outcome{calls: 2 * n},
		},
		{
			name: "input queue deleted, in work",
			enter: func(h *harness) *container {
				c := h.busy(0)
				require.NoError(h.t, h.admin.Delete(h.ctx, broker.Topology{Queues: []broker.Queue{h.inbox()}}))
				c.logs(cannotConsume, 2)
				return c
			},
			mend: func(h *harness) {
				h.aws.release()
				require.NoError(h.t, h.admin.Declare(h.ctx, broker.Topology{Exchange: h.id, Queues: []broker.Queue{h.inbox()}}))
				h.send(n)
			},
			over:    outcome{calls: 2 * n},
			stopped: outcome{calls: 2 * n},
		},
		{
			name:   "broker restarts, idle",
			broker: private,
			enter: func(h *harness) *container {
				c := h.start(h.uri.proxied)
				private.halt(h)
				c.logs(lost, 1)
				return c
			},
			mend: func(h *harness) {
				private.resume(h)
				h.send(n)
			},
			over:    outcome{calls: n, slow: true},
			stopped: outcome{calls: n, slow: true},
		},
		{
			name:   "broker restarts, in work",
			broker: private,
			enter: func(h *harness) *container {
				c := h.busy(n)
				private.halt(h)
				c.logs(lost, 1)
				return c
			},
			mend: func(h *harness) {
				h.aws.release()
				private.resume(h)
			},
			over:    outcome{calls: 2 * n, slow: true},
			stopped: outcome{calls: 3 * n, slow: true},
		},
		{
			name: "next queue full",
			env:  map[string]string{"AMQP_PUBLISH_MAX_RETRY_DELAY": "100"},
			next: broker.Queue{MaxLength: 2, RejectPublish: true},
			enter: func(h *harness) *container {
				c := h.start(h.uri.proxied)
				h.send(n)
				c.logs(cannotPublish, 2*(n-2))
				return c
			},
			mend:    (*harness).collectAll,
			over:    outcome{calls: n, retried: n - 2},
			stopped: outcome{calls: 2*n - 2},
		},
		{
			name: "headers that fit into no frame with ours, prefetch 1",
			env:  map[string]string{"RABBITMQ_PREFETCH_SAILOR": "1", "CONTAINER_ID": strings.Repeat("c", 3000)},
			enter: func(h *harness) *container {
				c := h.start(h.uri.proxied)
				h.sendLargeHeaders()
				h.send(n)
				c.logs(cannotBeSent, 1)
				return c
			},
			mend:    func(*harness) {},
			over:    outcome{calls: n + 1, errors: 1},
			stopped: outcome{calls: n + 1, errors: 1},
		},
		{
			name: "headers that fit into no frame with x-death, prefetch 1",
			env:  map[string]string{"RABBITMQ_PREFETCH_SAILOR": "1"},
			enter: func(h *harness) *container {
				require.NoError(h.t, h.aws.Inject(emulator.Fault{Kind: emulator.Throttle, Operation: function, Times: 3}))
				c := h.start(h.uri.proxied)
				h.sendLargeHeaders()
				c.logs(cannotBeSent, 1)
				return c
			},
			mend:    func(h *harness) { h.send(n) },
			over:    outcome{calls: n + 3, errors: 1, slow: true},
			stopped: outcome{calls: n + 3, errors: 1, slow: true},
		},
	}
}

// ackOfNothing is the frame of an acknowledgement to which the broker responds by
// closing the channel, for there is no such delivery.
func ackOfNothing() []byte {
	frame := []byte{1, 0, 1, 0, 0, 0, 13, 0, 60, 0, 80} // a method on channel 1, 13 bytes, basic.ack
	frame = binary.BigEndian.AppendUint64(frame, 1<<40)
	return append(frame, 0, 0xCE)
}

// outage is a broker that can be halted, so only one test uses it at a time.
type outage struct {
	t      *testing.T // ends after all that use it
	turn   sync.Mutex
	server *rabbitmq.Server
}

// begin starts the broker, and keeps others from it until the test's end.
func (o *outage) begin(t *testing.T) component.Secret {
	t.Helper()
	o.turn.Lock()
	t.Cleanup(o.turn.Unlock)
	if o.server == nil {
		server, err := rabbitmq.Start(o.t.Context())
		if errors.Is(err, rabbitmq.ErrNotFound) {
			t.Skip("the broker at AMQP_URI is not ours to halt, and there is no other")
		}
		require.NoError(t, err)
		o.server = server
		o.t.Cleanup(func() { assert.NoError(o.t, server.Stop()) })
	}
	return component.NewSecret(o.server.URI)
}

func (o *outage) halt(h *harness) {
	h.t.Helper()
	require.NoError(h.t, o.server.Halt())
}

func (o *outage) resume(h *harness) {
	h.t.Helper()
	require.NoError(h.t, o.server.Resume(h.ctx))
}
