package sailor

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
)

// What comes with a message may leave no room in a frame for what we add, or
// have the broker close the channel. It becomes an error emit all the same, and
// the next message goes through.
func TestWhatCannotBeSentOn(t *testing.T) {
	const frame = 131072
	large := strings.Repeat("x", frame-200) // comes in, and goes out no more
	tooLong := strings.Repeat("k", 300)
	rebound := func(context.Context, component.Request, component.Emitter) error {
		return &component.Rebound{Reason: strings.Repeat("r", 200)}
	}
	allBut := func(keep func(broker.Publication) bool) func(broker.Publication) bool {
		return func(p broker.Publication) bool {
			return p.RoutingKey == "data" && p.Headers["parentMessageId"] == "m1" || p.RoutingKey == "error" && !keep(p)
		}
	}
	for name, tc := range map[string]struct {
		handle     component.HandlerFunc
		headers    map[string]any
		unsendable func(broker.Publication) bool
		wantText   string
		wantInput  bool
		wantIDs    map[string]any
		// wantCarried: the headers that came are no hindrance to an error emit.
		wantCarried bool
		wantReply   bool
	}{
		"large meta header": {
			headers:  map[string]any{"messageId": "m1", "threadId": "t", "x-eio-meta-large": large},
			wantText: "of an AMQP frame", wantInput: true, wantIDs: map[string]any{"threadId": "t", "parentMessageId": "m1"},
		},
		"large meta header, rebound": { // it would fit, if it were not dead-lettered
			handle:   rebound,
			headers:  map[string]any{"messageId": "m1", "threadId": "t", "x-eio-meta-large": large[2000:]},
			wantText: "of an AMQP frame", wantInput: true, wantIDs: map[string]any{"threadId": "t", "parentMessageId": "m1"},
			wantCarried: true,
		},
		"large ids": {
			headers:  map[string]any{"messageId": large[:frame/2], "threadId": large[:frame/2-200]},
			wantText: "of an AMQP frame", wantInput: true, wantIDs: map[string]any{},
		},
		"large meta header, somebody waits": {
			headers:  map[string]any{"messageId": "m1", "threadId": "t", "reply_to": "reply", "x-eio-meta-large": large},
			wantText: "of an AMQP frame", wantInput: true, wantIDs: map[string]any{"threadId": "t", "parentMessageId": "m1"}, wantReply: true,
		},
		"reply_to that is no routing key": {
			handle: func(ctx context.Context, req component.Request, out component.Emitter) error {
				return out.HTTPReply(ctx, component.HTTPReply{})
			},
			headers:  map[string]any{"messageId": "m1", "threadId": "t", "reply_to": tooLong},
			wantText: "routing key has 300 bytes", wantInput: true, wantIDs: map[string]any{"threadId": "t", "parentMessageId": "m1"},
		},
		"what the broker takes without the input only": {
			headers:    map[string]any{"messageId": "m1", "threadId": "t", "x-eio-meta-a": "1"},
			unsendable: allBut(func(p broker.Publication) bool { return !bytes.Contains(p.Body, []byte("errorInput")) }),
			wantText:   "refused", wantIDs: map[string]any{"threadId": "t", "parentMessageId": "m1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
				if tc.handle != nil && req.MessageID != "m2" {
					return tc.handle(ctx, req, out)
				}
				return echo(ctx, req, out)
			})
			r.unsendable = tc.unsendable
			stop := r.start()
			r.send(`{"Name": "n"}`, tc.headers)
			r.send(`{"Name": "next"}`, map[string]any{"messageId": "m2"})

			d, failure, input := r.receiveError()
			assert.Contains(t, failure.Message, tc.wantText)
			assert.Equal(t, tc.wantInput, len(input.Body) > 0)
			ids := map[string]any{}
			for _, name := range []string{"threadId", "parentMessageId"} {
				if id, ok := d.Headers[name]; ok {
					ids[name] = id
				}
			}
			assert.Equal(t, tc.wantIDs, ids)
			_, carried := d.Headers["x-eio-meta-large"]
			assert.Equal(t, tc.wantCarried, carried)
			if tc.wantReply {
				reply := r.receive()
				assert.Equal(t, "reply", reply.RoutingKey)
				assert.Equal(t, true, reply.Headers["x-eio-error-response"])
			}
			_, next := r.receiveData()
			assert.JSONEq(t, `{"Name": "next"}`, string(next.Body))
			assert.Equal(t, 1, r.rejected())
			assert.Contains(t, r.log.String(), "message cannot be sent")
			r.requireDrained(stop)
		})
	}
}

func TestErrorThatCannotBeSentAtAll(t *testing.T) {
	r := newHarness(t, func(context.Context, component.Request, component.Emitter) error { return errTest })
	r.unsendable = func(p broker.Publication) bool { return p.RoutingKey == "error" }
	stop := r.start()
	r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
	require.Eventually(t, func() bool { return r.rejected() == 1 }, testTimeout, poll)
	r.requireDrained(stop)
}
