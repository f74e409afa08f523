package triggers

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/schemas"
)

type emitter struct {
	component.Emitter // nil: a trigger emits data only
	bodies, ids       []string
	err               error
}

func (e *emitter) Data(_ context.Context, msg component.Message) error {
	e.bodies, e.ids = append(e.bodies, string(msg.Body)), append(e.ids, msg.ID)
	return e.err
}

// newHandler makes the handler of a trigger.
func newHandler(t *testing.T, name string) component.Handler {
	t.Helper()
	now := func() time.Time { return time.Date(2024, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600)) }
	for _, spec := range Specs(now, awsapi.Options{}) {
		if spec.Name == name {
			assert.Equal(t, component.Trigger, spec.Kind)
			h, err := spec.New(component.Deps{Config: json.RawMessage(`{"accessKeySecret":"planted"}`)})
			require.NoError(t, err)
			return h
		}
	}
	require.Fail(t, "there is no trigger "+name)
	return nil
}

func TestStartFlow(t *testing.T) {
	h := newHandler(t, "startFlow")

	tests := []struct{ name, snapshot, want string }{
		{"with a snapshot", `{"seen":[1,"<a>"]}`, `{"seen":[1,"<a>"]}`},
		{"first run", ``, `{}`},
		{"null", ` null`, `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := new(emitter)
			require.NoError(t, h.Handle(t.Context(), component.Request{Snapshot: json.RawMessage(tt.snapshot)}, out))
			require.Len(t, out.bodies, 1)
			assert.JSONEq(t, `{"now":"2024-01-02T02:04:05.678Z","snapshot":`+tt.want+`}`, out.bodies[0])
			assert.NotContains(t, out.bodies[0], "planted")
		})
	}

	lost := errors.New("broker is gone")
	require.ErrorIs(t, h.Handle(t.Context(), component.Request{}, &emitter{err: lost}), lost)
	require.ErrorContains(t, h.Handle(t.Context(), component.Request{Snapshot: json.RawMessage(`{`)}, new(emitter)), "encode the snapshot")
}

// The example of the output schema is what the trigger emits.
func TestExample(t *testing.T) {
	now := func() time.Time { return time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC) }
	h, err := Specs(now, awsapi.Options{})[0].New(component.Deps{})
	require.NoError(t, err)
	out := new(emitter)
	require.NoError(t, h.Handle(t.Context(), component.Request{}, out))

	assert.JSONEq(t, string(exampleOf(t, "startFlow.out")), out.bodies[0])
}

// exampleOf is the example in a schema.
func exampleOf(t *testing.T, file string) json.RawMessage {
	t.Helper()
	text, err := schemas.FS.ReadFile(file + ".json")
	require.NoError(t, err)
	var schema struct{ Example json.RawMessage }
	require.NoError(t, json.Unmarshal(text, &schema))
	return schema.Example
}
