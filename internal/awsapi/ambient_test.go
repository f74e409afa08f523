package awsapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func bareHost(t *testing.T) {
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func TestAmbientContainerCredentials(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(token, []byte("token-of-the-file"), 0o600))
	for name, tc := range map[string]struct {
		variable, value, want string
	}{
		"with a token":        {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "token-of-the-host", "token-of-the-host"},
		"with a token's file": {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token, "token-of-the-file"},
	} {
		t.Run(name, func(t *testing.T) {
			bareHost(t)
			host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, tc.want, r.Header.Get("Authorization"))
				_, _ = io.WriteString(w, `{"AccessKeyId": "ASIACONTAINER0000001", "SecretAccessKey": "s", "Token": "t", "Expiration": "2999-01-01T00:00:00Z"}`)
			}))
			defer host.Close()
			t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", host.URL+"/v1/credentials")
			t.Setenv(tc.variable, tc.value)
			net := always(http.StatusOK, `{}`)
			require.NoError(t, getSecret(t, Config{Region: "eu-central-1"}, Options{AllowAmbient: true, Transport: net}))
			http.DefaultClient.CloseIdleConnections()
			assert.Contains(t, net.seen()[0].Header.Get("Authorization"), "Credential=ASIACONTAINER0000001/")
		})
	}
}

func TestAmbientWebIdentity(t *testing.T) {
	bareHost(t)
	token := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(token, []byte("identity-of-the-pod"), 0o600))
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
	t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod")
	var signed string
	net := roundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		text := `{}`
		if strings.HasPrefix(r.URL.Host, "sts.") {
			assert.Contains(t, string(body), "WebIdentityToken=identity-of-the-pod")
			assert.Contains(t, string(body), "role%2Fpod")
			text = `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAWEBIDENTITY00001</AccessKeyId>` +
				`<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>` +
				`</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`
		} else {
			signed = r.Header.Get("Authorization")
		}
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"X-Amzn-Requestid": {"req-1"}}, Body: io.NopCloser(strings.NewReader(text)), Request: r,
		}, nil
	})
	require.NoError(t, getSecret(t, Config{Region: "eu-central-1"}, Options{AllowAmbient: true, Transport: net}))
	assert.Contains(t, signed, "Credential=ASIAWEBIDENTITY00001/")
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
