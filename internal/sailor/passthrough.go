package sailor

import (
	"encoding/json"
	"fmt"
	"maps"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// addPassthrough gives an emitted message the results of the steps before it,
// where the step asks for that: the incoming passthrough plus the message
// itself, or plus the incoming message where NO_SELF_PASSTRHOUGH is set.
func (s *Sailor) addPassthrough(msg *component.Message, incoming component.Message, headers envelope.Headers) error {
	msg.Passthrough = nil
	if !s.step.IsPassthrough {
		return nil
	}
	stepID, entry := s.Settings.StepID, *msg
	if s.Settings.NoSelfPassthrough {
		stepID, entry = headers.StepID, incoming
	}
	passthrough := maps.Clone(incoming.Passthrough)
	if passthrough == nil {
		passthrough = map[string]json.RawMessage{}
	}
	if stepID != "" {
		entry.Passthrough = nil
		raw, err := json.Marshal(entry)
		if err != nil {
			return fmt.Errorf("encode passthrough of step %s: %w", stepID, err)
		}
		passthrough[stepID] = raw
	}
	msg.Passthrough = passthrough
	return nil
}
