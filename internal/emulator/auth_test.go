package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

const roleARN = "arn:aws:iam::123456789012:role/team/reader"

// guarded is an environment with two keys: AKIDGOOD, and ASIATEMP of a session.
func guarded(t *testing.T, tweaks ...func(*emulator.Options)) *environment {
	return newEnvironment(t, append([]func(*emulator.Options){func(o *emulator.Options) {
		o.Credentials = map[string]emulator.Credential{
			"AKIDGOOD": {SecretKey: component.NewSecret("goodsecret")},
			"ASIATEMP": {
				SecretKey: component.NewSecret("tempsecret"), SessionToken: component.NewSecret("session"),
				Expires: newClock().Now().Add(time.Hour),
			},
		}
		o.Roles = map[string]emulator.Role{roleARN: {ExternalID: "ticket"}, roleARN + "2": {}}
	}}, tweaks...)...)
}

func list(t *testing.T, w *environment, id, secret, token string) error {
	c := w.client("eu-central-1", func(o *secretsmanager.Options) { o.Credentials = staticKeys(id, secret, token) })
	_, err := c.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
	return err
}

func TestCredentials(t *testing.T) {
	tests := []struct {
		name              string
		id, secret, token string
		later             time.Duration
		code              string
	}{
		{"right", "AKIDGOOD", "goodsecret", "", 0, ""},
		{"right for ever", "AKIDGOOD", "goodsecret", "", 1000 * days, ""},
		{"unknown key", "AKIDEVIL", "goodsecret", "", 0, "UnrecognizedClientException"},
		{"wrong secret", "AKIDGOOD", "badsecret", "", 0, "InvalidSignatureException"},
		{"token for a key without", "AKIDGOOD", "goodsecret", "session", 0, "UnrecognizedClientException"},
		{"session", "ASIATEMP", "tempsecret", "session", 0, ""},
		{"session without token", "ASIATEMP", "tempsecret", "", 0, "UnrecognizedClientException"},
		{"session with another token", "ASIATEMP", "tempsecret", "other", 0, "UnrecognizedClientException"},
		{"expired session", "ASIATEMP", "tempsecret", "session", time.Hour, "ExpiredTokenException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := guarded(t)
			w.clock.Advance(tt.later)
			err := list(t, w, tt.id, tt.secret, tt.token)
			if tt.code == "" {
				require.NoError(t, err)
				return
			}
			requireCode(t, err, tt.code)
			require.NotContains(t, err.Error(), "secret\"")
		})
	}
}

// TestSignatureCoversTheRequest changes a signed request on its way.
func TestSignatureCoversTheRequest(t *testing.T) {
	for name, tamper := range map[string]func(*http.Request){
		"not at all": func(*http.Request) {},
		"target":     func(r *http.Request) { r.Header.Set("X-Amz-Target", "secretsmanager.GetRandomPassword") },
		"date":       func(r *http.Request) { r.Header.Set("X-Amz-Date", "20200101T000000Z") },
		"body": func(r *http.Request) {
			r.Body = http.NoBody
			r.ContentLength = 0
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := guarded(t)
			c := w.client("eu-central-1", func(o *secretsmanager.Options) {
				o.Credentials = staticKeys("AKIDGOOD", "goodsecret", "")
				o.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					tamper(r)
					return w.server.Client().Transport.RoundTrip(r)
				})}
			})
			_, err := c.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
			if name == "not at all" {
				require.NoError(t, err)
				return
			}
			requireCode(t, err, "InvalidSignatureException", "does not match")
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAuthorizationHeader(t *testing.T) {
	const tail = ", SignedHeaders=host, Signature=00"
	tests := []struct {
		name   string
		header string
		set    string // X-Amz-Region-Set
		code   string
		region string
	}{
		{"SigV4", "AWS4-HMAC-SHA256 Credential=K/20250314/us-west-2/secretsmanager/aws4_request" + tail, "", "", "us-west-2"},
		{"SigV4 without a Region", "AWS4-HMAC-SHA256 Credential=K/20250314//secretsmanager/aws4_request" + tail, "", "", "us-east-1"},
		{"SigV4 without spaces", "AWS4-HMAC-SHA256 Credential=K/20250314/us-west-2/secretsmanager/aws4_request,SignedHeaders=host,Signature=00", "", "", "us-west-2"},
		{"SigV4a", "AWS4-ECDSA-P256-SHA256 Credential=K/20250314/secretsmanager/aws4_request" + tail, "eu-west-3", "", "eu-west-3"},
		{"SigV4a, several Regions", "AWS4-ECDSA-P256-SHA256 Credential=K/20250314/secretsmanager/aws4_request" + tail, "eu-west-3,us-east-2", "", "eu-west-3"},
		{"SigV4a, any Region", "AWS4-ECDSA-P256-SHA256 Credential=K/20250314/secretsmanager/aws4_request" + tail, "*", "", "us-east-1"},
		{"none", "", "", "MissingAuthenticationTokenException", ""},
		{"basic", "Basic abc", "", "IncompleteSignatureException", ""},
		{"nothing behind", "AWS4-HMAC-SHA256", "", "IncompleteSignatureException", ""},
		{"no signature", "AWS4-HMAC-SHA256 Credential=K/20250314/us-west-2/secretsmanager/aws4_request, SignedHeaders=host", "", "IncompleteSignatureException", ""},
		{"no key", "AWS4-HMAC-SHA256 Credential=/20250314/us-west-2/secretsmanager/aws4_request" + tail, "", "IncompleteSignatureException", ""},
		{"short scope", "AWS4-HMAC-SHA256 Credential=K/20250314/us-west-2/aws4_request" + tail, "", "IncompleteSignatureException", ""},
		{"no Region", "AWS4-HMAC-SHA256 Credential=K/20250314/../secretsmanager/aws4_request" + tail, "", "IncompleteSignatureException", ""},
		{"other service", "AWS4-HMAC-SHA256 Credential=K/20250314/us-west-2/ssm/aws4_request" + tail, "", "InvalidSignatureException", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newEnvironment(t)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL, strings.NewReader(`{"Name":"a"}`))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/x-amz-json-1.1")
			req.Header.Set("X-Amz-Target", "secretsmanager.CreateSecret")
			req.Header.Set("Authorization", tt.header)
			req.Header.Set("X-Amz-Region-Set", tt.set)
			status, body := w.do(req)
			if tt.code != "" {
				require.Equal(t, http.StatusBadRequest, status)
				require.Equal(t, tt.code, body["__type"])
				return
			}
			require.Equal(t, http.StatusOK, status, body)
			require.Contains(t, body["ARN"], ":"+tt.region+":")
		})
	}
}

func TestSigV4aIsNotTakenUnverified(t *testing.T) {
	w := guarded(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL, strings.NewReader(`{}`))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "secretsmanager.ListSecrets")
	req.Header.Set("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=AKIDGOOD/20250314/secretsmanager/aws4_request, SignedHeaders=host, Signature=00")
	_, body := w.do(req)
	require.Equal(t, "InvalidSignatureException", body["__type"])
}

func (w *environment) sts(id, secret, token string) *sts.Client {
	return sts.New(sts.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(w.server.URL), HTTPClient: whole{w.server.Client()},
		Credentials: staticKeys(id, secret, token), RetryMaxAttempts: 1,
	})
}

func TestAssumeRole(t *testing.T) {
	w := guarded(t)
	good := w.sts("AKIDGOOD", "goodsecret", "")
	ctx := t.Context()

	provider := stscreds.NewAssumeRoleProvider(good, roleARN, func(o *stscreds.AssumeRoleOptions) {
		o.ExternalID = aws.String("ticket")
		o.RoleSessionName = "flow"
	})
	creds, err := provider.Retrieve(ctx)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(creds.AccessKeyID, "ASIA"))
	require.Equal(t, w.clock.Now().Add(15*time.Minute).Truncate(time.Second), creds.Expires)
	require.NoError(t, list(t, w, creds.AccessKeyID, creds.SecretAccessKey, creds.SessionToken))
	requireCode(t, list(t, w, creds.AccessKeyID, "other", creds.SessionToken), "InvalidSignatureException")

	w.emulator.Deny(creds.AccessKeyID, "ListSecrets")
	requireCode(t, list(t, w, creds.AccessKeyID, creds.SecretAccessKey, creds.SessionToken), "AccessDeniedException",
		"User: arn:aws:sts::123456789012:assumed-role/reader/flow is not authorized to perform: secretsmanager:ListSecrets because no identity-based policy allows")
	require.NoError(t, list(t, w, "AKIDGOOD", "goodsecret", ""), "others are not denied")

	w.clock.Advance(15 * time.Minute)
	requireCode(t, list(t, w, creds.AccessKeyID, creds.SecretAccessKey, creds.SessionToken), "ExpiredTokenException")

	type input = sts.AssumeRoleInput
	for _, tt := range []struct {
		name   string
		client *sts.Client
		in     input
		code   string
	}{
		{"no external id needed", good, input{RoleArn: aws.String(roleARN + "2")}, ""},
		{"external id missing", good, input{RoleArn: aws.String(roleARN)}, "AccessDenied"},
		{"external id wrong", good, input{RoleArn: aws.String(roleARN), ExternalId: aws.String("other")}, "AccessDenied"},
		{"unknown role", good, input{RoleArn: aws.String(roleARN + "3")}, "AccessDenied"},
		{"wrong secret", w.sts("AKIDGOOD", "x", ""), input{RoleArn: aws.String(roleARN + "2")}, "SignatureDoesNotMatch"},
		{"unknown key", w.sts("AKIDEVIL", "x", ""), input{RoleArn: aws.String(roleARN + "2")}, "InvalidClientTokenId"},
		{"session too short", good, input{RoleArn: aws.String(roleARN + "2"), DurationSeconds: aws.Int32(899)}, "ValidationError"},
		{"session name with a space", good, input{RoleArn: aws.String(roleARN + "2"), RoleSessionName: aws.String("a b")}, "ValidationError"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.in.RoleSessionName == nil {
				tt.in.RoleSessionName = aws.String("flow")
			}
			_, err := tt.client.AssumeRole(ctx, &tt.in)
			if tt.code == "" {
				require.NoError(t, err)
				return
			}
			requireCode(t, err, tt.code)
		})
	}
	_, err = good.GetSessionToken(ctx, &sts.GetSessionTokenInput{})
	requireCode(t, err, "InvalidAction", "only AssumeRole and GetCallerIdentity")
	require.Equal(t, 9, w.emulator.Calls()["AssumeRole"])
}

func TestGetCallerIdentity(t *testing.T) {
	w := guarded(t)
	w.emulator.Deny("", "*")
	identity := func(id, secret, token string) (*sts.GetCallerIdentityOutput, error) {
		return w.sts(id, secret, token).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	}
	out, err := identity("AKIDGOOD", "goodsecret", "")
	require.NoError(t, err)
	require.Equal(t, "arn:aws:iam::123456789012:user/emulator", *out.Arn)
	require.Equal(t, account, *out.Account)
	require.Equal(t, "AKIDGOOD", *out.UserId)

	_, err = identity("AKIDGOOD", "x", "")
	requireCode(t, err, "SignatureDoesNotMatch")

	role, err := w.sts("AKIDGOOD", "goodsecret", "").AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(roleARN + "2"), RoleSessionName: aws.String("flow")})
	require.NoError(t, err)
	out, err = identity(*role.Credentials.AccessKeyId, *role.Credentials.SecretAccessKey, *role.Credentials.SessionToken)
	require.NoError(t, err)
	require.Equal(t, *role.AssumedRoleUser.Arn, *out.Arn)
}

func TestDeny(t *testing.T) {
	w := newEnvironment(t)
	arn, _ := w.create("a", "one")
	w.emulator.Deny("AKIDTEST", "GetSecretValue", "secretsmanager:TagResource", "ReplicateSecretToRegions")
	ctx := t.Context()
	_, err := w.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	requireCode(t, err, "AccessDeniedException",
		"User: arn:aws:iam::123456789012:user/emulator is not authorized to perform: secretsmanager:GetSecretValue on resource: "+arn+
			" because no identity-based policy allows the secretsmanager:GetSecretValue action")
	_, err = w.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("b"), Tags: tagsOf("k=v")})
	requireCode(t, err, "AccessDeniedException", "secretsmanager:TagResource on resource: b")
	_, err = w.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("b"), AddReplicaRegions: regions("us-east-1")})
	requireCode(t, err, "AccessDeniedException", "secretsmanager:ReplicateSecretToRegions")
	_, err = w.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("b")})
	require.NoError(t, err)

	w.emulator.Deny("", "*")
	_, err = w.ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
	requireCode(t, err, "AccessDeniedException")
	require.NoError(t, w.emulator.Reset())
	_, err = w.ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
	require.NoError(t, err)
}
