package actions

import (
	"encoding/json"
	"errors"
	"unicode/utf8"

	"aws-secrets-manager-connector/internal/component"
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
