package actions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
	"aws-secrets-manager-connector/internal/secretjson"
)

// The values of the field valueFormat.
const (
	formatText = "text" // a value is SecretString or SecretBinary, as AWS has it
	formatJSON = "json" // a value is the object Secret
)

// valueFormat is what the designer of a flow enters about values.
type valueFormat struct {
	json bool
	keys secretjson.Keys // the only ones that are emitted; none: all
}

func readValueFormat(config json.RawMessage) (f valueFormat, err error) {
	var fields struct {
		ValueFormat string `json:"valueFormat"`
		Keys        string `json:"keys"`
	}
	err = json.Unmarshal(config, &fields)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" { // all else is told by the client
		return f, component.Errorf(component.InvalidConfig, "%s must be text", wrong.Field)
	}
	if f.keys, err = secretjson.ParseKeys(fields.Keys); err != nil {
		return f, component.Errorf(component.InvalidConfig, "keys: %v", err)
	}
	switch fields.ValueFormat {
	case formatJSON:
		f.json = true
	case formatText, "":
		if f.keys.Any() {
			return f, component.Errorf(component.InvalidConfig, "keys is for valueFormat %s: choose that, or empty keys", formatJSON)
		}
	default:
		return f, component.Errorf(component.InvalidConfig, "valueFormat must be %s or %s; what was given has %d characters",
			formatText, formatJSON, utf8.RuneCountInString(fields.ValueFormat))
	}
	return f, nil
}

// schema is a schema with values in this format alone.
func (f valueFormat) schema(schema json.RawMessage) json.RawMessage {
	return eachMember(schema, func(keyword string, value json.RawMessage) json.RawMessage {
		switch {
		case keyword == "items":
			return f.schema(value)
		case keyword == "example" && f.json:
			return secretjson.Unfold(value)
		case keyword != "properties":
			return value
		case f.json:
			value = withoutMembers(value, "SecretString", "SecretBinary")
		default:
			value = withoutMembers(value, "Secret")
		}
		return eachMember(value, func(_ string, property json.RawMessage) json.RawMessage { return f.schema(property) })
	})
}

// input is the schema of an input in this format. What may be given together is then
// simpler to say.
func (f valueFormat) input(schema json.RawMessage) json.RawMessage {
	if !hasSecret(schema) {
		return schema
	}
	schema = f.schema(schema)
	if f.json {
		schema = withoutMembers(schema, "oneOf", "not")
	}
	return eachMember(schema, func(keyword string, value json.RawMessage) json.RawMessage {
		switch {
		case keyword == "oneOf":
			return json.RawMessage(`[{"required":["SecretString"]},{"required":["SecretBinary"]}]`)
		case keyword != "properties":
			return value
		}
		return eachMember(value, func(name string, property json.RawMessage) json.RawMessage {
			if name == "Secret" {
				return joined(property, json.RawMessage(`{"required":true}`))
			}
			return property
		})
	})
}

// readsValues is h, which emits values of secrets, in the format of the step.
func readsValues(s *step, h component.Handler) component.Handler {
	f, wrong := readValueFormat(s.deps.Config)
	if wrong == nil && !f.json {
		return h
	}
	return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
		if wrong != nil {
			return wrong
		}
		return h.Handle(ctx, req, objects{out, f})
	})
}

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
		return component.Errorf(component.InvalidInput, secretMember+": is for valueFormat %s – choose that in the step, or map SecretString", formatJSON)
	case f.json && in["SecretString"] != nil, f.json && in["SecretBinary"] != nil:
		return component.Errorf(component.InvalidInput, "body: SecretString and SecretBinary are for valueFormat %s – map Secret instead, or choose %s in the step",
			formatText, formatText)
	case f.json && in["Secret"] == nil:
		return component.Errorf(component.InvalidInput, secretMember+": is required where valueFormat is %s – map the keys and values, or choose %s in the step",
			formatJSON, formatText)
	}
	return nil
}

// objects emits the objects that are in values in the place of their texts.
type objects struct {
	component.Emitter
	valueFormat
}

// Data emits a value, or a page of values. A value that has no object is an error
// beside the others, on a page among its Errors.
func (o objects) Data(ctx context.Context, msg component.Message) error {
	var body members
	if err := json.Unmarshal(msg.Body, &body); err != nil {
		return fmt.Errorf("read the output: %w", err)
	}
	var err error
	if body["SecretValues"] != nil {
		err = o.replaceAll(body)
	} else if failed := o.replace(body); failed != nil {
		return o.Emitter.Error(ctx, failed)
	}
	if err == nil {
		msg.Body, err = rawjson.Marshal(body)
	}
	if err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return o.Emitter.Data(ctx, msg)
}

// members are those of a JSON object.
type members map[string]json.RawMessage

// replaceAll puts an object into each value of a page.
func (f valueFormat) replaceAll(page members) error {
	var all []members
	if err := json.Unmarshal(page["SecretValues"], &all); err != nil {
		return err
	}
	var errs []any
	if page["Errors"] != nil {
		if err := json.Unmarshal(page["Errors"], &errs); err != nil {
			return err
		}
	}
	values := []members{}
	for _, value := range all {
		if failed := f.replace(value); failed != nil {
			errs = append(errs, map[string]string{"SecretId": value.name(), "ErrorCode": failed.Name, "Message": failed.Message})
			continue
		}
		values = append(values, value)
	}
	var err error
	if page["SecretValues"], err = rawjson.Marshal(values); err == nil && errs != nil {
		page["Errors"], err = rawjson.Marshal(errs)
	}
	return err
}

// replace puts what the text of a value says in the place of the text.
func (f valueFormat) replace(value members) *component.Error {
	var text string
	_ = json.Unmarshal(value["SecretString"], &text) // where there is none, there is no object either
	object, err := secretjson.Compact([]byte(text))
	if err != nil {
		return component.Errorf(component.InvalidOutput,
			"the value of %.256q is not a JSON object, as valueFormat %s asks for; choose %s, or store an object", value.name(), formatJSON, formatText)
	}
	object, failed := f.pick(object, value.name())
	if failed != nil {
		return failed
	}
	delete(value, "SecretString")
	value["Secret"] = object
	return nil
}

// pick returns what the step wants of the value of the secret of that name.
func (f valueFormat) pick(object json.RawMessage, secret string) (json.RawMessage, *component.Error) {
	if !f.keys.Any() {
		return object, nil
	}
	picked, missing, err := f.keys.Pick(object)
	if missing != nil || err != nil {
		return nil, component.Errorf(component.InvalidOutput, "the value of %.256q does not have what keys asks for: %s", secret, quoted(missing))
	}
	return picked, nil
}

func (m members) name() (name string) {
	_ = json.Unmarshal(m["Name"], &name) // a value without a name has none to tell
	return name
}

func quoted(keys []string) string {
	var list []string
	for _, key := range keys {
		list = append(list, fmt.Sprintf("%.100q", key))
	}
	return strings.Join(list, ", ")
}
