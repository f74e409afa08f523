package fake_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/fake"
)

const stepURL = "/v1/tasks/flow/steps/step_1"

func ask(p *fake.Platform, method, path, username, key string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	if username != "" {
		r.SetBasicAuth(username, key)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result()
}

func TestPlatform(t *testing.T) {
	p := &fake.Platform{Username: "user", Key: "key"}
	p.SetStep("flow", fake.Step{ID: "step_1", Config: map[string]any{"old": true}})
	p.SetStep("flow", fake.Step{ID: "step_1", Config: map[string]any{"region": "eu-central-1"}})
	p.SetStep("flow", fake.Step{
		ID: "step_2", Snapshot: map[string]any{"n": 1}, Variables: map[string]any{"v": "w"}, IsPassthrough: true,
	})
	for _, test := range []struct {
		name, method, path, username, key string
		status                            int
		body                              string
	}{
		{"a step", "GET", stepURL, "user", "key", 200, `{"id":"step_1","config":{"region":"eu-central-1"},"snapshot":null,"is_passthrough":false}`},
		{
			"all of a step", "GET", "/v1/tasks/flow/steps/step_2", "user", "key", 200,
			`{"id":"step_2","config":null,"snapshot":{"n":1},"variables":{"v":"w"},"is_passthrough":true}`,
		},
		{"no name and key", "GET", stepURL, "", "", 401, ""},
		{"another name", "GET", stepURL, "users", "key", 401, ""},
		{"another key", "GET", stepURL, "user", "ke", 401, ""},
		{"an unknown step", "GET", stepURL + "0", "user", "key", 404, ""},
		{"a step of another flow", "GET", "/v1/tasks/other/steps/step_1", "user", "key", 404, ""},
		{"an unknown path", "GET", "/v1/tasks", "user", "key", 404, ""},
		{"an unknown path without a key", "GET", "/v1/tasks", "", "", 401, ""},
		{"another method", "POST", stepURL, "user", "key", 405, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := p.Requests()
			response := ask(p, test.method, test.path, test.username, test.key)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, before+1, p.Requests())
			if test.body != "" {
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				assert.JSONEq(t, test.body, string(body))
				assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
			}
		})
	}
}

func TestPlatformFails(t *testing.T) {
	p := &fake.Platform{Username: "user", Key: "key"}
	p.SetStep("flow", fake.Step{ID: "step_1"})
	p.Fail(503)
	p.Fail(500, 404)
	for _, status := range []int{503, 500, 404, 200} {
		assert.Equal(t, status, ask(p, "GET", stepURL, "user", "key").StatusCode)
	}
	assert.Equal(t, 4, p.Requests())
}

func TestPlatformZeroValue(t *testing.T) {
	var p fake.Platform
	assert.Zero(t, p.Requests())
	assert.Equal(t, 404, ask(&p, "GET", stepURL, "", "").StatusCode)
}
