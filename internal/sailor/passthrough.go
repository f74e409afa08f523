package sailor

import (
	"encoding/json"
	"fmt"
	"maps"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// inheritPassthrough sets what a message's emits carry of the steps before this
// one, where the step passes that on: the incoming passthrough, and the incoming
// message as well where NO_SELF_PASSTRHOUGH is set. It may be empty.
func (s *Sailor) inheritPassthrough(in *incoming) (err error) {
	if !s.step.IsPassthrough {
		return nil
	}
	passthrough := in.message.Passthrough
	if s.Settings.NoSelfPassthrough && in.headers.StepID != "" {
		passthrough, err = addEntry(passthrough, in.headers.StepID, in.message)
	} else if passthrough == nil {
		passthrough = map[string]json.RawMessage{}
	}
	in.setPassthrough(passthrough)
	return err
}

// passOn returns msg with what it carries of the steps before this one.
func (s *Sailor) passOn(in *incoming, msg component.Message) component.Message {
	if s.step.IsPassthrough {
		in.mu.Lock()
		defer in.mu.Unlock()
		msg.Passthrough = in.passthrough
	}
	return msg
}

// addSelf adds the emitted message itself to its passthrough, where the step
// asks for that. Bodies in it that have been moved are not moved again for the
// next emit.
func (s *Sailor) addSelf(in *incoming, msg component.Message) (_ component.Message, err error) {
	if !s.step.IsPassthrough {
		return msg, nil
	}
	in.setPassthrough(msg.Passthrough)
	if !s.Settings.NoSelfPassthrough {
		msg.Passthrough, err = addEntry(msg.Passthrough, s.Settings.StepID, msg)
	}
	return msg, err
}

func (in *incoming) setPassthrough(passthrough map[string]json.RawMessage) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.passthrough = passthrough
}

func addEntry(passthrough map[string]json.RawMessage, stepID string, msg component.Message) (map[string]json.RawMessage, error) {
	msg.Passthrough = nil
	if _, null := msg.Extra["passthrough"]; null {
		msg.Extra = maps.Clone(msg.Extra)
		delete(msg.Extra, "passthrough")
	}
	entry, err := envelope.FormatMessage(msg)
	if err != nil {
		return nil, fmt.Errorf("encode passthrough of step %s: %w", stepID, envelope.ErrJSON)
	}
	result := make(map[string]json.RawMessage, len(passthrough)+1)
	maps.Copy(result, passthrough)
	result[stepID] = entry
	return result, nil
}
