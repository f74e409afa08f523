package awsapi

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/schemas"
	"github.com/aws/smithy-go"

	"aws-secrets-manager-connector/internal/smclient"
)

// Raw runs an operation that may be newer than this release, and returns the
// response's body as AWS has it.
func (r *regionalClient) Raw(ctx context.Context, operation string, body RawInput) (json.RawMessage, error) {
	return smclient.Raw(ctx, r.Client, operation, body.SecretID(), body)
}

// RawInput is the body of such an operation, a JSON object, as an input for Wrap:
// nothing but the secret's name shows of it.
type RawInput json.RawMessage

func (r RawInput) members() (body map[string]any) {
	_ = json.Unmarshal(r, &body) // the caller has checked it
	return body
}

// SecretID is the secret that the body is about, "" if it names none.
func (r RawInput) SecretID() string {
	body := r.members()
	for _, name := range []string{"SecretId", "Name"} {
		if id, ok := body[name].(string); ok {
			return id
		}
	}
	return ""
}

// Serialize implements smithy.Serializable, with the marks of the members that
// Wrap looks for.
func (r RawInput) Serialize(s smithy.ShapeSerializer) {
	id := r.SecretID()
	s.WriteStruct(schemas.PutSecretValueRequest)
	s.WriteString(schemas.PutSecretValueRequest_SecretId, id)
	for name, value := range r.members() {
		isValue := name == "SecretString" || name == "SecretBinary" || name == "RotationToken"
		eachText(value, func(text string) {
			if isValue || text != id && len(text) >= scrubWindow { // shorter ones are in any sentence
				s.WriteString(schemas.PutSecretValueRequest_SecretString, text)
			}
		})
	}
	s.CloseStruct()
}

// eachText calls do with all text in a JSON value.
func eachText(value any, do func(string)) {
	switch value := value.(type) {
	case string:
		do(value)
	case []any:
		for _, entry := range value {
			eachText(entry, do)
		}
	case map[string]any:
		for name, member := range value {
			do(name)
			eachText(member, do)
		}
	}
}
