package envelope

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestOriginHeaders(t *testing.T) {
	origin := Origin{
		ExecID: "e", FlowID: "f", WorkspaceID: "w", ContainerID: "c", UserID: "u", StepID: "s", CompID: "co", Function: "fn",
	}
	fixed := func(more map[string]any) map[string]any {
		h := map[string]any{
			"execId": "e", "taskId": "f", "workspaceId": "w", "containerId": "c", "userId": "u", "stepId": "s",
			"compId": "co", "function": "fn", "messageId": "new",
		}
		for name, value := range more {
			h[name] = value
		}
		return h
	}
	start, end := time.UnixMilli(1700000000123), time.UnixMilli(1700000000456)

	t.Run("answer to a message", func(t *testing.T) {
		in := Headers{
			MessageID: "m", ParentMessageID: "grandparent", ThreadID: "t", StepID: "sender", ReplyTo: "r", Protocol: 2, Retry: 3,
			Propagated: map[string]any{"x-eio-meta-a": "1", "parentMessageId": "m", "threadId": 7, "reply_to": "r"},
		}
		assert.Equal(t, fixed(map[string]any{
			"parentMessageId": "m", "threadId": 7, "reply_to": "r", "x-eio-meta-a": "1",
			"start": int64(1700000000123), "end": int64(1700000000456),
		}), origin.StaticHeaders().Headers(in, "new", start, end))
	})

	t.Run("failure before any message", func(t *testing.T) {
		assert.Equal(t, fixed(nil), origin.StaticHeaders().Headers(Headers{}, "new", time.Time{}, time.Time{}))
	})

	t.Run("additional ones yield to the fixed, not to the carried-on", func(t *testing.T) {
		origin := origin
		origin.Additional = map[string]string{
			"tenantId": "x", "flowId": "y", "execId": "no", "threadId": "no", "messageId": "no", "parentMessageId": "no",
			"start": "no", "x-eio-meta-a": "wins", "reply_to": "wins",
		}
		in := Headers{Propagated: map[string]any{"x-eio-meta-a": "1", "threadId": "t", "reply_to": "r"}}
		assert.Equal(t, fixed(map[string]any{
			"threadId": "t", "tenantId": "x", "flowId": "y", "x-eio-meta-a": "wins", "reply_to": "wins", "start": int64(1700000000123),
		}), origin.StaticHeaders().Headers(in, "new", start, time.Time{}))
	})

	t.Run("each call returns a map of its own", func(t *testing.T) {
		in := Headers{Propagated: map[string]any{"x-eio-meta-a": "1"}}
		stamp := origin.StaticHeaders()
		first := stamp.Headers(in, "new", start, end)
		first["snapshotEvent"] = "snapshot"
		assert.NotContains(t, stamp.Headers(in, "new", start, end), "snapshotEvent")
		assert.Len(t, in.Propagated, 1)
	})
}
