package cli_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEmulator(t *testing.T) {
	url, stop := serveEmulator(t, "--seed", seedFile)
	cfg := `{"accessKeyId":"any","accessKeySecret":"key","region":"us-east-1","endpoint":"` + url + `"}`
	read := []string{"process", "--aws", "--function", "GetSecretValue", "--body", `{"SecretId":"demo/database"}`, "--cfg", cfg, "--json"}

	got := call(t.Context(), read...)
	require.Equal(t, 0, got.status, got.stdout+got.stderr)
	assert.Contains(t, got.stdout, `"Name":"demo/database"`)

	got = call(t.Context(), "emulator", "--listen", url[len("http://"):])
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stderr, "address already in use")
	assert.Empty(t, got.stdout, "nothing is served there")

	assert.Equal(t, 0, stop(), "a wanted end is a success")
	client := &http.Client{Transport: &http.Transport{}}
	_, err := client.Get(url)
	require.Error(t, err, "it is still served")
}
