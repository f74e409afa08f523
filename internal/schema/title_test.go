package schema

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestErrorsTellTitles(t *testing.T) {
	s := compiled(t, `{"title": "Sample: input", "type": "object", "additionalProperties": false,
		"not": {"required": ["Days", "Force"], "properties": {"Force": {"enum": [true]}}},
		"dependencies": {"Days": ["Name"]},
		"properties": {
			"Name": {"title": "Name", "type": "string", "required": true},
			"SecretId": {"title": "Secret name or ARN", "type": "string", "required": true},
			"Days": {"title": "Window (days)", "type": "integer"},
			"Force": {"title": "At once", "type": "boolean"},
			"TagList": {"title": "Tags", "type": "array", "items": {"type": "object", "additionalProperties": false,
				"properties": {"Key": {"title": "Key of a tag", "type": "string"}}}},
			"Values": {"title": "Texts", "type": "array", "items": {"type": "string"}},
			"Vault": {"title": "Safe", "type": "object", "format": "password", "additionalProperties": false, "properties": {"Pin": {"title": "Number", "type": "integer"}}},
			"Stages": {"title": "Labels", "type": "object", "additionalProperties": false, "patternProperties": {"^v$": {"type": "string"}}}
		}}`)
	for _, test := range []struct{ body, want string }{
		{`{"Name": "a"}`, `body.SecretId ("Secret name or ARN"): is missing – map a value`},
		{`{"SecretId": "a"}`, `body.Name: is missing – map a value`},
		{`{"Name": "a", "SecretId": null}`, `body.SecretId ("Secret name or ARN"): is null: the mapping found nothing – check the mapping`},
		{`{"Name": "a", "Secret_Id": 1, "SecretId": "a"}`, `body.Secret_Id: is an unknown property – did you mean SecretId ("Secret name or ARN")?`},
		{`{"Name": "a", "SecretId": "a", "Days": 5, "Force": true}`, `body: Days ("Window (days)") and Force ("At once") = true are mutually exclusive: give one of them`},
		{`{"SecretId": "a", "Days": 5}`, `body: Days ("Window (days)") needs Name as well; body.Name: is missing – map a value`},
		{`{"Name": "a", "SecretId": "a", "TagList": [{"Key": {}}, {"Color": "red"}]}`,
			`body.TagList[0].Key ("Key of a tag"): must be a string (given: an object); ` +
				`body.TagList[1] ("Tags"): has an unknown property (given: a name of 5 characters, not one of Key)`},
		{`{"Name": "a", "SecretId": "a", "Values": ["a", 5]}`, `body.Values[1] ("Texts"): must be a string (given: a number) – make text of it with $string(…)`},
		{`{"Name": "a", "SecretId": "a", "Vault": {"Pin": {}}}`, `body.Vault ("Safe"): must be a whole number (given: an object)`},
		{`{"Name": "a", "SecretId": "a", "Stages": {"x": ""}}`, `body.Stages{} ("Labels"): must have a name that matches the pattern ^v$`},
	} {
		_, err := s.Check(json.RawMessage(test.body))
		assert.EqualError(t, err, test.want)
	}
}
