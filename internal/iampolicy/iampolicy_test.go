package iampolicy_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/internal/iampolicy"
)

const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/database-Dtjje9"

func policy(t *testing.T, function, arn string) iampolicy.Policy {
	t.Helper()
	needs, known := iampolicy.Of(function)
	require.True(t, known)
	if arn == "" {
		return needs.Policy(iampolicy.Secret{})
	}
	secret, err := iampolicy.ParseSecret(arn)
	require.NoError(t, err)
	return needs.Policy(secret)
}

// TestComponentJSONTellsTheNeeds holds that component.json tells what the table
// does: in the description of each function all of it, elsewhere nothing else.
func TestComponentJSONTellsTheNeeds(t *testing.T) {
	type function struct {
		Description string
		Fields      map[string]json.RawMessage
	}
	var descriptor struct{ Triggers, Actions map[string]json.RawMessage }
	require.NoError(t, json.Unmarshal(connector.Descriptor, &descriptor))
	action := regexp.MustCompile(`\b[a-z]+:[A-Z]\w+`)
	for _, group := range []map[string]json.RawMessage{descriptor.Triggers, descriptor.Actions} {
		for name, text := range group {
			t.Run(name, func(t *testing.T) {
				var f function
				require.NoError(t, json.Unmarshal(text, &f))
				needs, known := iampolicy.Of(name)
				require.True(t, known, "give %s a row in functions.go", name)
				_, told, _ := strings.Cut(f.Description, " Needs ")
				assert.Equal(t, needs.String()+".", told)
				for _, mentioned := range action.FindAllString(string(text), -1) {
					assert.Contains(t, needs.String(), mentioned)
				}
				_, choosable := f.Fields["secret"]
				assert.Equal(t, choosable, strings.Contains(needs.String(), "for the list of secrets"))
			})
		}
	}
}

func TestNeedsInWords(t *testing.T) {
	for name, want := range map[string]string{
		"startFlow":         "no permission",
		"GetRandomPassword": "secretsmanager:GetRandomPassword",
		"CreateSecret": "secretsmanager:CreateSecret; with tags secretsmanager:TagResource; " +
			"with replica regions secretsmanager:ReplicateSecretToRegions; for a replica of another account secretsmanager:PutResourcePolicy; " +
			"with a customer-managed key kms:GenerateDataKey and kms:Decrypt; " +
			"with a customer-managed replica key kms:GenerateDataKey and kms:Encrypt",
		"UpdateSecret": "secretsmanager:UpdateSecret; with a customer-managed key kms:GenerateDataKey, kms:Encrypt and kms:Decrypt; " +
			"for the list of secrets secretsmanager:ListSecrets; for keys in the mapper secretsmanager:GetSecretValue",
	} {
		t.Run(name, func(t *testing.T) {
			needs, known := iampolicy.Of(name)
			require.True(t, known)
			assert.Equal(t, want, needs.String())
		})
	}
	_, known := iampolicy.Of("Nothing")
	assert.False(t, known)
}

func TestPolicy(t *testing.T) {
	for name, test := range map[string]struct{ function, arn, want string }{
		"for any secret": {"CancelRotateSecret", "", `[
			{"Effect": "Allow", "Action": "secretsmanager:CancelRotateSecret", "Resource": "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-??????"},
			{"Sid": "ForListOfSecrets", "Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"}]`},
		"for one secret": {"ValidateResourcePolicy", arn, `[
			{"Effect": "Allow", "Action": ["secretsmanager:ValidateResourcePolicy", "secretsmanager:PutResourcePolicy"],
			 "Resource": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/database-??????"},
			{"Sid": "ForListOfSecrets", "Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"}]`},
		"all secrets or none": {"BatchGetSecretValue", arn, `[
			{"Effect": "Allow", "Action": "secretsmanager:BatchGetSecretValue", "Resource": "*"},
			{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
			 "Resource": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/database-??????"},
			{"Sid": "WithFilters", "Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"},
			{"Sid": "WithCustomerManagedKey", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-central-1:123456789012:key/*",
			 "Condition": {"StringLike": {
				"kms:ViaService": "secretsmanager.eu-central-1.*",
				"kms:EncryptionContext:SecretARN": ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/database-??????", "RequestToValidateKeyAccess"]}}}]`},
		"keys of other regions": {"ReplicateSecretToRegions", "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a", `[
			{"Effect": "Allow", "Action": "secretsmanager:ReplicateSecretToRegions", "Resource": "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a-??????"},
			{"Sid": "WithCustomerManagedKey", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws-cn:kms:cn-north-1:123456789012:key/*",
			 "Condition": {"StringLike": {
				"kms:ViaService": "secretsmanager.cn-north-1.*",
				"kms:EncryptionContext:SecretARN": ["arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a-??????", "RequestToValidateKeyAccess"]}}},
			{"Sid": "WithCustomerManagedReplicaKey", "Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Encrypt"], "Resource": "arn:aws-cn:kms:*:123456789012:key/*",
			 "Condition": {"StringLike": {
				"kms:ViaService": "secretsmanager.*.*",
				"kms:EncryptionContext:SecretARN": ["arn:aws-cn:secretsmanager:*:123456789012:secret:a-??????", "RequestToValidateKeyAccess"]}}},
			{"Sid": "ForListOfSecrets", "Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"}]`},
		"rotation function": {"RotateSecret", "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:a-??????", `[
			{"Effect": "Allow", "Action": "secretsmanager:RotateSecret", "Resource": "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:a-??????"},
			{"Sid": "WithRotationFunction", "Effect": "Allow", "Action": "lambda:InvokeFunction",
			 "Resource": "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:ROTATION-FUNCTION"},
			{"Sid": "ForListOfSecrets", "Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(policy(t, test.function, test.arn))
			require.NoError(t, err)
			assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": `+test.want+`}`, string(got))
			assert.JSONEq(t, string(got), policy(t, test.function, test.arn).Indented())
		})
	}
}

func TestAllow(t *testing.T) {
	secret, err := iampolicy.ParseSecret(arn)
	require.NoError(t, err)
	for action, resource := range map[string]string{
		"secretsmanager:PutSecretValue": secret.ARN(),
		"secretsmanager:ListSecrets":    "*",
		"kms:Decrypt":                   "arn:aws:kms:eu-central-1:123456789012:key/*",
	} {
		s := iampolicy.Allow(action, secret)
		assert.Equal(t, []any{"", "Allow", resource}, []any{s.Sid, s.Effect, s.Resource}, action)
		assert.Equal(t, []string{action}, []string(s.Action))
	}
}

func TestParseSecret(t *testing.T) {
	const fits = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
	for given, want := range map[string]string{
		fits + "shop/database-Dtjje9": fits + "shop/database-??????",
		fits + "shop/database":        fits + "shop/database-??????",
		fits + "shop/database-??????": fits + "shop/database-??????",
		fits + "rotate-secret-a1B2c3": fits + "rotate-secret-??????",
		fits + "a":                    fits + "a-??????",
		"arn:aws-eusc:secretsmanager:eusc-de-east-1:123456789012:secret:a-Dtjje9": "arn:aws-eusc:secretsmanager:eusc-de-east-1:123456789012:secret:a-??????",
		"arn:aws-iso-b:secretsmanager:us-isob-east-1:123456789012:secret:a":       "arn:aws-iso-b:secretsmanager:us-isob-east-1:123456789012:secret:a-??????",
	} {
		secret, err := iampolicy.ParseSecret(given)
		require.NoError(t, err)
		assert.Equal(t, want, secret.ARN(), given)
	}
	for name, given := range map[string]string{
		"a name":               "shop/database",
		"nothing":              "",
		"another service":      "arn:aws:kms:eu-central-1:123456789012:key/1234abcd",
		"no region":            "arn:aws:secretsmanager::123456789012:secret:a-Dtjje9",
		"no account":           "arn:aws:secretsmanager:eu-central-1::secret:a-Dtjje9",
		"no name":              fits,
		"all secrets":          fits + "*",
		"a line more":          fits + "a-Dtjje9\n",
		"another partition":    "arn:azure:secretsmanager:eu-central-1:123456789012:secret:a-Dtjje9",
		"a short account":      "arn:aws:secretsmanager:eu-central-1:1234:secret:a-Dtjje9",
		"wildcard in the name": fits + "shop/?-Dtjje9",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := iampolicy.ParseSecret(given)
			assert.ErrorContains(t, err, "must be the ARN of a secret, such as arn:aws:")
		})
	}
}
