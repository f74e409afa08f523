package cli_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
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
	assert.Contains(t, got.stderr, "address already in use; --listen takes another")
	assert.Empty(t, got.stdout, "nothing is served there")

	assert.Equal(t, result{}, stop(), "a wanted end is a success")
	client := &http.Client{Transport: &http.Transport{}}
	_, err := client.Get(url)
	require.Error(t, err, "it is still served")
}

func TestEmulatorOptions(t *testing.T) {
	url, stop := serveEmulator(t, "--account", "210987654321", "--region", "eu-west-1", "--lag", "5m", "--log", "--seed", seedFile)
	cfg := `{"accessKeyId":"any","accessKeySecret":"key","region":"eu-west-1","endpoint":"` + url + `"}`
	run := func(function, body string) string {
		got := call(t.Context(), "process", "--aws", "--function", function, "--body", body, "--cfg", cfg, "--json")
		require.Equal(t, 0, got.status, got.stdout+got.stderr)
		return got.stdout
	}
	created := run("CreateSecret", `{"Name":"new","SecretString":"planted-value"}`)
	assert.Contains(t, created, `arn:aws:secretsmanager:eu-west-1:210987654321:secret:new-`)
	listed := run("ListSecrets", `{}`)
	assert.Contains(t, listed, `"Name":"demo/database"`, "the seed is in the Region")
	assert.NotContains(t, listed, `"Name":"new"`, "ListSecrets lags")

	log := stop().stderr
	assert.Regexp(t, `(?m)^time=\S+ operation=CreateSecret secret=new status=200 duration=\S+ requestId=\S+$`, log)
	assert.NotContains(t, log, "planted")
}

func TestEmulatorCheck(t *testing.T) {
	url, stop := serveEmulator(t)
	defer stop()
	got := call(t.Context(), "emulator", "--check", url+"/")
	assert.Equal(t, result{}, got)

	another := httptest.NewServer(http.NotFoundHandler())
	defer another.Close()
	got = call(t.Context(), "emulator", "--check", another.URL)
	assert.Equal(t, 1, got.status)
	assert.Equal(t, "component: no emulator answers: the answer, with status 404, is another server's\n", got.stderr)
}

func TestEmulatorState(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(state+".other", nil, 0o600))
	run := func(what string, args ...string) string {
		t.Helper()
		url, stop := serveEmulator(t, append(args, "--state", state)...)
		info, err := os.Stat(state)
		require.NoError(t, err, "written at the start")
		assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
		cfg := `{"accessKeyId":"any","accessKeySecret":"key","region":"us-east-1","endpoint":"` + url + `"}`
		got := call(t.Context(), append([]string{"process", "--aws", "--cfg", cfg, "--json", "--show-secrets", "--function"}, strings.Split(what, " ")...)...)
		require.Equal(t, result{}, stop())
		require.Equal(t, 0, got.status, got.stdout+got.stderr)
		return got.stdout
	}
	run(`PutSecretValue --body {"SecretId":"demo/database","SecretString":"changed"}`, "--seed", seedFile)
	assert.Contains(t, run(`GetSecretValue --body {"SecretId":"demo/database"}`), "changed")
	assert.Contains(t, run(`GetSecretValue --body {"SecretId":"demo/database"}`, "--seed", seedFile), "changed", "the state comes in place of the seed")

	files, err := filepath.Glob(state + "*")
	require.NoError(t, err)
	assert.Equal(t, []string{state, state + ".other"}, files)
}

func TestEmulatorCredentials(t *testing.T) {
	file := filepath.Join(t.TempDir(), "credentials.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"keys": [
		{"accessKeyId": "AKIAADMIN", "secretAccessKey": "planted-secret"},
		{"accessKeyId": "AKIAREADER", "secretAccessKey": "planted-secret", "user": "reader", "policy": {
			"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}}}]}`), 0o600))
	url, stop := serveEmulator(t, "--credentials", file, "--seed", seedFile, "--log")
	list := func(keyID, secret string) result {
		return call(t.Context(), "process", "--aws", "--function", "ListSecrets", "--body", "{}", "--json",
			"--cfg", `{"accessKeyId":"`+keyID+`","accessKeySecret":"`+secret+`","region":"us-east-1","endpoint":"`+url+`"}`)
	}
	assert.Contains(t, list("AKIAADMIN", "planted-secret").stdout, "demo/database")
	assert.Contains(t, list("AKIAREADER", "planted-secret").stdout, "AccessDeniedException")
	assert.Contains(t, list("AKIAADMIN", "other-secret").stdout, "InvalidSignatureException")
	assert.Contains(t, list("AKIAOTHER", "planted-secret").stdout, "UnrecognizedClientException")
	log := stop().stderr
	assert.Contains(t, log, "error=InvalidSignatureException")
	assert.NotContains(t, log, "planted")
}
