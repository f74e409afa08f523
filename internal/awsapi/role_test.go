package awsapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

const stsResponse = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/own/flow</Arn><AssumedRoleId>AROA:flow</AssumedRoleId></AssumedRoleUser>
<Credentials><AccessKeyId>ASIAROLE000000000%03d</AccessKeyId><SecretAccessKey>planted-role-secret</SecretAccessKey>
<SessionToken>planted-role-token</SessionToken><Expiration>%s</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>`

const stsDenied = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>
<Message>User: arn:aws:iam::123456789012:user/u is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/own</Message>
</Error><RequestId>sts-1</RequestId></ErrorResponse>`

// respondWithRole responds to AssumeRole with credentials for lifetime, a new key id
// each time, and everything else with {}.
func respondWithRole(t *testing.T, lifetime time.Duration) func(*http.Request) (int, http.Header, string) {
	t.Helper()
	var mu sync.Mutex
	n := 0
	return func(r *http.Request) (int, http.Header, string) {
		if r.Header.Get("X-Amz-Target") != "" {
			return http.StatusOK, http.Header{"X-Amzn-Requestid": {"req-1"}}, `{}`
		}
		mu.Lock()
		defer mu.Unlock()
		n++
		return http.StatusOK, nil, fmt.Sprintf(stsResponse, n, time.Now().Add(lifetime).UTC().Format(time.RFC3339))
	}
}

func bodyOf(t *testing.T, r *http.Request) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(b)
}

func roleConfig() Config {
	cfg := validConfig()
	cfg.RoleARN, cfg.ExternalID = "arn:aws:iam::123456789012:role/own", "external:1"
	return cfg
}

func TestRoleIsAssumed(t *testing.T) {
	net := &fakeAWS{respond: respondWithRole(t, time.Hour)}
	cfg := roleConfig()
	cfg.SessionName = "flow id/ü"
	require.NoError(t, getSecret(t, cfg, Options{Transport: net}))

	seen := net.seen()
	require.Len(t, seen, 2)
	body := bodyOf(t, seen[0])
	for _, part := range []string{"Action=AssumeRole", "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fown", "ExternalId=external%3A1", "RoleSessionName=flow-flow-id", "DurationSeconds=3600"} {
		assert.Contains(t, body, part)
	}
	assert.Contains(t, seen[1].Header.Get("Authorization"), "Credential=ASIAROLE000000000001/")
	assert.Equal(t, "planted-role-token", seen[1].Header.Get("X-Amz-Security-Token"))
}

func TestRoleEndpoint(t *testing.T) {
	tests := []struct{ name, endpoint, want string }{
		{"AWS", "", "sts.eu-central-1.amazonaws.com"},
		{"emulator or gateway serves STS as well", "https://gateway.example.com:1", "gateway.example.com:1"},
		{"VPC endpoint", "https://vpce-0-1.secretsmanager.eu-central-1.vpce.amazonaws.com", "sts.eu-central-1.amazonaws.com"},
		{"FIPS endpoint", "https://secretsmanager-fips.eu-central-1.amazonaws.com", "sts.eu-central-1.amazonaws.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			net := &fakeAWS{respond: respondWithRole(t, time.Hour)}
			cfg := roleConfig()
			cfg.Endpoint = tt.endpoint
			require.NoError(t, getSecret(t, cfg, Options{Transport: net}))
			assert.Equal(t, tt.want, net.seen()[0].URL.Host)
		})
	}
}

func TestRoleIsRenewedBeforeItExpires(t *testing.T) {
	tests := []struct {
		name     string
		lifetime time.Duration
		assumed  int
	}{
		{"long before the end", time.Hour, 1},
		{"shortly before the end", roleExpiryWindow - time.Minute, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			net := &fakeAWS{respond: respondWithRole(t, tt.lifetime)}
			api, err := New(roleConfig(), Options{Transport: net})
			require.NoError(t, err)
			for range 3 {
				_, err := api.ListSecrets(context.Background(), &secretsmanager.ListSecretsInput{})
				require.NoError(t, err)
			}
			assumed, last := 0, ""
			for _, r := range net.seen() {
				if r.Header.Get("X-Amz-Target") == "" {
					assumed++
				}
				last = r.Header.Get("Authorization")
			}
			assert.Equal(t, tt.assumed, assumed)
			assert.Contains(t, last, fmt.Sprintf("Credential=ASIAROLE000000000%03d/", tt.assumed))
		})
	}
}

func TestRoleCannotBeAssumed(t *testing.T) {
	t.Run("denied", func(t *testing.T) {
		net := always(http.StatusForbidden, stsDenied)
		err := getSecret(t, roleConfig(), Options{Transport: net, MaxBackoff: 1})
		requireError(t, err, component.InvalidCredentials, "role arn:aws:iam::123456789012:role/own cannot be assumed", "AccessDenied",
			"sts:AssumeRole", "trust policy", "arn:aws:iam::123456789012:user/u", "req-1", `"my/secret"`)
		assert.Len(t, net.seen(), 1)
	})
	t.Run("STS is down", func(t *testing.T) {
		net := always(http.StatusServiceUnavailable, "")
		err := getSecret(t, roleConfig(), Options{Transport: net, MaxBackoff: 1})
		requireRebound(t, err, component.Unavailable, "cannot be assumed", "HTTP status 503")
		assert.Len(t, net.seen(), maxAttempts, "attempts must not multiply")
	})
}

func TestSessionName(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"flow id", "5f1c0a", "flow-5f1c0a"},
		{"no flow", "", "flow"},
		{"characters that STS refuses", "a b/c:ü", "flow-a-b-c"},
		{"long", strings.Repeat("x", 100), "flow-" + strings.Repeat("x", 59)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, sessionName(tt.in)) })
	}
}
