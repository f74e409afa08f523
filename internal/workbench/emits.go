package workbench

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"sync"

	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/terminal"
)

// mostEmits bounds the bodies that are kept to be revealed: the last ones.
const mostEmits = 500

// emits keeps bodies, whose secrets the page gets one by one and only when a
// person asks. Its zero value is empty.
type emits struct {
	mu     sync.Mutex
	first  int // number of the oldest that is kept
	bodies []json.RawMessage
}

func (e *emits) keep(body json.RawMessage) (id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.bodies) == mostEmits {
		e.bodies, e.first = e.bodies[1:], e.first+1
	}
	e.bodies = append(e.bodies, body)
	return strconv.Itoa(e.first + len(e.bodies) - 1)
}

var errForgotten = errors.New("this value is not kept any more: run the function again")

// reveal returns the value at a path of member names and positions.
func (e *emits) reveal(id string, path []string) (json.RawMessage, error) {
	number, err := strconv.Atoi(id)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil || number < e.first || number >= e.first+len(e.bodies) {
		return nil, errForgotten
	}
	value := e.bodies[number-e.first]
	for _, step := range path {
		if value = child(value, step); value == nil {
			return nil, errForgotten
		}
	}
	return value, nil
}

// child is a member of an object or an entry of a list, or nil.
func child(value json.RawMessage, step string) json.RawMessage {
	if bytes.HasPrefix(bytes.TrimSpace(value), []byte("[")) {
		var entries []json.RawMessage
		if i, err := strconv.Atoi(step); err == nil && json.Unmarshal(value, &entries) == nil && i >= 0 && i < len(entries) {
			return entries[i]
		}
		return nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(value, &members) != nil {
		return nil
	}
	return members[step]
}

// emitted is what the page is told of an output.
func (w *Workbench) emitted(got fake.Received, out terminal.Masker) *exchanged {
	e := &exchanged{Kind: got.Kind, Function: got.Function, Headers: telling(got.Headers)}
	switch got.Kind {
	case "data":
		e.ID, e.Body = w.emits.keep(got.Content), out.Mask(got.Content)
	case "error":
		e.Error = &failure{Name: got.Failure.Name, Message: got.Failure.Message}
	case "snapshot":
		e.Body = w.keepSnapshot(got)
	}
	return e
}

// keepSnapshot stores a snapshot as the platform does, for the step's next start.
func (w *Workbench) keepSnapshot(got fake.Received) json.RawMessage {
	var members map[string]any
	if json.Unmarshal(got.Body, &members) != nil {
		return nil
	}
	snapshot := w.snapshots[got.Function]
	if snapshot == nil || got.Headers["snapshotEvent"] == "snapshot" {
		snapshot = map[string]any{}
	}
	for name, value := range members {
		snapshot[name] = value
	}
	w.snapshots[got.Function] = snapshot
	return got.Body
}

// telling are the headers that a person may want to see.
func telling(headers map[string]any) map[string]any {
	matter := map[string]any{}
	for _, name := range []string{
		"messageId", "parentMessageId", "threadId", "protocolVersion", "reply_to", "reboundReason", "reboundIteration",
		"snapshotEvent", "x-eio-error-response",
	} {
		if value, ok := headers[name]; ok {
			matter[name] = value
		}
	}
	return matter
}
