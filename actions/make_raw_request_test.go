package actions

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

func TestMakeRawRequest(t *testing.T) {
	l := newLocal(t)
	for _, c := range []struct{ body, want string }{
		{`{"Operation":"CreateSecret","Body":{"Name":"s","SecretString":"planted","NewerThanThis":[1]}}`, `"Name":"s"`},
		{`{"Operation":"GetSecretValue","Body":{"SecretId":"s"}}`, `"SecretString":"planted"`},
		{`{"Operation":"DescribeSecret","Body":{"SecretId":"s"}}`, `"CreatedDate":1`}, // seconds
		{`{"Operation":"TagResource","Body":{"SecretId":"s","Tags":[{"Key":"k","Value":"v"}]}}`, `{}`},
		{`{"Operation":"ListSecrets"}`, `"SecretList":[{`},
		{`{"Operation":"GetRandomPassword","Body":{}}`, `"RandomPassword":`},
	} {
		got, err := l.handle(t, "MakeRawRequest", "", c.body)
		require.NoError(t, err, c.body)
		require.Len(t, got.bodies, 1)
		assert.Contains(t, string(got.bodies[0]), c.want)
	}
}

func TestMakeRawRequestFails(t *testing.T) {
	l := newLocal(t)
	l.create(t, "s", "x")
	for _, c := range []struct{ body, name, want string }{
		{`{"Operation":"GetSecretValue","Body":{"SecretId":"none-of-that-name"}}`, "ResourceNotFoundException", `GetSecretValue of "none-of-that-name" failed: ResourceNotFoundException`},
		{`{"Operation":"BrandNew","Body":{"Secret":"planted"}}`, "UnknownOperationException", "BrandNew failed: UnknownOperationException"},
		{`{"Operation":"CreateSecret","Body":{"Name":"planted!!","SecretString":"planted","Type":"planted-planted"}}`, "", "CreateSecret"},
		{`{"Operation":"PutSecretValue","Body":{"SecretId":"s","SecretString":"","VersionStages":["planted-planted"]}}`, "", "PutSecretValue of \"s\" failed"},
	} {
		_, err := l.handle(t, "MakeRawRequest", "", c.body)
		var failed *component.Error
		require.ErrorAs(t, err, &failed, c.body)
		if c.name != "" {
			assert.Equal(t, c.name, failed.Name)
		}
		assert.Contains(t, err.Error(), c.want)
		assert.NotContains(t, err.Error(), "planted-planted")
	}
	require.NoError(t, l.Inject(emulator.Fault{Kind: emulator.Unavailable, Operation: "GetSecretValue"}))
	_, err := l.handle(t, "MakeRawRequest", "", `{"Operation":"GetSecretValue","Body":{"SecretId":"s"}}`)
	var later *component.Rebound
	require.ErrorAs(t, err, &later)
}

// The operations that take a token get one.
func TestMakeRawRequestOnce(t *testing.T) {
	for function, body := range map[string]string{
		"PutSecretValue": `{ "SecretId":"s","SecretString":"v"}`, "UpdateSecret": `{"SecretId":"s","SecretString":"v"}`,
		"RotateSecret": `{"SecretId":"s","RotationLambdaARN":"` + lambda + `"}`,
	} {
		l := newLocal(t, refuseKnownTokens)
		l.create(t, "s", "x")
		request := `{"Operation":"` + function + `","Body":` + body + `}`
		first, err := l.deliver(t, "MakeRawRequest", request, "m")
		require.NoError(t, err)
		second, err := l.deliver(t, "MakeRawRequest", request, "m")
		require.NoError(t, err)
		assert.JSONEq(t, string(first), string(second))
		assert.Len(t, l.versions(t, "s").Versions, 2, function)
	}
	l := newLocal(t)
	const given = "11111111-2222-3333-4444-555555555555"
	answer, err := l.deliver(t, "MakeRawRequest", `{"Operation":"CreateSecret","Body":{"Name":"s","SecretString":"v","ClientRequestToken":"`+given+`"}}`, "m")
	require.NoError(t, err)
	var out struct{ VersionId string }
	require.NoError(t, json.Unmarshal(answer, &out))
	assert.Equal(t, given, out.VersionId)
}
