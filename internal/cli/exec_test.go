package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/service"
)

// execute runs `component exec` with these arguments.
func execute(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = Main(t.Context(), Process{
		Args: append([]string{"exec"}, args...), Env: func(string) (string, bool) { return "", false },
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs,
	})
	return status, out.String(), errs.String()
}

func TestExecVerifyCredentials(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	const key, secret = "AKIAEXECTESTEXECTEST", "pl4nted-secret"
	aws := httptest.NewServer(emulator.New(emulator.Options{
		Credentials: map[string]emulator.Credential{key: {SecretKey: component.NewSecret(secret)}},
	}))
	defer aws.Close()
	cfg := func(secret string) string {
		text, err := json.Marshal(map[string]string{"accessKeyId": key, "accessKeySecret": secret, "region": "eu-central-1", "endpoint": aws.URL})
		require.NoError(t, err)
		return string(text)
	}
	file := filepath.Join(t.TempDir(), "cfg.json")
	require.NoError(t, os.WriteFile(file, []byte(cfg(secret)), 0o600))

	for _, test := range []struct {
		name           string
		args           []string
		stdin          string
		status         int
		stdout, stderr string // what they begin with and contain
	}{
		{"emulator instead of the endpoint", []string{"--cfg", cfg("wrong")}, "", 0, "verified\n", ""},
		{"not AWS's keys", []string{"--cfg", `{"region":"nowhere"}`}, "", 1, "not verified: the credentials cannot be used: region must look like", ""},
		{"not AWS's keys as JSON", []string{"--json", "--cfg", `{"region":"nowhere"}`}, "", 1, `{"verified":false,"reason":"`, ""},
		{"real endpoint", []string{"--aws", "--cfg", cfg(secret)}, "", 0, "verified\n", ""},
		{"real endpoint refuses", []string{"--aws", "--cfg", cfg("wrong")}, "", 1, "not verified: ListSecrets failed: InvalidSignatureException", ""},
		{"file", []string{"--aws", "--cfg", file}, "", 0, "verified\n", ""},
		{"standard input", []string{"--aws", "--cfg", "-"}, cfg(secret), 0, "verified\n", ""},
		{"garbage in standard input", []string{"--cfg", "-"}, `{"a` + secret, 2, "", "--cfg: invalid JSON"},
		{"no object", []string{"--cfg", "[1]"}, "", 2, "", "must not be a JSON array"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, stdout, stderr := execute(t, test.stdin, append([]string{"verifyCredentials"}, test.args...)...)
			assert.Equal(t, test.status, status)
			assert.True(t, strings.HasPrefix(stdout, test.stdout), stdout)
			assert.Contains(t, stderr, test.stderr)
			assert.NotContains(t, stdout+stderr, secret)
		})
	}
}

func TestExecModel(t *testing.T) {
	registry, err := component.NewRegistry([]byte(`{"actions": {"Get": {"fields": {"thing": {"model": "things"}}}}}`), component.Spec{
		Kind: component.Action, Name: "Get",
		New: func(component.Deps) (component.Handler, error) { return component.HandlerFunc(nil), nil },
		Models: map[string]func(context.Context, component.Deps) (json.RawMessage, error){
			"things": func(_ context.Context, deps component.Deps) (json.RawMessage, error) { return deps.Config, nil },
		},
	})
	require.NoError(t, err)
	methods := service.Methods{
		Registry: func() (*component.Registry, error) { return registry, nil },
		Log:      slog.New(slog.DiscardHandler), ComponentLog: slog.New(slog.DiscardHandler),
	}
	for name, test := range map[string]struct {
		json bool
		want string
	}{
		"readable": {false, "{\n  \"a\": 1\n}"},
		"JSON":     {true, `{"a":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			c := execCommand{Method: service.SelectModel, Function: "Get", Model: "things", JSON: test.json}
			p := Process{Stdout: &out, Env: func(string) (string, bool) { return "", false }}
			require.NoError(t, c.call(t.Context(), p, methods, json.RawMessage(`{"a":1}`)))
			assert.Equal(t, test.want+"\n", out.String())
		})
	}
}

func TestExecRefusals(t *testing.T) {
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"getMetaModel -f GetRandomPassword", 1, `Method "getMetaModel" is not found in "GetRandomPassword" action or trigger`},
		{"selectModel -f GetSecretValue --model secrets", 1, `Method "secrets" is not found in "GetSecretValue" action or trigger`},
		{"getMetaModel -f Other", 2, `there is no function "Other"; the functions are AbortRotation, `},
		{"getMetaModel -f pl4nted", 2, `there is no such function; the functions are AbortRotation, `},
	} {
		t.Run(test.args, func(t *testing.T) {
			status, stdout, stderr := execute(t, "", strings.Fields(test.args)...)
			assert.Equal(t, test.status, status)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, test.want)
			assert.NotContains(t, stderr, "pl4nted")
		})
	}
}
