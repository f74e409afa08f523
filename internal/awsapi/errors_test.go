package awsapi

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/apimodel"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/smclient"
)

// fail runs CreateSecret with a planted value against a response.
func fail(t *testing.T, status int, body string) error {
	t.Helper()
	api := once(t, validConfig(), always(status, body))
	in := &secretsmanager.CreateSecretInput{Name: aws.String("my/secret"), SecretString: aws.String(testValue)}
	_, err := api.CreateSecret(context.Background(), in)
	require.Error(t, err)
	return Wrap("CreateSecret", in, err)
}

// once is a client that makes one attempt: after throttling, further ones would
// have to wait.
func once(t *testing.T, cfg Config, transport http.RoundTripper) API {
	t.Helper()
	options := clientOptions(cfg, Options{Transport: transport})
	options.Retryer = aws.NopRetryer{}
	client, err := smclient.New(options, time.Minute)
	require.NoError(t, err)
	return client
}

func TestWrap(t *testing.T) {
	const start = `CreateSecret of "my/secret" failed: `
	tests := []struct {
		name    string
		status  int
		code    string
		text    string
		errIs   string
		message string
		rebound bool
	}{
		{
			name: "not found", status: 400, code: "ResourceNotFoundException", text: "Secrets Manager can't find the specified secret.",
			errIs:   "ResourceNotFoundException",
			message: start + "ResourceNotFoundException: Secrets Manager can't find the specified secret; check the name or ARN, the version asked for, and the region in the credentials (request id req-1)",
		},
		{
			name: "no value yet", status: 400, code: "ResourceNotFoundException", text: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
			errIs: "ResourceNotFoundException",
			message: start + "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSCURRENT; " +
				"the secret has no value yet: store one with PutSecretValue (request id req-1)",
		},
		{
			name: "no version with this label", status: 400, code: "ResourceNotFoundException", text: "Secrets Manager can't find the specified secret value for staging label: BLUE",
			errIs: "ResourceNotFoundException",
			message: start + "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: BLUE; " +
				"no version of the secret has this staging label: DescribeSecret tells those there are; AWSPENDING is there during a rotation only (request id req-1)",
		},
		{
			name: "no such version", status: 400, code: "ResourceNotFoundException", text: "Secrets Manager can't find the specified secret value for VersionId: 1",
			errIs: "ResourceNotFoundException",
			message: start + "ResourceNotFoundException: Secrets Manager can't find the specified secret value for VersionId: 1; " +
				"the secret has no version with this id: ListSecretVersionIds tells those there are (request id req-1)",
		},
		{
			name: "no text", status: 400, code: "InvalidParameterException",
			errIs:   "InvalidParameterException",
			message: start + "InvalidParameterException (request id req-1)",
		},
		{
			name: "permission missing", status: 400, code: "AccessDeniedException",
			text:    "User: arn:aws:iam::123456789012:user/u is not authorized to perform: secretsmanager:TagResource on resource: my/secret because no identity-based policy allows the secretsmanager:TagResource action",
			errIs:   "AccessDeniedException",
			message: "the IAM permission secretsmanager:TagResource is missing",
		},
		{
			name: "permission missing, not named", status: 400, code: "AccessDeniedException",
			errIs: "AccessDeniedException", message: "the IAM permission secretsmanager:CreateSecret is missing",
		},
		{
			name: "explicit deny", status: 400, code: "AccessDeniedException",
			text:  "User: u is not authorized to perform: secretsmanager:CreateSecret with an explicit deny in a service control policy",
			errIs: "AccessDeniedException", message: "a policy denies secretsmanager:CreateSecret explicitly",
		},
		{
			name: "KMS", status: 400, code: "AccessDeniedException", text: "Access to KMS is not allowed",
			errIs: "AccessDeniedException", message: "the IAM permission to use the KMS key of the secret is missing (request id req-1); allow {",
		},
		{name: "decryption", status: 400, code: "DecryptionFailure", text: "x", errIs: "DecryptionFailure", message: "kms:Decrypt"},
		{name: "encryption", status: 400, code: "EncryptionFailure", text: "x", errIs: "EncryptionFailure", message: "kms:GenerateDataKey"},
		{
			name: "scheduled for deletion", status: 400, code: "InvalidRequestException",
			text:  "You can't create this secret because a secret with this name is already scheduled for deletion.",
			errIs: "InvalidRequestException", message: "use RestoreSecret",
		},
		{
			name: "another rotation", status: 400, code: "InvalidRequestException", text: "A previous rotation isn't complete. That rotation will be reattempted.",
			errIs: "InvalidRequestException", message: "ended by FinishRotation or AbortRotation",
		},
		{
			name: "no rotation function", status: 400, code: "InvalidRequestException", text: "No Lambda rotation function ARN is associated with this secret.",
			errIs: "InvalidRequestException", message: "map RotationLambdaARN",
		},
		{name: "exists", status: 400, code: "ResourceExistsException", text: "x", errIs: "ResourceExistsException", message: "use PutSecretValue or UpdateSecret to change a secret that exists, or UpsertSecret for either"},
		{name: "quota", status: 400, code: "LimitExceededException", text: "x", errIs: "LimitExceededException", message: "a quota"},
		{name: "key unknown", status: 400, code: "UnrecognizedClientException", text: "The security token included in the request is invalid.", errIs: "UnrecognizedClientException", message: "AWS does not know accessKeyId"},
		{name: "token expired", status: 400, code: "ExpiredTokenException", text: "x", errIs: "ExpiredTokenException", message: "new temporary keys"},
		{
			name: "signature", status: 400, code: "InvalidSignatureException",
			text:  "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String should have been\n'POST\nx-amz-security-token:" + testToken + "'",
			errIs: "InvalidSignatureException", message: start + "InvalidSignatureException: The request signature we calculated does not match the signature you provided; check that accessKeySecret belongs",
		},
		{
			name: "credentials repeated", status: 400, code: "IncompleteSignature",
			text:  "Authorization=AWS4-HMAC-SHA256 Credential=" + testKeyID + "/x, token " + testToken,
			errIs: "IncompleteSignature", message: start + "IncompleteSignature; check accessKeyId",
		},
		{
			name: "value repeated", status: 400, code: "ValidationException",
			text:  "Value '" + testValue + "' at 'secretString' failed to satisfy constraint: none",
			errIs: "ValidationException", message: start + "ValidationException (request id req-1)",
		},
		{
			name: "value repeated in part", status: 400, code: "ValidationException",
			text:  "Value '" + testValue[:20] + "...' at 'secretString' failed",
			errIs: "ValidationException", message: start + "ValidationException (request id req-1)",
		},
		{
			name: "value repeated where a hint is looked for", status: 400, code: "AccessDeniedException",
			text:  "User: u is not authorized to perform: secretsmanager:" + testToken,
			errIs: "AccessDeniedException", message: start + "AccessDeniedException; the IAM permission secretsmanager:CreateSecret is missing",
		},
		{
			name: "control characters", status: 400, code: "ValidationException", text: "a\tb\x00c\u202e",
			errIs: "ValidationException", message: "ValidationException: a b c",
		},
		{
			name: "long text", status: 400, code: "ValidationException", text: strings.Repeat("0123456789", 10_000),
			errIs: "ValidationException", message: "0123456789… (request id req-1)",
		},
		{name: "throttled", status: 400, code: "ThrottlingException", text: "Rate exceeded", errIs: "ThrottlingException", message: start + "ThrottlingException: Rate exceeded", rebound: true},
		{name: "5xx", status: 500, code: "InternalServiceError", text: "oops", errIs: "InternalServiceError", message: "oops", rebound: true},
		{name: "5xx that is not from AWS", status: 503, errIs: component.Unavailable, message: "HTTP status 503 without an AWS error", rebound: true},
		{name: "4xx that is not from AWS", status: 407, errIs: component.Unavailable, message: "HTTP status 407 without an AWS error"},
		{name: "code that is none", status: 400, code: "planted\n<b>", errIs: component.Unavailable, message: "HTTP status 400"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := "<html>planted</html>"
			if tt.code != "" {
				body = awsError(t, tt.code, tt.text)
			}
			err := fail(t, tt.status, body)
			assert.NotContains(t, err.Error(), "\n")
			assert.LessOrEqual(t, len(err.Error()), longestText+600)
			if tt.rebound {
				requireRebound(t, err, tt.errIs, tt.message)
				return
			}
			var later *component.Rebound
			require.NotErrorAs(t, err, &later)
			requireError(t, err, tt.errIs, tt.message)
		})
	}
}

func TestWrapKeepsTheCause(t *testing.T) {
	err := fail(t, 400, awsError(t, "ResourceExistsException", "x"))
	var exists *types.ResourceExistsException
	require.ErrorAs(t, err, &exists)

	assert.Same(t, err, Wrap("CreateSecret", nil, err), "wrapped once")
	later := fail(t, 500, awsError(t, "InternalServiceError", "x"))
	assert.Same(t, later, Wrap("CreateSecret", nil, later))
}

func TestWrapUnreadableResponse(t *testing.T) {
	api, err := New(validConfig(), Options{Transport: always(200, `{"SecretString":"planted", planted`)})
	require.NoError(t, err)
	_, err = api.GetSecretValue(context.Background(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("s")})
	requireError(t, Wrap("GetSecretValue", nil, err), component.InvalidOutput, "the response is not what AWS Secrets Manager sends")
}

func TestWrapOfAnythingElse(t *testing.T) {
	err := Wrap("GetSecretValue", nil, errors.New("line one\nline two"))
	requireError(t, err, component.Unavailable, "GetSecretValue failed: line one")
	assert.NotContains(t, err.Error(), "line two")
}

func TestWrapWithoutResponse(t *testing.T) {
	requireError(t, Wrap("GetSecretValue", nil, &types.DecryptionFailure{Message: aws.String("no")}), "DecryptionFailure",
		"GetSecretValue failed: DecryptionFailure: no; check that the secret's KMS key")
}

func TestWrapOfADeletionThatIsUnderWay(t *testing.T) {
	const text = "You can't perform this operation on the secret because it was already scheduled for deletion."
	err := Wrap("DeleteSecret", &secretsmanager.DeleteSecretInput{SecretId: aws.String("a")}, &types.InvalidRequestException{Message: aws.String(text)})
	requireError(t, err, "InvalidRequestException", "scheduled for deletion; there is nothing left to do; RestoreSecret takes the deletion back")
}

func TestWrapTellsOfWhiteSpace(t *testing.T) {
	const hint = "; there is white space before or after the name: take it away, in the mapper with $trim(…)"
	invalid := &smithy.GenericAPIError{Code: "ValidationException", Message: "Invalid name."}
	for id, want := range map[string]string{
		"a/b ": `GetSecretValue of "a/b " failed: ValidationException: Invalid name` + hint, "\ta/b": hint, "a/b\n": hint,
		"a b": `GetSecretValue of "a b" failed: ValidationException: Invalid name`,
	} {
		err := Wrap("GetSecretValue", &secretsmanager.GetSecretValueInput{SecretId: &id}, invalid)
		require.ErrorContains(t, err, want)
		assert.Equal(t, strings.Contains(want, hint), strings.Contains(err.Error(), hint), "%q", id)
		entry := EntryError("BatchGetSecretValue", types.APIErrorType{SecretId: &id, ErrorCode: aws.String("ValidationException")})
		assert.Equal(t, strings.Contains(want, hint), strings.Contains(entry.Message, hint), "%q", id)
	}
}

func TestWrapTellsTheRegionOfAnARN(t *testing.T) {
	unknown := &net.DNSError{Err: "no such host", IsNotFound: true}
	for id, want := range map[string]string{
		"arn:aws:secretsmanager:us-moon-1:123456789012:secret:a-AbCdEf": "; check the region in the ARN, which is us-moon-1, and endpoint",
		"a": "; check region and endpoint",
	} {
		requireError(t, Wrap("GetSecretValue", &secretsmanager.GetSecretValueInput{SecretId: &id}, unknown), component.InvalidConfig, want)
	}
}

func TestEntryError(t *testing.T) {
	e := EntryError("BatchGetSecretValue", types.APIErrorType{
		SecretId: aws.String("a/b"), ErrorCode: aws.String("ResourceNotFoundException"), Message: aws.String("not there."),
	})
	assert.Equal(t, "ResourceNotFoundException", e.Name)
	assert.Contains(t, e.Message, `BatchGetSecretValue of "a/b" failed: ResourceNotFoundException: not there; check`)

	assert.Equal(t, component.Unavailable, EntryError("BatchGetSecretValue", types.APIErrorType{}).Name)
}

// Every value that AWS's model calls sensitive must be found in every input.
func TestInspectFindsWhatTheModelCallsSensitive(t *testing.T) {
	operations, err := apimodel.Operations()
	require.NoError(t, err)
	found := 0
	api := reflect.TypeFor[API]()
	require.Equal(t, len(operations), api.NumMethod(), "the interface has all operations")
	for op, shape := range operations {
		method, ok := api.MethodByName(op)
		require.True(t, ok, op)
		for member, m := range shape.Input.Members {
			if !m.Sensitive {
				continue
			}
			found++
			in := reflect.New(method.Type.In(1).Elem())
			want := "planted"
			if f := in.Elem().FieldByName(member); f.Kind() == reflect.Slice {
				f.SetBytes([]byte(want))
				assert.Contains(t, inspect(in.Interface().(smithy.Serializable)).sensitive, base64.StdEncoding.EncodeToString([]byte(want)), op+"."+member)
			} else {
				f.Set(reflect.ValueOf(&want))
			}
			assert.Contains(t, inspect(in.Interface().(smithy.Serializable)).sensitive, want, op+"."+member)
		}
	}
	assert.Positive(t, found)
}

// A sentence of AWS that has a secret in it is left out as a whole: its other
// letters would tell those of a short secret.
func TestFirstLine(t *testing.T) {
	tests := []struct{ name, text, secret, want string }{
		{"whole", "a planted-value b", "planted-value", ""},
		{"shortened", "a planted-va… b", "planted-value", ""},
		{"short secret", "pin 1234!", "1234", ""},
		{"letter of the sentence", "Rate exceeded", "a", ""},
		{"letter of no word", "Rate exceeded", "q", "Rate exceeded"},
		{"escaped", `x "a\"b\nc" y`, "a\"b\nc", ""},
		{"behind the first line", "no match\nplanted-value", "planted-value", "no match"},
		{"behind what is shown", strings.Repeat("-", 2*longestText) + "planted-value", "planted-value", strings.Repeat("-", longestText) + "…"},
		{"too short a part", "plan B", "planted-value", "plan B"},
		{"none", "text", "", "text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, firstLine(tt.text, []string{"", tt.secret})) })
	}
}

func FuzzFirstLine(f *testing.F) {
	f.Add("Value 'planted-value' failed", "planted-value")
	f.Add("ab", "b")
	f.Fuzz(func(t *testing.T, text, secret string) {
		got := firstLine(text, []string{secret})
		if secret != "" && strings.Contains(got, secret) {
			t.Errorf("secret is left in the text of %d bytes", len(text))
		}
		for i := 0; i+scrubWindow <= len(secret); i++ {
			if strings.Contains(got, secret[i:i+scrubWindow]) {
				t.Errorf("part %d of the secret is left", i)
			}
		}
	})
}

func TestVerify(t *testing.T) {
	noKey := func(c *Config) { c.AccessKeyID = component.NewSecret("") }
	role := func(c *Config) { c.RoleARN = "arn:aws:iam::123456789012:role/own" }
	tests := []struct {
		name         string
		change       func(*Config)
		status       int
		body         string
		verified     bool
		reason, note string
	}{
		{name: "good", status: 200, body: `{"SecretList":[]}`, verified: true},
		{
			name: "no permission to list", status: 400, verified: true,
			body: awsError(t, "AccessDeniedException", "User: u is not authorized to perform: secretsmanager:ListSecrets"),
			note: "the IAM permission secretsmanager:ListSecrets is missing",
		},
		{name: "field missing", change: noKey, status: 200, body: `{}`, reason: "accessKeyId (\"Access key ID\") is missing"},
		{name: "wrong key", status: 400, body: awsError(t, "UnrecognizedClientException", "invalid"), reason: "AWS does not know accessKeyId"},
		{name: "wrong secret", status: 400, body: awsError(t, "InvalidSignatureException", "mismatch"), reason: "check that accessKeySecret belongs to accessKeyId"},
		{name: "expired token", status: 400, body: awsError(t, "ExpiredTokenException", "expired"), reason: "enter new temporary keys"},
		{name: "role denied", change: role, status: 403, body: stsDenied, reason: "role arn:aws:iam::123456789012:role/own cannot be assumed"},
		{name: "AWS is down", status: 503, body: ``, reason: "HTTP status 503"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := validConfig()
			if tt.change != nil {
				tt.change(&cfg)
			}
			net := always(tt.status, tt.body)
			got, err := Verify(context.Background(), cfg, Options{Transport: net, MaxBackoff: 1})
			require.NoError(t, err)
			assert.Equal(t, tt.verified, got.Verified)
			for _, x := range []struct{ got, want string }{{got.Reason, tt.reason}, {got.Note, tt.note}} {
				assert.Contains(t, x.got, x.want)
				assert.Equal(t, x.want == "", x.got == "", x.got)
			}
			requireNoSecrets(t, fmt.Sprintf("%+v", got))
			if tt.verified && tt.note == "" {
				require.Len(t, net.seen(), 2)
				assert.Equal(t, "sts.eu-central-1.amazonaws.com", net.seen()[1].URL.Host)
				assert.Equal(t, "secretsmanager.ListSecrets", net.seen()[0].Header.Get("X-Amz-Target"))
				assert.JSONEq(t, `{"MaxResults":1}`, bodyOf(t, net.seen()[0]))
			}
		})
	}
	t.Run("unknown region", func(t *testing.T) {
		unknown := roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "secretsmanager.xx-nowhere-9.amazonaws.com", IsNotFound: true}}
		})
		cfg := validConfig()
		cfg.Region = "xx-nowhere-9"
		got, err := Verify(context.Background(), cfg, Options{Transport: unknown, MaxBackoff: 1})
		require.NoError(t, err)
		assert.False(t, got.Verified)
		assert.Contains(t, got.Reason, "check region and endpoint")
	})
	t.Run("stopped", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := Verify(ctx, validConfig(), Options{Transport: &fakeAWS{respond: func(*http.Request) (int, http.Header, string) { return 200, nil, `{}` }}})
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestLongestCodeAndRequestID(t *testing.T) {
	id := strings.Repeat("a", longestRequestID)
	assert.Equal(t, id, shownID(id, nil))
	assert.Empty(t, shownID(id+"a", nil))
	code := strings.Repeat("C", longestCode)
	assert.Equal(t, code, said("GetSecretValue", code, "", nil).name)
	assert.Equal(t, component.Unavailable, said("GetSecretValue", code+"C", "", nil).name, "none of AWS's")
}
