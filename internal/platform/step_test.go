package platform_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/platform"
)

func TestStep(t *testing.T) {
	empty := json.RawMessage("{}")
	for _, test := range []struct {
		name, response string
		want           platform.Step
	}{
		{"all members", `{
			"id": "step_1", "comp_id": "c", "function": "f",
			"config": {"region": "eu-central-1", "n": 1}, "snapshot": {"at": 7},
			"variables": {"a": "1", "b": 2, "c": true, "d": {"e": [null]}, "f": null, "g": ""},
			"is_passthrough": true
		}`, platform.Step{
			Config: json.RawMessage(`{"region": "eu-central-1", "n": 1}`), Snapshot: json.RawMessage(`{"at": 7}`),
			Variables:     map[string]string{"a": "1", "b": "2", "c": "true", "d": `{"e": [null]}`, "g": ""},
			IsPassthrough: true,
		}},
		{"no members", `{}`, platform.Step{Config: empty, Snapshot: empty}},
		{"null members", `{"config":null,"snapshot":null,"variables":null,"is_passthrough":null}`,
			platform.Step{Config: empty, Snapshot: empty, Variables: map[string]string{}}},
		{"members that count as nothing", `{"config":"","snapshot":false,"variables":[],"is_passthrough":"true"}`,
			platform.Step{Config: empty, Snapshot: empty}},
		{"snapshot of another kind", `{"snapshot":[1]}`, platform.Step{Config: empty, Snapshot: json.RawMessage("[1]")}},
		{"white space around", " \n{}\n", platform.Step{Config: empty, Snapshot: empty}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := serve(t, respond(http.StatusOK, test.response))
			got, err := client(t, f.options()).Step(t.Context(), "flow", "step")
			require.NoError(t, err)
			assert.Equal(t, test.want.Config, got.Config)
			assert.Equal(t, test.want.Snapshot, got.Snapshot)
			assert.Equal(t, test.want.Variables, got.Variables)
			assert.Equal(t, test.want.IsPassthrough, got.IsPassthrough)
		})
	}

	for name, text := range map[string]string{
		"empty": "", "null": "null", "text": `"` + planted + `"`, "list": `["` + planted + `"]`, "no JSON": planted,
		"cut short": `{"config":{"` + planted, "config is a text": `{"config":"` + planted + `"}`, "config is a list": `{"config":["` + planted + `"]}`,
	} {
		t.Run("refused: "+name, func(t *testing.T) {
			f := serve(t, respond(http.StatusOK, text))
			_, err := client(t, f.options()).Step(t.Context(), "flow", "step")
			require.ErrorContains(t, err, "fetch the step: GET /v1/tasks/flow/steps/step: the ")
			require.ErrorContains(t, err, "is not a JSON object")
			assert.NotContains(t, err.Error(), planted)
			assert.EqualValues(t, 1, f.requests.Load(), "another attempt cannot mend it")
		})
	}
}

func TestNoStepHasAName(t *testing.T) {
	f := serve(t, respond(http.StatusOK, "null"))
	_, err := client(t, f.options()).Step(t.Context(), "flow", "step")
	var named *component.Error
	require.ErrorAs(t, err, &named)
	assert.Equal(t, "AssertionError", named.Name)
}

func TestStepDoesNotPrint(t *testing.T) {
	step := platform.Step{
		Config: json.RawMessage(`"` + planted + `"`), Snapshot: json.RawMessage(`"` + planted + `"`),
		Variables: map[string]string{planted: planted},
	}
	const shape = "step{config: 9 bytes, snapshot: 9 bytes, variables: 1, passthrough: false}"
	for _, v := range []any{step, &step, struct{ S platform.Step }{step}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			text := fmt.Sprintf(verb, v)
			assert.NotContains(t, text, planted)
			assert.NotContains(t, text, fmt.Sprintf("%x", planted))
			assert.Contains(t, text, shape)
		}
	}
	text, err := json.Marshal(step)
	require.NoError(t, err)
	assert.NotContains(t, string(text), planted)

	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "step", step, "in", struct{ S platform.Step }{step})
	assert.NotContains(t, log.String(), planted)
	assert.Contains(t, log.String(), shape)
}
