package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/service"
)

// TestResults holds what is posted to the texts of the reference sailor, which
// were measured.
func TestResults(t *testing.T) {
	failed := func(message string) string {
		text, _ := json.Marshal(map[string]any{"status": "error", "data": map[string]string{"message": message}})
		return string(text)
	}
	for _, test := range []struct {
		name, method string
		env          []string
		want         string
	}{
		{"credentials", "verifyCredentials", nil, `{"status":"success","data":{"verified":true}}`},
		{"credentials need no function", "verifyCredentials", []string{"ACTION_OR_TRIGGER", "", "GET_MODEL_METHOD", ""}, `{"status":"success","data":{"verified":true}}`},
		{"meta model", "getMetaModel", []string{"GET_MODEL_METHOD", ""}, `{"status":"success","data":{"in":{"type":"object"},"out":{}}}`},
		{"model", "selectModel", nil, `{"status":"success","data":{"a":"A <&>"}}`},
		{"model that says nothing", "selectModel", []string{"GET_MODEL_METHOD", "nothing"}, `{"status":"success","data":null}`},
		{"model gets the configuration", "selectModel", []string{"GET_MODEL_METHOD", "config"}, `{"status":"success","data":{"password":"pl4nted"}}`},
		{"model that is no JSON", "selectModel", []string{"GET_MODEL_METHOD", "garbage"}, failed("garbage of Get returned what is not valid JSON")},
		{"model fails", "selectModel", []string{"GET_MODEL_METHOD", "fails"}, failed("boom")},
		{"model panics", "selectModel", []string{"GET_MODEL_METHOD", "panics"}, failed("selectModel failed unexpectedly (panic of type string); please report it")},
		{"model slips", "selectModel", []string{"GET_MODEL_METHOD", "slips"}, failed("selectModel failed unexpectedly (runtime error: index out of range [1] with length 0); please report it")},
		{"no such model", "selectModel", []string{"GET_MODEL_METHOD", "other"}, failed(`Method "other" is not found in "Get" action or trigger`)},
		{"no meta model", "getMetaModel", []string{"ACTION_OR_TRIGGER", "Plain"}, failed(`Method "getMetaModel" is not found in "Plain" action or trigger`)},
		{"no models at all", "selectModel", []string{"ACTION_OR_TRIGGER", "Plain"}, failed(`Method "things" is not found in "Plain" action or trigger`)},
		{"no such function", "getMetaModel", []string{"ACTION_OR_TRIGGER", "Other"}, failed(`Trigger or action "Other" is not found in component.json!`)},
		{"no such method", "nope", nil, failed(`Unknown service method "nope"`)},
		{"no method", "", nil, failed(`Unknown service method ""`)},
		{"the method comes first", "nope", []string{"CFG", ""}, failed(`Unknown service method "nope"`)},
		{"no configuration", "verifyCredentials", []string{"CFG", ""}, failed("ELASTICIO_CFG is not provided")},
		{"configuration that is no JSON", "verifyCredentials", []string{"CFG", "{" + planted}, failed("Unable to parse CFG")},
		{"no API", "verifyCredentials", []string{"API_URI", ""}, failed("ELASTICIO_API_URI is not provided")},
		{"no user", "verifyCredentials", []string{"API_USERNAME", ""}, failed("ELASTICIO_API_USERNAME is not provided")},
		{"no key", "verifyCredentials", []string{"API_KEY", ""}, failed("ELASTICIO_API_KEY is not provided")},
		{"no function", "getMetaModel", []string{"ACTION_OR_TRIGGER", ""}, failed("ELASTICIO_ACTION_OR_TRIGGER is not provided")},
		{"no model", "selectModel", []string{"GET_MODEL_METHOD", ""}, failed("ELASTICIO_GET_MODEL_METHOD is not provided")},
		{
			"much missing", "selectModel", []string{"GET_MODEL_METHOD", "", "API_KEY", "", "CFG", ""},
			failed("ELASTICIO_CFG is not provided; not provided as well: ELASTICIO_API_KEY, ELASTICIO_GET_MODEL_METHOD"),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			platform := receive(t, respond(http.StatusOK))
			r := newHarness(platform.URL).with(test.env...)
			require.NoError(t, r.run(t.Context(), test.method), "that the method failed is a result, too")
			assert.JSONEq(t, test.want, platform.only(t))
			assert.NotContains(t, r.log.String(), planted)
		})
	}
}

func TestWrongOperatorSettingsAreAResult(t *testing.T) {
	platform := receive(t, respond(http.StatusOK))
	r := newHarness(platform.URL)
	r.env["ALLOW_AMBIENT_CREDENTIALS"] = "perhaps"
	require.NoError(t, r.run(t.Context(), "verifyCredentials"))
	assert.JSONEq(t, `{"status":"error","data":{"message":"ALLOW_AMBIENT_CREDENTIALS must be true or false; what was given has 7 characters"}}`, platform.only(t))
}

func TestVerifyCredentials(t *testing.T) {
	for _, test := range []struct {
		name         string
		verification service.Verification
		want         string // data that is posted
		log          string
	}{
		{"verified", service.Verification{Verified: true, Caller: "arn:of:caller"}, `{"verified":true}`, `"caller":"arn:of:caller"`},
		{"denied", service.Verification{Verified: true, Note: "needs x:List"}, `{"verified":true}`, "needs x:List"},
		{"refused", service.Verification{Reason: "wrong key"}, `{"verified":false,"reason":"wrong key"}`, "wrong key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			platform := receive(t, respond(http.StatusOK))
			r := newHarness(platform.URL)
			var got string
			r.verify = func(_ context.Context, cfg json.RawMessage) (service.Verification, error) {
				got = string(cfg)
				return test.verification, nil
			}
			require.NoError(t, r.run(t.Context(), "verifyCredentials"))
			assert.JSONEq(t, `{"status":"success","data":`+test.want+`}`, platform.only(t))
			assert.JSONEq(t, r.env["ELASTICIO_CFG"], got)
			assert.Contains(t, r.log.String(), test.log)
			assert.NotContains(t, r.log.String(), planted)
		})
	}
}

func TestStoppedCallPostsNothing(t *testing.T) {
	platform := receive(t, respond(http.StatusOK))
	r := newHarness(platform.URL)
	ctx, cancel := context.WithCancel(t.Context())
	r.verify = func(ctx context.Context, _ json.RawMessage) (service.Verification, error) {
		cancel()
		return service.Verification{}, ctx.Err()
	}
	require.ErrorIs(t, r.run(ctx, "verifyCredentials"), context.Canceled)
	assert.Empty(t, platform.received())
}

func TestCallPrintsNoConfiguration(t *testing.T) {
	c := service.Call{Method: "selectModel", Function: "Get", Model: "things", Config: component.NewSecret(planted)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		text := fmt.Sprintf(verb, c)
		assert.NotContains(t, text, planted)
		assert.NotContains(t, text, fmt.Sprintf("%x", planted))
	}
	text, err := json.Marshal(c)
	require.NoError(t, err)
	assert.NotContains(t, string(text), planted)
}
