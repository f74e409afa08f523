package actions

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func TestLookupSecret(t *testing.T) {
	l := newLocal(t)
	l.run(t, "CreateSecret", `{"Name":"s","Description":"d","SecretString":"{\"a\":\"planted\",\"b\":1}"}`)
	l.run(t, "PutSecretValue", `{"SecretId":"s","SecretString":"{\"a\":\"planted-2\"}"}`)
	l.run(t, "CreateSecret", `{"Name":"binary","SecretBinary":"cGxhbnRlZA=="}`)
	l.run(t, "CreateSecret", `{"Name":"empty"}`)
	l.run(t, "CreateSecret", `{"Name":"deleted","SecretString":"planted"}`)
	l.run(t, "DeleteSecret", `{"SecretId":"deleted"}`)
	for _, c := range []struct {
		name, fields, body string
		has, hasNot        []string
		err                string
	}{
		{"description", ``, `{"SecretId":"s"}`, []string{`"Name":"s"`, `"Description":"d"`, `"VersionIdsToStages"`}, []string{"planted", "SecretString", `"VersionId"`}, ""},
		{"with the value", `"withValue":true`, `{"SecretId":"s"}`, []string{`"Description":"d"`, `"SecretString":"{\"a\":\"planted-2\"}"`, `"VersionStages":["AWSCURRENT"]`}, nil, ""},
		{"with the value before", `"withValue":"true"`, `{"SecretId":"s","VersionStage":"AWSPREVIOUS"}`, []string{`\"b\":1`, `"VersionStages":["AWSPREVIOUS"]`}, []string{"planted-2"}, ""},
		{"with the value as JSON", `"withValue":true,"valueFormat":"json","keys":"b"`, `{"SecretId":"s","VersionStage":"AWSPREVIOUS"}`, []string{`"Secret":{"b":1}`}, []string{"planted", "SecretString"}, ""},
		{"binary", `"withValue":true`, `{"SecretId":"binary"}`, []string{`"SecretBinary":"cGxhbnRlZA=="`}, nil, ""},
		{"binary as JSON", `"withValue":true,"valueFormat":"json"`, `{"SecretId":"binary"}`, nil, nil, `the value of "binary" is not a JSON object`},
		{"JSON without the value", `"valueFormat":"json"`, `{"SecretId":"binary"}`, []string{`"Name":"binary"`}, []string{"Secret\":"}, ""},
		{"none", ``, `{"SecretId":"none"}`, nil, nil, `DescribeSecret of "none" failed: ResourceNotFoundException`},
		{"none is allowed", `"allowZeroResults":true,"withValue":true,"valueFormat":"json"`, `{"SecretId":"none"}`, []string{`{}`}, nil, ""},
		{"no value", `"withValue":true`, `{"SecretId":"empty"}`, nil, nil, `GetSecretValue of "empty" failed: ResourceNotFoundException`},
		{"no value is allowed", `"allowZeroResults":"on","withValue":"on"`, `{"SecretId":"empty"}`, []string{`"Name":"empty"`}, nil, ""},
		{"deleted", ``, `{"SecretId":"deleted"}`, []string{`"DeletedDate"`}, nil, ""},
		{"value of a deleted one", `"allowZeroResults":true,"withValue":true`, `{"SecretId":"deleted"}`, nil, nil, "use RestoreSecret"},
		{"no check box", `"withValue":"planted"`, `{"SecretId":"s"}`, nil, nil, `withValue ("With the value") must be true or false (given: a text of 7 characters)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := l.handle(t, "LookupSecret", c.fields, c.body)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				assert.NotContains(t, err.Error(), "planted")
				assert.Empty(t, got.bodies)
				return
			}
			require.NoError(t, err)
			require.Len(t, got.bodies, 1)
			for _, text := range c.has {
				assert.Contains(t, string(got.bodies[0]), text)
			}
			for _, text := range c.hasNot {
				assert.NotContains(t, string(got.bodies[0]), text)
			}
		})
	}
}

func TestMetaModelOfLookup(t *testing.T) {
	spec := specOf(t, "LookupSecret")
	for config, want := range map[string][2]bool{
		`{}`:                 {false, false},
		`{"withValue":true}`: {true, false},
		`{"withValue":"on","valueFormat":"json"}`:          {false, true},
		`{"allowZeroResults":true,"keys":"","secret":"s"}`: {false, false},
	} {
		got := metaModelOf(t, spec, config)
		var in, out struct{ Properties map[string]any }
		require.NoError(t, json.Unmarshal(got.In, &in))
		require.NoError(t, json.Unmarshal(got.Out, &out))
		assert.Equal(t, want, [2]bool{out.Properties["SecretString"] != nil, out.Properties["Secret"] != nil}, config)
		assert.Equal(t, want[0] || want[1], in.Properties["VersionStage"] != nil, config)
		assert.NotNil(t, out.Properties["VersionIdsToStages"])
	}
	_, err := spec.MetaModel(t.Context(), component.Deps{Config: json.RawMessage(`{"withValue":1}`)})
	require.EqualError(t, err, `withValue ("With the value") must be true or false (given: a text of 1 character)`)
}
