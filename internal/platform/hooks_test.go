package platform_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/platform"
)

func TestHooksAndKeys(t *testing.T) {
	const secret = "planted-new-key"
	keys := json.RawMessage(`{"token": "` + secret + `"}`)
	for name, tc := range map[string]struct {
		call       func(context.Context, *platform.Client) (json.RawMessage, error)
		response   string
		wantMethod string
		wantPath   string
		wantBody   string
		want       string
	}{
		"create": {
			call: func(ctx context.Context, c *platform.Client) (json.RawMessage, error) {
				return nil, c.CreateStartupData(ctx, "flow/1", json.RawMessage(`{"id": 1}`))
			},
			wantMethod: http.MethodPost, wantPath: "/sailor-support/hooks/task/flow%2F1/startup/data", wantBody: `{"id": 1}`,
		},
		"fetch": {
			call: func(ctx context.Context, c *platform.Client) (json.RawMessage, error) {
				return c.StartupData(ctx, "flow")
			},
			response:   `{"id": 1}`,
			wantMethod: http.MethodGet, wantPath: "/sailor-support/hooks/task/flow/startup/data", want: `{"id": 1}`,
		},
		"fetch nothing": {
			call: func(ctx context.Context, c *platform.Client) (json.RawMessage, error) {
				return c.StartupData(ctx, "flow")
			},
			wantMethod: http.MethodGet, wantPath: "/sailor-support/hooks/task/flow/startup/data", want: `{}`,
		},
		"delete": {
			call: func(ctx context.Context, c *platform.Client) (json.RawMessage, error) {
				return nil, c.DeleteStartupData(ctx, "flow")
			},
			wantMethod: http.MethodDelete, wantPath: "/sailor-support/hooks/task/flow/startup/data",
		},
		"update keys": {
			call: func(ctx context.Context, c *platform.Client) (json.RawMessage, error) {
				return nil, c.UpdateKeys(ctx, "account", keys)
			},
			wantMethod: http.MethodPut, wantPath: "/v1/accounts/account", wantBody: `{"keys": {"token": "` + secret + `"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			statuses := []int{http.StatusOK, http.StatusConflict}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				username, key, _ := r.BasicAuth()
				assert.Equal(t, "name+key", username+"+"+key)
				assert.Equal(t, tc.wantMethod, r.Method)
				assert.Equal(t, tc.wantPath, r.URL.EscapedPath())
				body, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				if tc.wantBody == "" {
					assert.Empty(t, body)
				} else {
					assert.JSONEq(t, tc.wantBody, string(body))
				}
				w.WriteHeader(statuses[0])
				statuses = statuses[1:]
				_, _ = io.WriteString(w, tc.response)
			}))
			defer server.Close()
			c := platform.New(platform.Options{
				URI: component.NewSecret(server.URL), Username: "name", Key: component.NewSecret("key"),
			})
			defer c.Close()
			got, err := tc.call(t.Context(), c)
			require.NoError(t, err)
			if tc.want != "" {
				assert.JSONEq(t, tc.want, string(got))
			}
			_, err = tc.call(t.Context(), c)
			require.ErrorIs(t, err, platform.ErrConflict)
			require.ErrorContains(t, err, tc.wantMethod+" "+tc.wantPath+": the platform answered 409 Conflict")
			assert.NotContains(t, err.Error(), secret)
		})
	}
}
