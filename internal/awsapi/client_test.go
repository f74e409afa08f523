package awsapi

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func getSecret(t *testing.T, cfg Config, opts Options) error {
	t.Helper()
	api, err := New(cfg, opts)
	require.NoError(t, err)
	in := &secretsmanager.GetSecretValueInput{SecretId: aws.String("my/secret")}
	if _, err = api.GetSecretValue(context.Background(), in); err != nil {
		return Wrap("GetSecretValue", in, err)
	}
	return nil
}

// hostileHost gives the process everything the SDK would like to find.
func hostileHost(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "aws")
	content := "[default]\nregion = us-west-2\nendpoint_url = https://host.example.com\naws_access_key_id = AKIAHOSTFILE00000001\n" +
		"aws_secret_access_key = host\n[profile host]\nregion = us-west-2\n"
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIAHOSTENV000000001", "AWS_SECRET_ACCESS_KEY": "host-secret", "AWS_SESSION_TOKEN": "host-token",
		"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2", "AWS_PROFILE": "host",
		"AWS_ENDPOINT_URL": "https://host.example.com", "AWS_ENDPOINT_URL_SECRETS_MANAGER": "https://host.example.com",
		"AWS_ENDPOINT_URL_STS": "https://host.example.com",
		"AWS_CONFIG_FILE":      file, "AWS_SHARED_CREDENTIALS_FILE": file, "HOME": dir,
		"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/host", "AWS_WEB_IDENTITY_TOKEN_FILE": file,
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/host",
		"AWS_MAX_ATTEMPTS":                   "1", "AWS_RETRY_MODE": "standard", "AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true",
	} {
		t.Setenv(name, value)
	}
}

func TestHostHasNoInfluence(t *testing.T) {
	hostileHost(t)
	cfg := validConfig()
	cfg.RoleARN = "arn:aws:iam::123456789012:role/own"
	for _, opts := range []Options{{}, {AllowAmbient: true}} { // keys of the flow win
		net := &fakeAWS{respond: respondWithRole(t, time.Hour)}
		opts.Transport = net
		require.NoError(t, getSecret(t, cfg, opts))

		seen := net.seen()
		require.Len(t, seen, 2)
		assert.Equal(t, "sts.eu-central-1.amazonaws.com", seen[0].URL.Host)
		assert.Contains(t, seen[0].Header.Get("Authorization"), "Credential="+testKeyID+"/")
		assert.Equal(t, testToken, seen[0].Header.Get("X-Amz-Security-Token"))
		assert.Equal(t, "secretsmanager.eu-central-1.amazonaws.com", seen[1].URL.Host)
		assert.Contains(t, seen[1].Header.Get("Authorization"), "/eu-central-1/secretsmanager/aws4_request")
	}

	cfg = Config{Region: "eu-central-1"}
	_, err := New(cfg, Options{})
	requireError(t, err, component.InvalidCredentials, "accessKeyId (\"Access key ID\") is missing")

	net := always(http.StatusServiceUnavailable, `{}`)
	require.Error(t, getSecret(t, validConfig(), Options{Transport: net, MaxBackoff: 1}))
	assert.Len(t, net.seen(), maxAttempts, "AWS_MAX_ATTEMPTS of the host")
}

func TestAmbientCredentialsWhereAllowed(t *testing.T) {
	hostileHost(t)
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "")
	net := always(http.StatusOK, `{}`)
	require.NoError(t, getSecret(t, Config{Region: "eu-central-1"}, Options{AllowAmbient: true, Transport: net}))

	seen := net.seen()
	require.Len(t, seen, 1)
	assert.Contains(t, seen[0].Header.Get("Authorization"), "Credential=AKIAHOSTENV000000001/")
	assert.Equal(t, "secretsmanager.eu-central-1.amazonaws.com", seen[0].URL.Host, "only the credentials are the host's")
}

func TestAmbientCredentialsMissing(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	err := getSecret(t, Config{Region: "eu-central-1"}, Options{AllowAmbient: true, Transport: always(200, `{}`)})
	requireError(t, err, component.InvalidCredentials, "the container's host has no usable credentials")
}

func TestEndpointIsUsed(t *testing.T) {
	net := always(http.StatusOK, `{}`)
	cfg := validConfig()
	cfg.Endpoint = "https://gateway.example.com:8443/base/"
	require.NoError(t, getSecret(t, cfg, Options{Transport: net}))
	assert.Equal(t, "https://gateway.example.com:8443/base/", net.seen()[0].URL.String())
}

func TestRedirectIsNotFollowed(t *testing.T) {
	followed := false
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer target.Close()
	for _, status := range []int{http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		server := httptest.NewServer(http.RedirectHandler(target.URL, status))
		cfg := validConfig()
		cfg.Endpoint = server.URL
		err := getSecret(t, cfg, Options{AllowInsecureEndpoint: true})
		server.Close()
		requireError(t, err, component.InvalidConfig, "redirect", "not followed")
	}
	assert.False(t, followed)
}

func TestAttempts(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   int
	}{
		{"throttled", 400, awsError(t, "ThrottlingException", "Rate exceeded"), maxAttempts},
		{"server error", 500, awsError(t, "InternalServiceError", "oops"), maxAttempts},
		{"gateway error", 502, "<html>", maxAttempts},
		{"quota used up", 400, awsError(t, "LimitExceededException", "too many"), 1},
		{"not found", 400, awsError(t, "ResourceNotFoundException", "gone"), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // after throttling the SDK slows down
				net := always(tt.status, tt.body)
				require.Error(t, getSecret(t, validConfig(), Options{Transport: net, MaxBackoff: 1}))
				assert.Len(t, net.seen(), tt.want)
			})
		})
	}
}

func TestCallTimeout(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // lets the server see the client go
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}))
	defer server.Close()
	defer close(release)
	cfg := validConfig()
	cfg.Endpoint = server.URL
	err := getSecret(t, cfg, Options{AllowInsecureEndpoint: true, CallTimeout: 20 * time.Millisecond})
	requireRebound(t, err, component.Unavailable, "no response in time")
}

func requireRebound(t *testing.T, err error, name string, parts ...string) {
	t.Helper()
	var later *component.Rebound
	require.ErrorAs(t, err, &later)
	requireError(t, later.Err, name, parts...)
	requireNoSecrets(t, later.Reason)
}

func TestCancelledCallIsNoError(t *testing.T) {
	api, err := New(validConfig(), Options{Transport: always(200, `{}`)})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("s")})
	require.Error(t, err)
	err = Wrap("GetSecretValue", nil, err)
	require.ErrorIs(t, err, context.Canceled)
	var emitted *component.Error
	assert.NotErrorAs(t, err, &emitted)
	var later *component.Rebound
	assert.NotErrorAs(t, err, &later)
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(nil)
	closed := server.URL
	server.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"SecretString":"planted`)
	}))
	defer cut.Close()

	tests := []struct {
		name, endpoint string
		rebound        bool
		errIs, part    string
	}{
		{"nobody listens", closed, true, component.Unavailable, "connection refused"},
		{"no TLS there", strings.Replace(plain.URL, "http:", "https:", 1), false, component.InvalidConfig, "TLS"},
		{"certificate not trusted", untrusted.URL, false, component.InvalidConfig, "certificate"},
		{"response breaks off", cut.URL, true, component.Unavailable, "unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := validConfig()
			cfg.Endpoint = tt.endpoint
			err := getSecret(t, cfg, Options{AllowInsecureEndpoint: true, MaxBackoff: 1})
			if tt.rebound {
				requireRebound(t, err, tt.errIs, tt.part)
				return
			}
			var later *component.Rebound
			require.NotErrorAs(t, err, &later)
			requireError(t, err, tt.errIs, tt.part)
		})
	}
}
