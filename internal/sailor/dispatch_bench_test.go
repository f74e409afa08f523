package sailor

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// BenchmarkDispatch is all that the sailor does with a message, from its
// delivery to its settling, without the broker and without the function's own
// work.
func BenchmarkDispatch(b *testing.B) {
	benchmarkDispatch(b, false, component.NewMessage(json.RawMessage(`{"Name":"a"}`)))
}

// BenchmarkDispatchWithPassthrough has the results of three steps on their way
// with the message.
func BenchmarkDispatchWithPassthrough(b *testing.B) {
	entry := json.RawMessage(`{"headers":{},"body":{"Secret":"` + strings.Repeat("0123456789", 50) + `"}}`)
	m := component.NewMessage(json.RawMessage(`{"Name":"a"}`))
	m.Passthrough = map[string]json.RawMessage{"step_1": entry, "step_2": entry, "step_3": entry}
	benchmarkDispatch(b, true, m)
}

func benchmarkDispatch(b *testing.B, passthrough bool, m component.Message) {
	answer := []byte(`{"Name":"a","Secret":"0123456789012345678901234567890123456789"}`)
	r := newHarness(b, func(ctx context.Context, _ component.Request, out component.Emitter) error {
		return out.Data(ctx, component.NewMessage(answer))
	})
	r.env["DATA_RATE_LIMIT"], r.env["PROTOCOL_VERSION"] = "1000000000", "2"
	r.step.IsPassthrough = passthrough
	s := r.sailor()
	s.Sink = swallow{}
	s.Log, s.ComponentLog = slog.New(slog.DiscardHandler), slog.New(slog.DiscardHandler)
	s.publisher = newPublisher(b.Context(), s.Options, s.cipher)
	require.NoError(b, s.Source.Connect(b.Context()))
	deps, err := s.prepare(b.Context())
	require.NoError(b, err)
	require.NoError(b, s.start(b.Context(), deps))
	content, err := envelope.EncodeMessage(r.cipher, m, envelope.Raw)
	require.NoError(b, err)

	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		s.dispatch(b.Context(), broker.Delivery{
			Body: content, Settler: settled{},
			Properties: broker.Properties{Headers: map[string]any{
				"messageId": fmt.Sprint("message ", n), "parentMessageId": "parent", "threadId": "thread", "protocolVersion": int32(2),
				"execId": "exec", "taskId": "flow", "workspaceId": "workspace", "containerId": "container", "userId": "user",
				"stepId": "step_1", "compId": "comp", "function": "before", "start": int64(1), "end": int64(2), "x-eio-meta-trace-id": "trace",
			}},
		})
	}
	require.NoError(b, s.Source.Close())
}

// swallow confirms whatever is published.
type swallow struct{ broker.Sink }

func (swallow) Connect(context.Context) error { return nil }

func (swallow) Publish(context.Context, broker.Publication) error { return nil }

// settled takes how a delivery is settled, and does nothing.
type settled struct{}

func (settled) Ack(context.Context) error     { return nil }
func (settled) Reject(context.Context) error  { return nil }
func (settled) Requeue(context.Context) error { return nil }
