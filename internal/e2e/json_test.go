package e2e

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit"
)

// jsonFlow is a flow whose steps read and store values in the format json, but for
// BatchGetSecretValue, which shows what is stored.
type jsonFlow struct {
	*fake.Environment
	planted    testkit.Planted
	containers map[string]*testkit.Process
}

func startJSONFlow(ctx context.Context, t *testing.T) *jsonFlow {
	t.Helper()
	rabbit := testkit.RabbitMQ(t)
	steps := map[string]map[string]any{
		"CreateSecret": {"valueFormat": "json"}, "PutSecretValue": {"valueFormat": "json"}, "UpdateSecret": {"valueFormat": "json", "secret": "json/b"},
		"GetSecretValue": {"valueFormat": "json"}, "BatchGetSecretValue": {"valueFormat": "text"},
	}
	var names []string
	for name := range steps {
		names = append(names, name)
	}
	environment, err := fake.NewEnvironment(ctx, fake.OnRabbitMQ(rabbit.URI, "json", slog.New(slog.DiscardHandler)), names)
	require.NoError(t, err)
	f := &jsonFlow{Environment: environment, containers: map[string]*testkit.Process{}}
	t.Cleanup(func() { assert.NoError(t, environment.Close(context.WithoutCancel(ctx))) })
	for label, value := range environment.Secrets() {
		f.planted.Add(label, value)
	}
	for name, fields := range steps {
		environment.SetStep(name, fields)
		env := environment.Env(name)
		env["ELASTICIO_AMQP_URI"], env["LOG_LEVEL"] = rabbit.URI.Reveal(), "trace"
		f.containers[name] = testkit.Start(ctx, t, "", env, program)
	}
	return f
}

// exchange sends a message, and returns the object Secret as it was sent and what
// is emitted.
func (f *jsonFlow) exchange(ctx context.Context, t *testing.T, function string, body any) (secret json.RawMessage, got fake.Received) {
	t.Helper()
	sent, err := f.Send(ctx, function, body, 2, nil)
	require.NoError(t, err)
	got, err = f.Receive(ctx)
	require.NoError(t, err)
	require.Equal(t, function, got.Function)
	var members struct{ Secret json.RawMessage }
	require.NoError(t, json.Unmarshal(sent.Body, &members))
	return members.Secret, got
}

// stored is the text of a secret.
func (f *jsonFlow) stored(ctx context.Context, t *testing.T, id string) string {
	t.Helper()
	_, got := f.exchange(ctx, t, "BatchGetSecretValue", map[string]any{"SecretIdList": id})
	require.Empty(t, got.Failure.Message)
	var page struct {
		SecretValues []struct{ SecretString string }
	}
	require.NoError(t, json.Unmarshal(got.Content, &page))
	require.Len(t, page.SecretValues, 1)
	return page.SecretValues[0].SecretString
}

// TestJSONSecrets has an object go from step to step, and nothing of it changes or
// shows.
func TestJSONSecrets(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	f := startJSONFlow(ctx, t)
	type m = map[string]any
	object := func() json.RawMessage {
		value := f.planted.New("value in an object")
		text, err := json.Marshal(value)
		require.NoError(t, err)
		return json.RawMessage(`{"user": ` + string(text) + `, "port": "5432", "Secret": null, "deep": [{"` + f.planted.New("key")[:20] + `": 12345678901234567890.10}],
			"p\u00e4ss": "true", "a": 1, "a": -0.0}`)
	}
	f.planted.Add("number", "12345678901234567890")

	sent, got := f.exchange(ctx, t, "CreateSecret", m{"Name": "json/a", "Secret": object(), "ForceOverwriteReplicaSecret": "true"})
	require.Empty(t, got.Failure.Message)
	assert.Equal(t, string(sent), f.stored(ctx, t, "json/a"))

	_, got = f.exchange(ctx, t, "GetSecretValue", m{"SecretId": "json/a"})
	require.Empty(t, got.Failure.Message)
	var value struct{ Secret json.RawMessage }
	require.NoError(t, json.Unmarshal(got.Content, &value))
	assert.Equal(t, string(sent), string(value.Secret))

	require.NoError(t, f.AWS.Seed(strings.NewReader(`{"region":"eu-central-1","secrets":[{"name":"json/b","secretString":"b"},{"name":"json/text"}]}`)))
	sent, got = f.exchange(ctx, t, "PutSecretValue", m{"SecretId": "json/b", "Secret": value.Secret, "VersionStages": "AWSCURRENT"})
	require.Empty(t, got.Failure.Message)
	assert.Equal(t, string(sent), f.stored(ctx, t, "json/b"))
	sent, got = f.exchange(ctx, t, "UpdateSecret", m{"Description": "d", "Secret": object()})
	require.Empty(t, got.Failure.Message)
	assert.Equal(t, string(sent), f.stored(ctx, t, "json/b"))

	for _, refused := range []struct {
		function, name, text string
		body                 m
	}{
		{"PutSecretValue", component.InvalidInput, "body.Secret (\"Secret object\"): must be an object (given: true or false)", m{"SecretId": "json/b", "Secret": true}},
		{"PutSecretValue", component.InvalidInput, "body.Secret (\"Secret object\"): must be an object", m{"SecretId": "json/b", "Secret": []any{object()}}},
		{"PutSecretValue", component.InvalidInput, "body: has an unknown property", m{"SecretId": "json/b", "Secret": object(), f.planted.New("name"): object()}},
		{"CreateSecret", component.InvalidInput, "must have at most 65,536 bytes as JSON text", m{"Name": "json/c", "Secret": m{"a": strings.Repeat(f.planted.New("long"), 1000)}}},
		{"UpdateSecret", component.InvalidInput, "SecretString and SecretBinary are for valueFormat (\"Format of the value\") text", m{"SecretString": f.planted.New("text"), "Secret": object()}},
		{"CreateSecret", "ResourceExistsException", "json/a", m{"Name": "json/a", "Secret": object()}},
		{"GetSecretValue", "ResourceNotFoundException", "json/text", m{"SecretId": "json/text"}},
	} {
		_, got := f.exchange(ctx, t, refused.function, refused.body)
		require.Equal(t, "error", got.Kind, refused.text)
		assert.Equal(t, refused.name, got.Failure.Name)
		assert.Contains(t, got.Failure.Message, refused.text)
		f.planted.AssertAbsent(t, "error text", []byte(got.Failure.Message))
	}
	for name, c := range f.containers {
		c.Stop(t)
		f.planted.AssertAbsent(t, "log of "+name, []byte(c.Output()))
	}
}

// TestNoJSONSecret reads values that are no objects.
func TestNoJSONSecret(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	f := startJSONFlow(ctx, t)
	for name, format := range map[string]string{"text": `%`, "list": `["%"]`, "broken": `{"a": "%"`, "quoted": `"%"`} {
		text := strings.Replace(format, "%", f.planted.New("value"), 1)
		seed, err := json.Marshal(map[string]any{"name": name, "secretString": text})
		require.NoError(t, err)
		require.NoError(t, f.AWS.Seed(strings.NewReader(`{"region":"eu-central-1","secrets":[`+string(seed)+`]}`)))
		_, got := f.exchange(ctx, t, "GetSecretValue", map[string]any{"SecretId": name})
		require.Equal(t, "error", got.Kind)
		assert.Equal(t, component.InvalidOutput, got.Failure.Name)
		assert.Equal(t, `the value of "`+name+`" is not a JSON object, as valueFormat ("Format of the value") json asks for; choose text, or store an object`, got.Failure.Message)
	}
	f.containers["GetSecretValue"].Stop(t)
	f.planted.AssertAbsent(t, "log", []byte(f.containers["GetSecretValue"].Output()))
}
