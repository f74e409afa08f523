package actions

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
	"aws-secrets-manager-connector/internal/secretjson"
)

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
			"the value of %.256q is not a JSON object, as %v %s asks for; choose %s, or store an object", value.name(), formatField(), formatJSON, formatText)
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
