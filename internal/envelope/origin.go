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
// those of the message it answers, zero when a failure comes before any;
// messageID is a text as a rule. A zero start or end is left out.
func (o Origin) Headers(in Headers, messageID any, start, end time.Time) map[string]any {
	h := make(map[string]any, 16+len(in.Carried)+len(o.Additional))
	maps.Copy(h, in.Carried)
	for name, value := range o.Additional {
		h[name] = value
	}
	for _, name := range []string{threadID, parentMessageID} {
		if value, ok := in.Carried[name]; ok {
			h[name] = value
		} else {
			delete(h, name) // of an additional one
		}
	}
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

func putTime(h map[string]any, name string, t time.Time) {
	if !t.IsZero() {
		h[name] = t.UnixMilli()
	}
}
