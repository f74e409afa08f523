package actions

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/schema"
)

// shown are the schemas of an action for a secret that is chosen in the format json.
func (l local) shown(t *testing.T, function, fields string) (schemaPair, error) {
	t.Helper()
	var pair schemaPair
	text, err := specOf(t, function).MetaModel(t.Context(), l.deps(`"valueFormat":"json",`+fields))
	if err != nil {
		return pair, err
	}
	assert.NotContains(t, string(text), "planted")
	require.NoError(t, json.Unmarshal(text, &pair))
	for _, document := range []json.RawMessage{pair.In, pair.Out} {
		_, err := schema.Compile("x", document)
		require.NoError(t, err)
	}
	return pair, nil
}

// secretIn is what the schema says of the member Secret.
func secretIn(t *testing.T, document json.RawMessage) (s struct {
	Description, Format string
	Required            bool
	Properties          map[string]struct {
		Type       string
		Order      int
		Properties map[string]struct{ Type string }
	}
}) {
	t.Helper()
	var parsed struct {
		Properties struct{ Secret json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(document, &parsed))
	require.NoError(t, json.Unmarshal(parsed.Properties.Secret, &s))
	return s
}

func TestKeysAreShown(t *testing.T) {
	l := newLocal(t)
	l.store(t, "db", `{"user": "planted", "db": {"host": "planted", "port": 5432}, "a\"<\\": true}`)
	for function, pick := range map[string]func(schemaPair) json.RawMessage{
		"GetSecretValue": func(p schemaPair) json.RawMessage { return p.Out },
		"PutSecretValue": func(p schemaPair) json.RawMessage { return p.In },
		"UpdateSecret":   func(p schemaPair) json.RawMessage { return p.In },
	} {
		t.Run(function, func(t *testing.T) {
			pair, err := l.shown(t, function, `"secret":"db"`)
			require.NoError(t, err)
			assert.NotContains(t, string(pair.In), "SecretId")
			secret := secretIn(t, pick(pair))
			assert.Equal(t, "password", secret.Format)
			assert.Equal(t, function != "GetSecretValue", secret.Required)
			require.Len(t, secret.Properties, 3)
			assert.Equal(t, "string", secret.Properties["user"].Type)
			assert.Equal(t, 3, secret.Properties["user"].Order)
			assert.Equal(t, "boolean", secret.Properties[`a"<\`].Type)
			assert.Equal(t, "number", secret.Properties["db"].Properties["port"].Type)
			assert.NotContains(t, string(pick(pair)), `"example"`)
		})
	}
	pair, err := l.shown(t, "GetSecretValue", `"secret":"db","keys":"/db/port"`)
	require.NoError(t, err)
	assert.Len(t, secretIn(t, pair.Out).Properties, 1)
	assert.Len(t, secretIn(t, pair.Out).Properties["db"].Properties, 1)
	_, err = l.shown(t, "GetSecretValue", `"secret":"db","keys":"usr"`)
	require.EqualError(t, err, `the value of "db" does not have what keys asks for: "usr"`)
}

// Where the keys cannot be had, any object is right, and it is told why.
func TestKeysAreNotShown(t *testing.T) {
	l := newLocal(t)
	l.store(t, "text", "planted")
	l.run(t, "CreateSecret", `{"Name":"binary","SecretBinary":"cGxhbnRlZA=="}`)
	l.run(t, "CreateSecret", `{"Name":"empty"}`)
	l.store(t, "deleted", `{"planted":1}`)
	l.run(t, "DeleteSecret", `{"SecretId":"deleted"}`)
	l.store(t, "denied", `{"planted":1}`)
	for _, test := range []struct{ secret, why string }{
		{"text", "the value is not a JSON object"},
		{"binary", "the value is not a JSON object"},
		{"empty", "the secret has no value that can be read"},
		{"deleted", "the secret has no value that can be read"},
		{"nowhere", "the secret has no value that can be read"},
		{"denied", "secretsmanager:GetSecretValue is not allowed"},
	} {
		t.Run(test.secret, func(t *testing.T) {
			if test.secret == "denied" {
				l.Deny(testKeyID, "GetSecretValue")
			}
			pair, err := l.shown(t, "PutSecretValue", `"secret":"`+test.secret+`"`)
			require.NoError(t, err)
			got := secretIn(t, pair.In)
			assert.Empty(t, got.Properties)
			assert.True(t, strings.HasSuffix(got.Description, " Its keys are not shown: "+test.why+"."), got.Description)
			checkExample(t, pair.In)
		})
	}
}

// No call is made where no keys are to be shown, and one that fails for another
// reason is an error.
func TestKeysAreReadWhereTheyShow(t *testing.T) {
	l := newLocal(t)
	for _, function := range []string{"GetSecretValue", "PutSecretValue", "UpdateSecret", "DescribeSecret", "CreateSecret", "BatchGetSecretValue"} {
		fields := `"secret":""`
		if function == "DescribeSecret" {
			fields = `"secret":"s"`
		}
		_, err := l.shown(t, function, fields)
		require.NoError(t, err)
	}
	assert.Empty(t, l.Calls())

	require.NoError(t, l.Inject(emulator.Fault{Kind: emulator.Unavailable}))
	_, err := l.shown(t, "GetSecretValue", `"secret":"s"`)
	require.ErrorContains(t, err, "the keys of the secret cannot be read: GetSecretValue of \"s\" failed: ServiceUnavailable")
	_, err = l.shown(t, "GetSecretValue", `"secret":"s","region":"planted"`)
	require.ErrorContains(t, err, "region must look like eu-central-1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = specOf(t, "GetSecretValue").MetaModel(ctx, l.deps(`"valueFormat":"json","secret":"s"`))
	require.ErrorIs(t, err, context.Canceled)
}
