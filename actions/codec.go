package actions

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"

	"github.com/aws/smithy-go"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// decode reads a message's body, a JSON object with AWS's member names, into an
// operation's input. The schema layer has checked it, so errors are rare here;
// they never repeat a value.
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
	var wrongType *json.UnmarshalTypeError
	var notBase64 base64.CorruptInputError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrongType):
		field := wrongType.Field
		if field == "" {
			field = "the message's body"
		}
		return component.Errorf(component.InvalidInput, "%s must be %s", field, inWords(wrongType.Type))
	case errors.As(err, &notBase64):
		return component.Errorf(component.InvalidInput, "SecretBinary must be base64; character %d is not", int64(notBase64)+1)
	case errors.As(err, &syntax):
		return component.Errorf(component.InvalidInput, "the message's body must be JSON")
	}
	return component.Errorf(component.InvalidInput, "the message's body cannot be read: %v", err)
}

func inWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "base64 text"
		}
		return "a list"
	}
	return "an object"
}

// encode writes the members of v that are set as JSON: times as ISO 8601 UTC
// with milliseconds, bytes as base64.
func encode(v smithy.Serializable) json.RawMessage { return awsapi.Encode(v) }
