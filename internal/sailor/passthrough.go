package sailor

import (
	"encoding/json"
	"fmt"
	"maps"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// inherit returns the results of the steps before this one, where the step
// passes them on: the incoming passthrough, and the incoming message as well
// where NO_SELF_PASSTRHOUGH is set. It may be empty.
func (s *Sailor) inherit(incoming component.Message, headers *envelope.Headers) (map[string]json.RawMessage, error) {
	if !s.step.IsPassthrough {
		return nil, nil
	}
	if s.Settings.NoSelfPassthrough && headers.StepID != "" {
		return addEntry(incoming.Passthrough, headers.StepID, incoming)
	}
	if incoming.Passthrough == nil {
		return map[string]json.RawMessage{}, nil
	}
	return incoming.Passthrough, nil
}

// addSelf adds the emitted message itself to its passthrough, where the step
// asks for that.
func (s *Sailor) addSelf(msg *component.Message) (err error) {
	if s.step.IsPassthrough && !s.Settings.NoSelfPassthrough {
		msg.Passthrough, err = addEntry(msg.Passthrough, s.Settings.StepID, *msg)
	}
	return err
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
