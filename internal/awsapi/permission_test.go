package awsapi

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMissingStatement: an access error ends with what to add to the IAM policy.
func TestMissingStatement(t *testing.T) {
	const (
		user   = "User: arn:aws-cn:sts::123456789012:assumed-role/r/s is not authorized to perform: "
		start  = "arn:aws:secretsmanager:eu-west-1:210987654321:secret:"
		create = `"Action":"secretsmanager:CreateSecret"`
	)
	for _, tt := range []struct{ name, secretID, text, want string }{
		{"by name", "my/secret", user + "secretsmanager:CreateSecret on resource: my/secret because no identity-based policy allows the secretsmanager:CreateSecret action",
			`{"Effect":"Allow",` + create + `,"Resource":"arn:aws-cn:secretsmanager:eu-central-1:123456789012:secret:my/secret-??????"}`},
		{"by ARN", start + "my/secret-AbCdEf", "no", `{"Effect":"Allow",` + create + `,"Resource":"` + start + `my/secret-??????"}`},
		{"ARN in the text", "my/secret", "User: u is not authorized to perform: secretsmanager:TagResource on resource: " + start + "my/secret-AbCdEf",
			`{"Effect":"Allow","Action":"secretsmanager:TagResource","Resource":"` + start + `my/secret-??????"}`},
		{"caller not named", "my/secret", "no", `{"Effect":"Allow",` + create + `,"Resource":"arn:aws:secretsmanager:eu-central-1:ACCOUNT:secret:my/secret-??????"}`},
		{"not a name", `my "secret"`, "no", `{"Effect":"Allow",` + create + `,"Resource":"arn:aws:secretsmanager:eu-central-1:ACCOUNT:secret:NAME-??????"}`},
		{"long name", strings.Repeat("a", longestID+1), "no", `{"Effect":"Allow",` + create + `,"Resource":"arn:aws:secretsmanager:eu-central-1:ACCOUNT:secret:NAME-??????"}`},
		{"all secrets or none", "my/secret", user + "secretsmanager:ListSecrets because no permissions boundary allows the secretsmanager:ListSecrets action",
			`{"Effect":"Allow","Action":"secretsmanager:ListSecrets","Resource":"*"}`},
		{"function", "my/secret", user + "lambda:InvokeFunction on resource: arn:aws:lambda:eu-central-1:123456789012:function:rotate because no identity-based policy allows it",
			`{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-central-1:123456789012:function:rotate"}`},
		{"key", start + "my/secret", "Access to KMS is not allowed",
			`{"Effect":"Allow","Action":["kms:GenerateDataKey","kms:Decrypt"],"Resource":"arn:aws:kms:eu-west-1:210987654321:key/*",` +
				`"Condition":{"StringLike":{"kms:EncryptionContext:SecretARN":["` + start + `my/secret-??????","RequestToValidateKeyAccess"],"kms:ViaService":"secretsmanager.eu-west-1.*"}}}`},
		{"key that is named", start + "my/secret", user + "kms:Decrypt on resource: arn:aws:kms:eu-west-1:210987654321:key/1234 because no identity-based policy allows it",
			`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-west-1:210987654321:key/1234",` +
				`"Condition":{"StringLike":{"kms:EncryptionContext:SecretARN":["` + start + `my/secret-??????","RequestToValidateKeyAccess"],"kms:ViaService":"secretsmanager.eu-west-1.*"}}}`},
		{"explicit deny", "my/secret", user + "secretsmanager:CreateSecret on resource: my/secret with an explicit deny in an identity-based policy", ""},
		{"another account", start + "my/secret", user + "secretsmanager:GetSecretValue on resource: " + start + "my/secret because no resource-based policy allows the secretsmanager:GetSecretValue action", ""},
		{"another service", "my/secret", user + "organizations:DescribePolicy", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api := once(t, validConfig(), always(400, awsError(t, "AccessDeniedException", tt.text)))
			in := &secretsmanager.CreateSecretInput{Name: aws.String(tt.secretID)}
			_, err := api.CreateSecret(t.Context(), in)
			require.Error(t, err)
			_, statement, _ := strings.Cut(Wrap("CreateSecret", in, err).Error(), "(request id req-1)")
			if tt.want != "" {
				tt.want = "; allow " + tt.want
			}
			assert.Equal(t, tt.want, statement)
		})
	}
}

func TestMissingStatementOfAnEntry(t *testing.T) {
	e := EntryError("BatchGetSecretValue", types.APIErrorType{
		SecretId: aws.String("a"), ErrorCode: aws.String("AccessDeniedException"),
		Message: aws.String("User: arn:aws:iam::123456789012:user/u is not authorized to perform: secretsmanager:GetSecretValue on resource: a because no identity-based policy allows it"),
	})
	assert.True(t, strings.HasSuffix(e.Message, `the IAM permission secretsmanager:GetSecretValue is missing, or there is no such secret; `+
		`allow {"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:REGION:123456789012:secret:a-??????"}`), e.Message)
}

// TestOtherAccount: the IAM policy is not all that decides.
func TestOtherAccount(t *testing.T) {
	err := fail(t, 400, awsError(t, "AccessDeniedException", "User: u is not authorized to perform: secretsmanager:CreateSecret because no resource-based policy allows the secretsmanager:CreateSecret action"))
	require.ErrorContains(t, err, "; the resource policy of the secret must allow secretsmanager:CreateSecret to these keys, besides their IAM policy (request id req-1)")
}
