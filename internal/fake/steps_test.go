package fake_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/settings"
)

// runtime runs until its context ends, and then fails with its error.
type runtime struct {
	started chan struct{}
	err     error
}

func (r runtime) Run(ctx context.Context) error {
	close(r.started)
	<-ctx.Done()
	return r.err
}

func TestSteps(t *testing.T) {
	e := newEnvironment(t, nil)
	var made []settings.Settings
	var started []chan struct{}
	steps := fake.Steps{Environment: e, New: func(set settings.Settings, source broker.Source, sink broker.Sink) (fake.Runtime, error) {
		require.NotNil(t, source)
		require.NotNil(t, sink)
		r := runtime{started: make(chan struct{}), err: errors.New("end of " + set.Function)}
		made, started = append(made, set), append(started, r.started)
		return r, nil
	}}
	require.NoError(t, steps.Stop(), "nothing runs yet")

	ctx, cancel := context.WithCancel(t.Context())
	for _, function := range []string{"GetSecretValue", "CreateSecret", "GetSecretValue"} {
		require.NoError(t, steps.Start(ctx, function))
	}
	cancel() // steps outlive the call that started them
	require.Len(t, made, 2, "a step is started once")
	for i, function := range []string{"GetSecretValue", "CreateSecret"} {
		<-started[i]
		assert.Equal(t, function, made[i].Function)
		assert.Equal(t, e.Inbox(function), made[i].ListenMessagesOn)
		assert.True(t, made[i].StrictOutput)
	}
	err := steps.Stop()
	require.ErrorContains(t, err, "end of GetSecretValue")
	require.ErrorContains(t, err, "end of CreateSecret")

	require.NoError(t, steps.Start(t.Context(), "GetSecretValue"), "a stopped step can start again")
	require.Len(t, made, 3)
	require.ErrorContains(t, steps.Stop(), "end of GetSecretValue")
}

func TestStepThatCannotBeMade(t *testing.T) {
	steps := fake.Steps{Environment: newEnvironment(t, nil), New: func(settings.Settings, broker.Source, broker.Sink) (fake.Runtime, error) {
		return nil, errTold
	}}
	require.ErrorIs(t, steps.Start(t.Context(), "GetSecretValue"), errTold)
	require.NoError(t, steps.Stop())
}
