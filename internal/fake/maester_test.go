package fake_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/fake"
)

func maester(t *testing.T) (*fake.Maester, func(ctx context.Context, method, path, token, body string) (int, string, error)) {
	t.Helper()
	m := &fake.Maester{Token: "token"}
	server, err := fake.Serve(t.Context(), "127.0.0.1:0", m)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		assert.NoError(t, server.Close())
	})
	return m, func(ctx context.Context, method, path, token, body string) (int, string, error) {
		r, err := http.NewRequestWithContext(ctx, method, server.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Authorization", token)
		resp, err := client.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer func() { _ = resp.Body.Close() }()
		answer, err := io.ReadAll(resp.Body)
		return resp.StatusCode, string(answer), err
	}
}

func TestMaester(t *testing.T) {
	m, ask := maester(t)
	status, answer, err := ask(t.Context(), "POST", "/objects", "Bearer token", "content")
	require.NoError(t, err)
	assert.Equal(t, http.StatusCreated, status)
	var created struct{ ObjectID string }
	require.NoError(t, json.Unmarshal([]byte(answer), &created))
	stored, ok := m.Object(created.ObjectID)
	assert.True(t, ok)
	assert.Equal(t, "content", string(stored))
	added := m.Add([]byte("more"))

	for _, test := range []struct {
		name, method, path, token string
		status                    int
		want                      string
	}{
		{"what was posted", "GET", "/objects/" + created.ObjectID, "Bearer token", 200, "content"},
		{"what was added", "GET", "/objects/" + added, "Bearer token", 200, "more"},
		{"an unknown object", "GET", "/objects/x", "Bearer token", 404, "no such object\n"},
		{"without a token", "GET", "/objects/" + added, "", 401, "unauthorized\n"},
		{"with another", "GET", "/objects/" + added, "Bearer tokens", 401, "unauthorized\n"},
		{"posted without a token", "POST", "/objects", "", 401, "unauthorized\n"},
		{"an unknown path", "GET", "/", "Bearer token", 404, "404 page not found\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, answer, err := ask(t.Context(), test.method, test.path, test.token, "")
			require.NoError(t, err)
			assert.Equal(t, test.status, status)
			assert.Equal(t, test.want, answer)
		})
	}
	assert.Equal(t, fake.MaesterRequests{Get: 6, Post: 2}, m.Requests())
}

func TestMaesterFails(t *testing.T) {
	m, ask := maester(t)
	id := m.Add([]byte("content"))
	get := func() (int, error) {
		status, _, err := ask(t.Context(), "GET", "/objects/"+id, "Bearer token", "")
		return status, err
	}
	m.Fail(503, fake.HangUp)
	status, err := get()
	require.NoError(t, err)
	assert.Equal(t, 503, status)

	m.SetGone(true)
	for range 2 {
		_, err = get()
		require.ErrorIs(t, err, io.EOF, "gone comes before failures")
	}
	m.SetGone(false)
	_, err = get()
	require.Error(t, err)
	status, err = get()
	require.NoError(t, err)
	assert.Equal(t, 200, status)
}

func TestMaesterHolds(t *testing.T) {
	m, ask := maester(t)
	release := m.Hold()
	ended := make(chan error)
	gone, leave := context.WithCancel(t.Context())
	for _, ctx := range []context.Context{t.Context(), gone} {
		go func() {
			_, _, err := ask(ctx, "POST", "/objects", "Bearer token", "x")
			ended <- err
		}()
	}
	leave()
	require.ErrorIs(t, <-ended, context.Canceled)
	release()
	release()
	require.NoError(t, <-ended)
	_, _, err := ask(t.Context(), "GET", "/objects/x", "Bearer token", "")
	require.NoError(t, err)
}
