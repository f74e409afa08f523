package envelope

import (
	"maps"
	"time"
)

// Origin tells which step a message comes from.
type Origin struct {
	ExecID      string
	FlowID      string // goes out as taskId
	WorkspaceID string
	ContainerID string
	UserID      string
	StepID      string
	CompID      string
	Function    string
	// Additional headers, by name. They yield to all others but the carried-on.
	Additional map[string]string
}

// Headers returns the AMQP headers of a message that this step emits. in are
// those of the message it answers, zero when a failure comes before any. A zero
// start or end is left out, and so are the thread and parent where unknown.
func (o Origin) Headers(in Headers, messageID string, start, end time.Time) map[string]any {
	h := make(map[string]any, 16+len(in.Meta)+len(o.Additional))
	maps.Copy(h, in.Meta)
	put(h, "reply_to", in.ReplyTo)
	for name, value := range o.Additional {
		h[name] = value
	}
	put(h, "parentMessageId", in.MessageID)
	put(h, "threadId", in.ThreadID)
	h["messageId"] = messageID
	h["execId"] = o.ExecID
	h["taskId"] = o.FlowID
	h["workspaceId"] = o.WorkspaceID
	h["containerId"] = o.ContainerID
	h["userId"] = o.UserID
	h["stepId"] = o.StepID
	h["compId"] = o.CompID
	h["function"] = o.Function
	putTime(h, "start", start)
	putTime(h, "end", end)
	return h
}

// put sets a header, or removes it, should an additional one have its name.
func put(h map[string]any, name, value string) {
	if value == "" {
		delete(h, name)
		return
	}
	h[name] = value
}

func putTime(h map[string]any, name string, t time.Time) {
	if !t.IsZero() {
		h[name] = t.UnixMilli()
	}
}
