package actions

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/aws/smithy-go"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// decode reads a message's body, a JSON object with AWS's member names, into an
// operation's input. The schema has checked it, so an error here means that schema
// and input disagree. It repeats neither a value nor an unknown name.
func decode(body json.RawMessage, in any) error {
	if len(body) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(in)
	if err == nil {
		return nil
	}
	field := "the message's body"
	if wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrongType.Field != "" {
		field = wrongType.Field
	}
	return component.Errorf(component.InvalidInput, "%s does not fit the input of the operation", field)
}

// encode writes the members of v that are set as JSON: times as ISO 8601 UTC
// with milliseconds, bytes as base64.
func encode(v smithy.Serializable) json.RawMessage {
	if body := encodedBefore(v); body != nil {
		return body
	}
	return awsapi.Encode(v)
}
