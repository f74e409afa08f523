package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

func TestReadCredentials(t *testing.T) {
	w := newEnvironment(t, func(o *emulator.Options) {
		require.NoError(t, o.ReadCredentials(strings.NewReader(`{
			"keys": [
				{"accessKeyId": "AKIDADMIN", "secretAccessKey": "adminsecret"},
				{"accessKeyId": "AKIDREADER", "secretAccessKey": "readersecret", "user": "reader", "policy": {"Version": "2012-10-17", "Statement": {
					"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:shop/*"}}},
				{"accessKeyId": "ASIATEMP", "secretAccessKey": "tempsecret", "sessionToken": "session"}
			],
			"roles": [{"arn": "`+roleARN+`", "externalId": "ticket", "policy": {"Version": "2012-10-17", "Statement": {
				"Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"}}}]
		}`)))
	})
	ctx := t.Context()
	as := func(id, secret, token string) *secretsmanager.Client {
		return w.client("eu-central-1", func(o *secretsmanager.Options) { o.Credentials = staticKeys(id, secret, token) })
	}
	for _, name := range []string{"shop/db", "bank/db"} {
		_, err := as("AKIDADMIN", "adminsecret", "").CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("one")})
		require.NoError(t, err)
	}
	read := func(c *secretsmanager.Client, name string) error {
		_, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
		return err
	}
	require.NoError(t, read(as("AKIDREADER", "readersecret", ""), "shop/db"))
	requireCode(t, read(as("AKIDREADER", "readersecret", ""), "bank/db"), "AccessDeniedException", "User: arn:aws:iam::123456789012:user/reader is not authorized")
	requireCode(t, read(as("AKIDREADER", "adminsecret", ""), "shop/db"), "InvalidSignatureException")
	require.NoError(t, read(as("ASIATEMP", "tempsecret", "session"), "bank/db"))
	requireCode(t, read(as("AKIDOTHER", "adminsecret", ""), "shop/db"), "UnrecognizedClientException")

	role, err := w.sts("AKIDADMIN", "adminsecret", "").AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: aws.String(roleARN), RoleSessionName: aws.String("flow"), ExternalId: aws.String("ticket"),
	})
	require.NoError(t, err)
	c := role.Credentials
	requireCode(t, read(as(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken), "shop/db"), "AccessDeniedException")
}

func TestReadCredentialsRefuses(t *testing.T) {
	key := func(more string) string {
		return `{"keys": [{"accessKeyId": "A", "secretAccessKey": "pl4nted"` + more + `}]`
	}
	for file, want := range map[string]string{
		``:                                 "it ends too early",
		`{}`:                               "there are no keys",
		`{"keys": [{"accessKeyId": "A"}]}`: "keys[0]: secretAccessKey is missing",
		`{"keys": [{"accessKeyId": "", "secretAccessKey": "pl4nted"}]}`:                                                      "keys[0]: accessKeyId must be",
		`{"keys": [{"accessKeyId": "A", "secretAccessKey": 4711}]}`:                                                          "secretAccessKey must not be a JSON number",
		`{"keys": [{"accessKeyId": "A", "secretAccessKey": "pl4nted"}, {"accessKeyId": "A", "secretAccessKey": "pl4nted"}]}`: "keys[1]: accessKeyId is there twice",
		key(`, "user": "a b"`) + `}`:                               "keys[0]: user must be",
		key(`, "secret": "pl4nted"`) + `}`:                         `unknown field "secret"`,
		key(`, "policy": {"Statement": "pl4nted"}`) + `}`:          "read credentials: ",
		key(``) + `, "roles": [{"arn": "reader"}]}`:                "roles[0]: arn must have the form",
		key(`, "sessionToken": "pl4nted", "policy": 4711`) + `}`:   "read credentials: ",
		key(`, "policy": {"Version": "2012-10-17"}`) + `} pl4nted`: "read credentials: ",
	} {
		t.Run(file, func(t *testing.T) {
			var o emulator.Options
			err := o.ReadCredentials(strings.NewReader(file))
			require.ErrorContains(t, err, want)
			require.NotContains(t, err.Error(), "pl4nted")
			require.NotContains(t, err.Error(), "4711")
		})
	}
}

// FuzzReadCredentials: a file from outside is read or refused.
func FuzzReadCredentials(f *testing.F) {
	f.Add([]byte(`{"keys": [{"accessKeyId": "A", "secretAccessKey": "s", "policy": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}], "roles": [{"arn": "arn:aws:iam::123456789012:role/r"}]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		var o emulator.Options
		if o.ReadCredentials(strings.NewReader(string(file))) == nil {
			require.NotEmpty(t, o.Credentials)
		}
	})
}
