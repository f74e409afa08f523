package actions

import (
	"context"
	"encoding/json"
	"fmt"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
	"aws-secrets-manager-connector/internal/secretjson"
)

// writesValue is h, which stores the value of a secret, in the format of the step: h
// finds the object Secret as SecretString. The schema has checked the body.
func writesValue(s *step, h component.Handler) component.Handler {
	f, wrong := readValueFormat(s.deps.Config)
	return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
		if wrong != nil {
			return wrong
		}
		body, err := f.written(req.Message.Body)
		if err != nil {
			return err
		}
		req.Message.Body = body
		return h.Handle(ctx, req, out)
	})
}

// written is a body with the text that is to be stored.
func (f valueFormat) written(body json.RawMessage) (json.RawMessage, error) {
	var in members
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, fmt.Errorf("read the input: %w", err)
	}
	if err := f.checkInput(in); err != nil || !f.json {
		return body, err
	}
	text, err := secretjson.Compact(in["Secret"])
	if err != nil { // cannot happen: the schema asks for an object
		return nil, component.Errorf(component.InvalidInput, secretMember+": %v", err)
	}
	if len(text) > secretjson.MaxBytes {
		return nil, component.Errorf(component.InvalidInput, secretMember+": must have at most 65,536 bytes as JSON text without white space (given: %d bytes)", len(text))
	}
	delete(in, "Secret")
	if in["SecretString"], err = rawjson.Marshal(string(text)); err != nil {
		return nil, fmt.Errorf("write the input: %w", err)
	}
	return rawjson.Marshal(in)
}

const secretMember = `body.Secret ("Secret object")`

// checkInput holds that the value is given in the format.
func (f valueFormat) checkInput(in members) error {
	switch {
	case !f.json && in["Secret"] != nil:
		return component.Errorf(component.InvalidInput, secretMember+": is for %v %s – choose that in the step, or map SecretString", formatField(), formatJSON)
	case f.json && in["SecretString"] != nil, f.json && in["SecretBinary"] != nil:
		return component.Errorf(component.InvalidInput, "body: SecretString and SecretBinary are for %v %s – map Secret instead, or choose %s in the step",
			formatField(), formatText, formatText)
	case f.json && in["Secret"] == nil:
		return component.Errorf(component.InvalidInput, secretMember+": is required where %v is %s – map the keys and values, or choose %s in the step",
			formatField(), formatJSON, formatText)
	}
	return nil
}
