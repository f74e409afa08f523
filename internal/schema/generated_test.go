package schema

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestShapeOfTheGeneratedConnector(t *testing.T) {
	s := compiled(t, `{"type": "object", "additionalProperties": false, "properties": {
		"SecretId": {"type": "string", "required": true}, "VersionId": {"type": "string"}, "Version": {"type": "string"}}}`)
	const moved = "body: has the shape of the generated connector: leave out Action, Version, X_Amz_… and requestBody, " +
		"and map directly into the body what was below requestBody: SecretId, Version, VersionId (see docs/migrating.md)"
	for _, body := range []string{
		`{"Action": "` + planted + `", "Version": "2017-10-17", "X_Amz_Date": "` + planted + `", "requestBody": {"SecretId": "` + planted + `"}}`,
		`{"requestBody": {"SecretId": "a"}}`,
		`{"SecretId": "a", "requestBody": null}`, // the step's field holds the secret
		`{"X-Amz-Credential": "` + planted + `"}`,
	} {
		_, err := s.Check(json.RawMessage(body))
		assert.EqualError(t, err, moved)
	}
	for body, want := range map[string]string{
		`{"Action": "GetSecretValue", "SecretId": "a"}`:                 "body: has an unknown property (given: a name of 6 characters, not one of SecretId, Version, VersionId)",
		`{"Action": "GetSecretValue", "Version": "1", "SecretId": "a"}`: "body: has an unknown property (given: a name of 6 characters, not one of SecretId, Version, VersionId)",
	} {
		_, err := s.Check(json.RawMessage(body))
		assert.EqualError(t, err, want)
	}

	none := compiled(t, `{"type": "object", "additionalProperties": false}`)
	_, err := none.Check(json.RawMessage(`{"Action": "a", "Version": "1"}`))
	assert.EqualError(t, err, "body: has the shape of the generated connector: leave out Action, Version, X_Amz_… and requestBody (see docs/migrating.md)")

	own := compiled(t, `{"type": "object", "properties": {"requestBody": {"type": "string"}}}`)
	_, err = own.Check(json.RawMessage(`{"requestBody": {}}`))
	assert.EqualError(t, err, "body.requestBody: must be a string (given: an object)")
}
