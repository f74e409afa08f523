package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"
)

const plainPolicy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}}`

// statementOf returns a policy of one statement that allows reading, with the
// given members in place of a principal.
func statementOf(members string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*",` + members + `}]}`
}

func TestResourcePolicy(t *testing.T) {
	w := newEnvironment(t)
	arn, _ := w.create("a", "one")
	ctx := t.Context()
	get := func() *string {
		out, err := w.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: aws.String("a")})
		require.NoError(t, err)
		require.Equal(t, arn, *out.ARN)
		return out.ResourcePolicy
	}
	require.Nil(t, get())
	_, err := w.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &arn, ResourcePolicy: aws.String(plainPolicy)})
	require.NoError(t, err)
	require.Equal(t, plainPolicy, *get())
	for range 2 {
		_, err = w.DeleteResourcePolicy(ctx, &secretsmanager.DeleteResourcePolicyInput{SecretId: &arn})
		require.NoError(t, err)
		require.Nil(t, get())
	}
}

func TestResourcePolicySyntax(t *testing.T) {
	principal := `"Principal":{"AWS":"123456789012"}`
	tests := []struct {
		name   string
		policy string
		good   bool
	}{
		{"statement alone", plainPolicy, true},
		{"statements in a list", statementOf(principal), true},
		{"condition", statementOf(principal + `,"Condition":{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"aws:n":5},"StringLike":{"aws:x":["a","b"]}}`), true},
		{"not JSON", `hello`, false},
		{"cut off", plainPolicy[:20], false},
		{"two documents", plainPolicy + plainPolicy, false},
		{"list", `[]`, false},
		{"no statement", `{"Version":"2012-10-17"}`, false},
		{"no statements", `{"Version":"2012-10-17","Statement":[]}`, false},
		{"other version", strings.Replace(plainPolicy, "2012", "2019", 1), false},
		{"other effect", strings.Replace(plainPolicy, "Allow", "Permit", 1), false},
		{"no principal", statementOf(`"Sid":"s"`), false},
		{"principal of no kind", statementOf(`"Principal":"arn:aws:iam::123456789012:root"`), false},
		{"both principals", statementOf(principal + `,"NotPrincipal":"*"`), false},
		{"both actions", statementOf(principal + `,"NotAction":"*"`), false},
		{"both resources", statementOf(principal + `,"NotResource":"*"`), false},
		{"unknown member", statementOf(principal + `,"Priority":1`), false},
		{"action of the wrong type", `{"Statement":{"Effect":"Allow",` + principal + `,"Action":1,"Resource":"*"}}`, false},
		{"condition value of the wrong type", statementOf(principal + `,"Condition":{"Bool":{"k":{}}}`), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newEnvironment(t)
			w.create("a", "one")
			_, putErr := w.PutResourcePolicy(t.Context(), &secretsmanager.PutResourcePolicyInput{SecretId: aws.String("a"), ResourcePolicy: &tt.policy})
			out, validateErr := w.ValidateResourcePolicy(t.Context(), &secretsmanager.ValidateResourcePolicyInput{ResourcePolicy: &tt.policy})
			if !tt.good {
				requireCode(t, putErr, "MalformedPolicyDocumentException", "syntax error")
				requireCode(t, validateErr, "MalformedPolicyDocumentException", "syntax error")
				return
			}
			require.NoError(t, putErr)
			require.NoError(t, validateErr)
			require.True(t, out.PolicyValidationPassed)
			require.Empty(t, out.ValidationErrors)
		})
	}
}

func TestPublicPolicy(t *testing.T) {
	tests := []struct {
		name    string
		members string
		public  bool
	}{
		{"everyone", `"Principal":"*"`, true},
		{"everyone at AWS", `"Principal":{"AWS":"*"}`, true},
		{"everyone among others", `"Principal":{"AWS":["123456789012","*"]}`, true},
		{"all but one", `"NotPrincipal":{"AWS":"123456789012"}`, true},
		{"an account", `"Principal":{"AWS":"123456789012"}`, false},
		{"a service", `"Principal":{"Service":"lambda.amazonaws.com"}`, false},
		{"everyone of an organisation", `"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`, false},
		{"everyone of an account, in other case", `"Principal":"*","Condition":{"StringEquals":{"AWS:SourceAccount":["1"]}}`, false},
		{"everyone not of an organisation", `"Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}`, true},
		{"everyone of an organisation, if any", `"Principal":"*","Condition":{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`, true},
		{"everyone of any organisation", `"Principal":"*","Condition":{"StringLike":{"aws:PrincipalOrgID":"*"}}`, true},
		{"everyone over TLS", `"Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}`, true},
		{"every address", `"Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}`, true},
		{"one network", `"Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newEnvironment(t)
			w.create("a", "one")
			policy := statementOf(tt.members)
			in := &secretsmanager.PutResourcePolicyInput{SecretId: aws.String("a"), ResourcePolicy: &policy}
			_, err := w.PutResourcePolicy(t.Context(), in)
			require.NoError(t, err, "public policies are not blocked by default")
			in.BlockPublicPolicy = aws.Bool(true)
			_, err = w.PutResourcePolicy(t.Context(), in)
			out, validateErr := w.ValidateResourcePolicy(t.Context(), &secretsmanager.ValidateResourcePolicyInput{ResourcePolicy: &policy, SecretId: aws.String("a")})
			require.NoError(t, validateErr)
			require.Equal(t, !tt.public, out.PolicyValidationPassed)
			if !tt.public {
				require.NoError(t, err)
				return
			}
			requireCode(t, err, "PublicPolicyException")
			require.Len(t, out.ValidationErrors, 1)
		})
	}
}

func TestValidateResourcePolicyLockOut(t *testing.T) {
	w := newEnvironment(t)
	out, err := w.ValidateResourcePolicy(t.Context(), &secretsmanager.ValidateResourcePolicyInput{
		ResourcePolicy: aws.String(`{"Statement":{"Effect":"Deny","Principal":"*","Action":"secretsmanager:*","Resource":"*"}}`),
	})
	require.NoError(t, err)
	require.False(t, out.PolicyValidationPassed)
	require.Len(t, out.ValidationErrors, 1)

	_, err = w.ValidateResourcePolicy(t.Context(), &secretsmanager.ValidateResourcePolicyInput{ResourcePolicy: aws.String(plainPolicy), SecretId: aws.String("never")})
	requireCode(t, err, "ResourceNotFoundException")
	_, err = w.ValidateResourcePolicy(t.Context(), &secretsmanager.ValidateResourcePolicyInput{ResourcePolicy: aws.String(strings.Repeat("x", 20481))})
	requireCode(t, err, "ValidationException", "20480")
}
