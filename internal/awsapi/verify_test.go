package awsapi

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/u</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`

// Whoever the credentials belong to is told where STS is asked, and what STS says
// decides nothing.
func TestCaller(t *testing.T) {
	denied := awsError(t, "AccessDeniedException", "User: u is not authorized to perform: secretsmanager:ListSecrets")
	for _, tt := range []struct {
		name, endpoint string
		listed, told   string // bodies of the two responses
		status         int    // of STS
		asked, want    string
	}{
		{name: "AWS", listed: `{}`, told: identity, status: 200, asked: "sts.eu-central-1.amazonaws.com", want: "arn:aws:iam::123456789012:user/u"},
		{name: "no permission to list", listed: denied, told: identity, status: 200, asked: "sts.eu-central-1.amazonaws.com", want: "arn:aws:iam::123456789012:user/u"},
		{name: "gateway", endpoint: "https://gateway.example.com", listed: `{}`, told: identity, status: 200, asked: "gateway.example.com", want: "arn:aws:iam::123456789012:user/u"},
		{name: "gateway without STS", endpoint: "https://gateway.example.com", listed: `{}`, told: `planted`, status: 404, asked: "gateway.example.com"},
		{name: "gateway that repeats", endpoint: "https://gateway.example.com", listed: `{}`, status: 200, asked: "gateway.example.com",
			told: `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>` + testToken + `</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`},
		{name: "VPC endpoint", endpoint: "https://vpce-0-1.secretsmanager.eu-central-1.vpce.amazonaws.com", listed: `{}`},
		{name: "STS is down", listed: `{}`, told: ``, status: 503, asked: "sts.eu-central-1.amazonaws.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := ""
			net := &fakeAWS{respond: func(r *http.Request) (int, http.Header, string) {
				header := http.Header{"X-Amzn-Requestid": {"req-1"}}
				switch {
				case r.Header.Get("X-Amz-Target") == "":
					asked += r.URL.Host
					return tt.status, header, tt.told
				case tt.listed == denied:
					return 400, header, tt.listed
				}
				return 200, header, tt.listed
			}}
			cfg := validConfig()
			cfg.Endpoint = tt.endpoint
			got, err := Verify(t.Context(), cfg, Options{Transport: net, MaxBackoff: 1})
			require.NoError(t, err)
			assert.True(t, got.Verified)
			assert.Equal(t, tt.want, got.Caller)
			assert.Equal(t, tt.asked, asked)
		})
	}
}

func TestCallerOfTheEmulator(t *testing.T) {
	aws := emulator.New(emulator.Options{
		Credentials: map[string]emulator.Credential{testKeyID: {SecretKey: component.NewSecret(testSecret)}},
		Roles:       map[string]emulator.Role{"arn:aws:iam::123456789012:role/reader": {}},
	})
	server := httptest.NewServer(aws)
	defer server.Close()
	cfg := validConfig()
	cfg.SessionToken, cfg.Endpoint = component.NewSecret(""), server.URL
	transport := testTransport(t, 1)
	for role, want := range map[string]string{
		"": "arn:aws:iam::123456789012:", "arn:aws:iam::123456789012:role/reader": "arn:aws:sts::123456789012:assumed-role/reader/flow-5f1c",
	} {
		cfg.RoleARN = role
		got, err := Verify(t.Context(), cfg, Options{AllowInsecureEndpoint: true, Transport: transport})
		require.NoError(t, err)
		assert.True(t, got.Verified)
		assert.Contains(t, got.Caller, want)
		requireNoSecrets(t, got.Caller)
	}
	assert.Equal(t, map[string]int{"ListSecrets": 2, "GetCallerIdentity": 2, "AssumeRole": 1}, aws.Calls())
}
