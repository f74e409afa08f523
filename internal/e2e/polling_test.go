package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit"
)

// TestPolling: the platform keeps the snapshot of a step, with which another
// container goes on where the one before it ended.
func TestPolling(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	rabbit := testkit.RabbitMQ(t)
	const trigger = "getNewAndUpdatedSecretsPolling"
	functions := []string{trigger, "CreateSecret", "PutSecretValue"}
	environment, err := fake.NewEnvironment(ctx, fake.OnRabbitMQ(rabbit.URI, "polling", slog.New(slog.DiscardHandler)), functions)
	require.NoError(t, err)
	defer func() { assert.NoError(t, environment.Close(context.WithoutCancel(ctx))) }()

	var planted testkit.Planted
	for label, value := range environment.Secrets() {
		planted.Add(label, value)
	}
	start := func(function string) *testkit.Process {
		env := environment.Env(function)
		env["ELASTICIO_AMQP_URI"], env["LOG_LEVEL"] = rabbit.URI.Reveal(), "trace"
		return testkit.Start(ctx, t, "", env, program)
	}
	stop := func(container *testkit.Process) {
		container.Stop(t)
		planted.AssertAbsent(t, "log", []byte(container.Output()))
	}
	write := func(function string, body map[string]any) {
		_, err := environment.Send(ctx, function, body, 2, nil)
		require.NoError(t, err)
		got, err := environment.Receive(ctx)
		require.NoError(t, err)
		require.Equal(t, "data", got.Kind, got.Failure.Message)
	}
	// poll returns "name change" of each message, up to the snapshot.
	poll := func() (changes []string, snapshot map[string]any) {
		_, err := environment.Send(ctx, trigger, map[string]any{}, 2, nil)
		require.NoError(t, err)
		for {
			got, err := environment.Receive(ctx)
			require.NoError(t, err)
			if got.Kind == "snapshot" {
				require.NoError(t, json.Unmarshal(got.Body, &snapshot))
				planted.AssertAbsent(t, "snapshot", got.Body)
				return changes, snapshot
			}
			require.Equal(t, "data", got.Kind, got.Failure.Message)
			planted.AssertAbsent(t, "message", got.Content)
			var change struct{ Name, Change string }
			require.NoError(t, json.Unmarshal(got.Content, &change))
			changes = append(changes, change.Name+" "+change.Change)
		}
	}

	create, put := start("CreateSecret"), start("PutSecretValue")
	for i := range 3 {
		write("CreateSecret", map[string]any{"Name": fmt.Sprint("polled-", i), "SecretString": planted.New("value")})
	}
	first := start(trigger)
	changes, snapshot := poll()
	assert.Equal(t, []string{"polled-0 created", "polled-1 created", "polled-2 created"}, changes)
	stop(first)

	environment.SetStepWithSnapshot(trigger, nil, snapshot)
	write("PutSecretValue", map[string]any{"SecretId": "polled-1", "SecretString": planted.New("new value")})
	second := start(trigger)
	changes, _ = poll()
	assert.Equal(t, []string{"polled-1 value"}, changes)
	for _, container := range []*testkit.Process{create, put, second} {
		stop(container)
	}
}
