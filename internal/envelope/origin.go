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

// StaticHeaders are those headers of all that a step emits that never change.
type StaticHeaders map[string]any

// StaticHeaders returns the headers of the origin.
func (o Origin) StaticHeaders() StaticHeaders {
	s := StaticHeaders{}
	for name, value := range o.Additional {
		s[name] = value
	}
	delete(s, threadID) // these two are carried on, or are not there
	delete(s, parentMessageID)
	maps.Copy(s, map[string]any{
		"execId": o.ExecID, "taskId": o.FlowID, "workspaceId": o.WorkspaceID, "containerId": o.ContainerID,
		"userId": o.UserID, "stepId": o.StepID, "compId": o.CompID, "function": o.Function,
	})
	return s
}

// Headers returns the AMQP headers of a message that the step emits. in are
// those of the message it answers, zero when a failure comes before any;
// messageID is a text as a rule. A zero start or end is left out.
func (s StaticHeaders) Headers(in Headers, messageID any, start, end time.Time) map[string]any {
	const more = 4 // messageId, start, end, and one that the caller may add
	h := make(map[string]any, len(in.Propagated)+len(s)+more)
	maps.Copy(h, in.Propagated)
	maps.Copy(h, s)
	h["messageId"] = messageID
	putTime(h, "start", start)
	putTime(h, "end", end)
	return h
}

// maxID is how long an id may be, in bytes, that WithoutPropagated keeps.
const maxID = 255

// WithoutPropagated returns the headers of an emit without those that came with
// the message it answers, where these cannot be sent on. The ids of that message
// and its thread stay, unless they are long.
func WithoutPropagated(emit map[string]any, in Headers) map[string]any {
	out := maps.Clone(emit)
	for name := range in.Propagated {
		delete(out, name)
	}
	for name, id := range map[string]string{threadID: in.ThreadID, parentMessageID: in.MessageID} {
		if id != "" && len(id) <= maxID {
			out[name] = id
		}
	}
	return out
}

func putTime(h map[string]any, name string, t time.Time) {
	if !t.IsZero() {
		h[name] = t.UnixMilli()
	}
}
