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

	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/schemas"
)

// The versions of the secret in the examples.
const (
	firstVersion  = "3f1a7c52-0b64-4d8e-9a27-c5e8d1b06f43"
	secondVersion = "8b2e9d04-71c5-4f3a-b6d8-2a90e7f5c316"
)

// TestExamples runs the example of each input schema: the answer is the example of
// the output schema.
func TestExamples(t *testing.T) {
	const (
		put       = `PutSecretValue {"SecretId":"shop/database","SecretString":"{\"username\":\"shop\",\"password\":\"new-example\"}","ClientRequestToken":"` + secondVersion + `"}`
		rotate    = `RotateSecret {"SecretId":"shop/database","RotationLambdaARN":"` + lambda + `","ClientRequestToken":"` + secondVersion + `"}`
		replicate = `ReplicateSecretToRegions {"SecretId":"shop/database","AddReplicaRegions":[{"Region":"eu-west-1"}]}`
	)
	// What the secret goes through beforehand.
	before := map[string]string{
		"CancelRotateSecret":           rotate,
		"DeleteResourcePolicy":         "PutResourcePolicy",
		"GetResourcePolicy":            "PutResourcePolicy",
		"ListSecretVersionIds":         put,
		"RemoveRegionsFromReplication": replicate,
		"RestoreSecret":                "DeleteSecret",
		"StopReplicationToReplica":     replicate,
		"UpdateSecretVersionStage":     put,
	}
	for _, spec := range Specs(testOptions) {
		t.Run(spec.Name, func(t *testing.T) {
			// The same draws and the same time, for the same names of versions and secrets.
			server := httptest.NewServer(emulator.New(emulator.Options{
				Random: rand.NewChaCha8([32]byte{}),
				Clock:  func() time.Time { return time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC) },
			}))
			defer server.Close()
			l := local{url: server.URL}
			if spec.Name != "CreateSecret" {
				body := example(t, "CreateSecret.in")
				l.run(t, "CreateSecret", strings.TrimSuffix(body, "}")+`,"ClientRequestToken":"`+firstVersion+`"}`)
			}
			if line, ok := before[spec.Name]; ok {
				function, body, whole := strings.Cut(line, " ")
				if !whole {
					body = example(t, function+".in")
				}
				l.run(t, function, body)
			}
			deps := l.deps("")
			// The version that it makes is called after the message.
			deps.IdempotencyToken = func(messageID string, _ []byte) string { return messageID }
			if spec.Name == "StopReplicationToReplica" { // it is called in the region of the replica
				deps.Config = json.RawMessage(strings.Replace(string(deps.Config), "eu-central-1", "eu-west-1", 1))
			}
			in, _, err := schemas.Load(spec.Name)
			require.NoError(t, err)
			body, err := in.Check(json.RawMessage(example(t, spec.Name+".in")))
			require.NoError(t, err)
			request := newRequest(string(body))
			request.MessageID = secondVersion
			if spec.Name == "CreateSecret" {
				request.MessageID = firstVersion
			}
			out := new(recorder)
			require.NoError(t, newHandler(t, Specs(testOptions), spec.Name, deps).Handle(t.Context(), request, out))
			require.Len(t, out.bodies, 1)
			assert.JSONEq(t, example(t, spec.Name+".out"), string(out.bodies[0]))
		})
	}
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
