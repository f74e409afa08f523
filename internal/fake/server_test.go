package fake_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/fake"
)

func TestServe(t *testing.T) {
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	server, err := fake.Serve(t.Context(), "127.0.0.1:0", hello)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()

	response, err := client.Get(server.URL)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, "hello", string(body))

	_, err = fake.Serve(t.Context(), server.URL[len("http://"):], hello)
	require.ErrorContains(t, err, "in use")

	require.NoError(t, server.Close())
	require.NoError(t, server.Close(), "once closed, it stays so")
	_, err = client.Get(server.URL)
	require.Error(t, err)
}

func TestServeNamesTheHostAsItIsAskedFor(t *testing.T) {
	for address, want := range map[string]string{
		"0.0.0.0:0":   `^http://0\.0\.0\.0:\d+$`,
		"localhost:0": `^http://localhost:\d+$`,
	} {
		t.Run(address, func(t *testing.T) {
			server, err := fake.Serve(t.Context(), address, http.NotFoundHandler())
			require.NoError(t, err)
			defer server.Close()
			assert.Regexp(t, want, server.URL)
		})
	}
}

func TestServeRefuses(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "127.0.0.1:http:", "127.0.0.1:99999"} {
		t.Run(address, func(t *testing.T) {
			server, err := fake.Serve(t.Context(), address, http.NotFoundHandler())
			require.Error(t, err)
			assert.Nil(t, server)
		})
	}
}
