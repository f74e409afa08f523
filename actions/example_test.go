package actions

import (
	"encoding/json"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/secretjson"
	"aws-secrets-manager-connector/schemas"
)

// The versions of the secret in the examples.
const (
	firstVersion  = "3f1a7c52-0b64-4d8e-9a27-c5e8d1b06f43"
	secondVersion = "8b2e9d04-71c5-4f3a-b6d8-2a90e7f5c316"
)

// beforeExample is what the secret of the example goes through before the function
// runs: the example of another function, or its name and an input.
func beforeExample(function string) string {
	const (
		put     = `PutSecretValue {"SecretId":"shop/database","SecretString":"{\"username\":\"shop\",\"password\":\"new-example\"}","ClientRequestToken":"` + secondVersion + `"}`
		rotate  = `RotateSecret {"SecretId":"shop/database","RotationLambdaARN":"` + lambda + `","ClientRequestToken":"` + secondVersion + `"}`
		pending = `PutSecretValue {"SecretId":"shop/database","SecretString":"new-example","ClientRequestToken":"` + secondVersion +
			`","VersionStages":["AWSPENDING","` + rotationPrefix + firstVersion + "-" + secondVersion + `"]}`
		replicate = `ReplicateSecretToRegions {"SecretId":"shop/database","AddReplicaRegions":[{"Region":"eu-west-1"}]}`
	)
	return map[string]string{
		"AbortRotation":                   pending,
		"CancelRotateSecret":              rotate,
		"DeleteResourcePolicy":            "PutResourcePolicy",
		"DisassociateCrossAccountReplica": "AssociateCrossAccountReplica",
		"FinishRotation":                  pending,
		"GetResourcePolicy":               "PutResourcePolicy",
		"ListResourcePolicies":            "PutResourcePolicy",
		"ListSecretVersionIds":            put,
		"RemoveRegionsFromReplication":    replicate,
		"RestoreSecret":                   "DeleteSecret",
		"StopReplicationToReplica":        replicate,
		"UpdateSecretVersionStage":        put,
	}[function]
}

// boundKeyID is an access key with a policy.
const boundKeyID = "AKIAPLANTEDKEYID0002"

// newExample starts an emulator with the secret that the example of the function is
// about. It has always the same draws and the same time, for the same names of
// versions and secrets. The policy is that of boundKeyID.
func newExample(t *testing.T, function string, policy *emulator.IdentityPolicy) local {
	t.Helper()
	server := httptest.NewServer(emulator.New(emulator.Options{
		Random: rand.NewChaCha8([32]byte{}),
		Clock:  func() time.Time { return time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC) },
		Credentials: map[string]emulator.Credential{
			testKeyID:  {SecretKey: component.NewSecret(testSecret)},
			boundKeyID: {SecretKey: component.NewSecret(testSecret), Policy: policy},
		},
	}))
	t.Cleanup(server.Close)
	l := local{url: server.URL}
	if function != "CreateSecret" {
		l.run(t, "CreateSecret", `{"Name":"shop/database","SecretString":"{\"username\":\"shop\",\"password\":\"example\"}","Description":"Database of the shop",`+
			`"Tags":[{"Key":"team","Value":"shop"}],"ClientRequestToken":"`+firstVersion+`"}`)
	}
	if line := beforeExample(function); line != "" {
		before, body, whole := strings.Cut(line, " ")
		if !whole {
			body = example(t, before+".in")
		}
		l.run(t, before, body)
	}
	return l
}

// runExample runs the function with the access key, as a message would, in a step
// with these fields.
func (l local) runExample(t *testing.T, function, body, keyID string, fields ...string) (*recorder, error) {
	t.Helper()
	deps := l.deps(strings.Join(fields, ","))
	// The version that it makes is called after the message.
	deps.IdempotencyToken = func(messageID string, _ []byte) string { return messageID }
	config := strings.Replace(string(deps.Config), testKeyID, keyID, 1)
	if function == "StopReplicationToReplica" { // it is called in the region of the replica
		config = strings.Replace(config, "eu-central-1", "eu-west-1", 1)
	}
	deps.Config = json.RawMessage(config)
	in, _, err := schemas.Load(function)
	require.NoError(t, err)
	checked, err := in.Check(json.RawMessage(body))
	require.NoError(t, err)
	request := newRequest(string(checked))
	request.MessageID = secondVersion
	if function == "CreateSecret" {
		request.MessageID = firstVersion
	}
	out := new(recorder)
	return out, newHandler(t, Specs(testOptions), function, deps).Handle(t.Context(), request, out)
}

// TestExamples runs the example of each input schema: the answer is the example of
// the output schema.
func TestExamples(t *testing.T) {
	for _, spec := range Specs(testOptions) {
		t.Run(spec.Name, func(t *testing.T) {
			l := newExample(t, spec.Name, nil)
			out, err := l.runExample(t, spec.Name, example(t, spec.Name+".in"), testKeyID)
			require.NoError(t, err)
			require.Len(t, out.bodies, 1)
			assert.JSONEq(t, example(t, spec.Name+".out"), string(out.bodies[0]))
		})
	}
}

// TestExamplesAsJSON runs those that docs/actions.md has for valueFormat json.
func TestExamplesAsJSON(t *testing.T) {
	unfold := func(text string) string { return string(secretjson.Unfold(json.RawMessage(text))) }
	ran := 0
	for _, spec := range Specs(testOptions) {
		in, out := example(t, spec.Name+".in"), example(t, spec.Name+".out")
		if in == unfold(in) && out == unfold(out) {
			continue
		}
		ran++
		t.Run(spec.Name, func(t *testing.T) {
			got, err := newExample(t, spec.Name, nil).runExample(t, spec.Name, unfold(in), testKeyID, `"valueFormat":"json"`)
			require.NoError(t, err)
			require.Len(t, got.bodies, 1)
			assert.JSONEq(t, unfold(out), string(got.bodies[0]))
		})
	}
	assert.GreaterOrEqual(t, ran, 5)
}

// example is the example in a schema, as compact JSON.
func example(t *testing.T, file string) string {
	t.Helper()
	text, err := schemas.FS.ReadFile(file + ".json")
	require.NoError(t, err)
	var schema struct{ Example any }
	require.NoError(t, json.Unmarshal(text, &schema))
	compact, err := json.Marshal(schema.Example)
	require.NoError(t, err)
	return string(compact)
}
