package actions

import (
	"encoding/json"

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
	fields, err := component.ReadFields(config)
	if err != nil {
		return f, err
	}
	format, err := fields.Choice(formatField(), formatText, formatJSON)
	if err != nil {
		return f, err
	}
	f.json = format == formatJSON
	field := component.Field{Name: "keys", Label: "Keys"}
	keys, err := fields.Text(field)
	if err != nil {
		return f, err
	}
	f.keys, err = secretjson.ParseKeys(keys)
	switch {
	case err != nil:
		return f, component.Errorf(component.InvalidConfig, "%v: %v", field, err)
	case f.keys.Any() && !f.json:
		return f, component.Errorf(component.InvalidConfig, "%v is for %v %s: choose that, or leave the keys empty", field, formatField(), formatJSON)
	}
	return f, nil
}

func formatField() component.Field {
	return component.Field{Name: "valueFormat", Label: "Format of the value"}
}
