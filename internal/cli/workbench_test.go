package cli_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWorkbench(t *testing.T) {
	greeting, stop := serve(t, "workbench", "--seed", seedFile)
	_, address, found := strings.Cut(greeting, "the workbench is at ")
	require.True(t, found, greeting)
	url, token, found := strings.Cut(address, "/#")
	require.True(t, found, greeting)

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func(path, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/"+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := client.Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return string(answer)
	}
	assert.Contains(t, ask("verify", "{}"), `"verified":true`)
	assert.Contains(t, ask("run", `{"function":"DescribeSecret","config":{"region":"us-east-1"},"body":{"SecretId":"demo/database"}}`), `"kind":"data"`)
	assert.Equal(t, 0, stop().status, "a wanted end is a success")
}
