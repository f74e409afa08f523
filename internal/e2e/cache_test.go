package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit"
)

// TestCache: equal messages at once are one call, and Refresh is another.
func TestCache(t *testing.T) {
	const function = "GetSecretValue"
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	rabbit := testkit.RabbitMQ(t)
	environment, err := fake.NewEnvironment(ctx, fake.OnRabbitMQ(rabbit.URI, "cache", slog.New(slog.DiscardHandler)), []string{function})
	require.NoError(t, err)
	defer func() { assert.NoError(t, environment.Close(context.WithoutCancel(ctx))) }()

	var planted testkit.Planted
	for label, value := range environment.Secrets() {
		planted.Add(label, value)
	}
	value := planted.New("value")
	require.NoError(t, environment.AWS.Seed(strings.NewReader(fmt.Sprintf(
		`{"region": "eu-central-1", "secrets": [{"name": "cached", "secretString": %q}]}`, value))))
	environment.SetStep(function, map[string]any{"cacheSeconds": "3600"})
	env := environment.Env(function)
	env["ELASTICIO_AMQP_URI"], env["LOG_LEVEL"], env["ELASTICIO_RABBITMQ_PREFETCH_SAILOR"] = rabbit.URI.Reveal(), "trace", "10"
	container := testkit.Start(ctx, t, "", env, program)

	ask := func(times int, body map[string]any) {
		for range times {
			_, err := environment.Send(ctx, function, body, 2, nil)
			require.NoError(t, err)
		}
		for range times {
			got, err := environment.Receive(ctx)
			require.NoError(t, err)
			require.Equal(t, "data", got.Kind, got.Failure.Message)
			var body struct{ SecretString string }
			require.NoError(t, json.Unmarshal(got.Content, &body))
			assert.Equal(t, value, body.SecretString)
		}
	}
	ask(50, map[string]any{"SecretId": "cached"})
	assert.Equal(t, 1, environment.AWS.Calls()[function])
	ask(1, map[string]any{"SecretId": "cached", "Refresh": "true"})
	assert.Equal(t, 2, environment.AWS.Calls()[function])
	ask(1, map[string]any{"SecretId": "cached"})
	assert.Equal(t, 2, environment.AWS.Calls()[function])

	container.Stop(t)
	planted.AssertAbsent(t, "log", []byte(container.Output()))
}
