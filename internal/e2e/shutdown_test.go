package e2e

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"aws-secrets-manager-connector/internal/testkit"
)

// TestHookShutdown starts the program when a flow has ended. There is no broker
// then, nor any setting that concerns one.
func TestHookShutdown(t *testing.T) {
	const data = "/sailor-support/hooks/task/flow/startup/data"
	for name, test := range map[string]struct {
		status int // of the platform's answer to DELETE
		exit   int
	}{
		"done":    {http.StatusNoContent, 0},
		"refused": {http.StatusForbidden, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var requests []string
			platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				requests = append(requests, r.Method+" "+r.URL.Path)
				if r.Method == http.MethodDelete {
					w.WriteHeader(test.status)
					return
				}
				_, _ = w.Write([]byte("{}"))
			}))
			defer platform.Close()
			env := map[string]string{"ELASTICIO_HOOK_SHUTDOWN": "true", "ELASTICIO_API_URI": platform.URL}
			for _, required := range []string{"EXEC_ID", "CONTAINER_ID", "WORKSPACE_ID", "USER_ID", "COMP_ID", "API_USERNAME", "API_KEY"} {
				env["ELASTICIO_"+required] = "any"
			}
			env["ELASTICIO_FLOW_ID"], env["ELASTICIO_STEP_ID"], env["ELASTICIO_FUNCTION"] = "flow", "step", "GetSecretValue"

			process := testkit.Start(t.Context(), t, "", env, program)
			assert.Equal(t, test.exit, process.Status(), process.Output())
			mu.Lock()
			defer mu.Unlock()
			assert.Equal(t, []string{"GET /v1/tasks/flow/steps/step", "GET " + data, "DELETE " + data}, requests)
		})
	}
}
