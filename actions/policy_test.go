package actions

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/iampolicy"
)

// policyUse is an input of a function, and what of the function's policy it uses.
type policyUse struct {
	name, function, body string
	key                  string   // KMS key of the secret
	cases                []string // Sids of the statements that are needed
	optional             string   // an action that AWS does without
}

func policyUses(t *testing.T) (uses []policyUse) {
	cases := map[string][]string{
		"AssociateCrossAccountReplica": {"OnReplica"},
		"BeginRotation":                {"ForNewPassword"},
		"MakeRawRequest":               {"ForOperationDescribeSecret"},
		"UpsertSecret":                 {"ForSecretThatExists", "ToCompareValues", "WithDescriptionOrKeyOrTags", "WithTags"},
		"CreateSecret":                 {"WithTags"}, "RotateSecret": {"WithRotationFunction"}}
	for _, spec := range Specs(testOptions) {
		uses = append(uses, policyUse{name: spec.Name, function: spec.Name, body: example(t, spec.Name+".in"), cases: cases[spec.Name]})
	}
	const (
		key    = "arn:aws:kms:eu-central-1:123456789012:key/1234"
		secret = `{"SecretId":"shop/database"`
	)
	under := []string{"WithCustomerManagedKey"}
	return append(uses,
		policyUse{"rotate under a key", "BeginRotation", secret + `,"SecretString":"new"}`, key, under, ""},
		policyUse{"filters", "BatchGetSecretValue", `{"Filters":[{"Key":"name","Values":["shop/"]}]}`, key, []string{"WithFilters", "WithCustomerManagedKey"}, ""},
		policyUse{"create under a key", "CreateSecret", `{"Name":"shop/database","KmsKeyId":"` + key + `"}`, "", under, ""},
		policyUse{"create replicas under a key", "CreateSecret", `{"Name":"shop/database","AddReplicaRegions":[{"Region":"eu-west-1","KmsKeyId":"alias/copy"}]}`, "",
			[]string{"WithReplicaRegions", "WithCustomerManagedReplicaKey"}, ""},
		policyUse{"create a replica of another account", "CreateSecret", `{"Name":"shop/database","KmsKeyId":"` + key + `","CrossAccountPrimaryARN":"` + replicaARN + `"}`, "",
			[]string{"ForReplicaOfAnotherAccount", "WithCustomerManagedKey"}, ""},
		policyUse{"copy to another account with a role", "AssociateCrossAccountReplica", secret + `,"CrossAccountReplicaARN":"` + replicaARN + `","ReplicationRoleARN":"arn:aws:iam::123456789012:role/copy"}`, key,
			[]string{"OnReplica", "WithCustomerManagedKey", "WithReplicationRole"}, ""},
		policyUse{"read under a key", "GetSecretValue", secret + `}`, key, under, ""},
		policyUse{"write under a key", "PutSecretValue", secret + `,"SecretString":"new"}`, key, under, ""},
		// Without kms:Encrypt the versions that exist stay under the old key.
		policyUse{"change the key", "UpdateSecret", secret + `,"KmsKeyId":"alias/other"}`, key, under, "kms:Encrypt"},
		policyUse{"replicate under keys", "ReplicateSecretToRegions", secret + `,"AddReplicaRegions":[{"Region":"eu-west-1","KmsKeyId":"alias/copy"}]}`, key,
			[]string{"WithCustomerManagedKey", "WithCustomerManagedReplicaKey"}, ""},
	)
}

// policy is the part of the function's policy that is needed, for all secrets of
// the example.
func (u policyUse) policy(t *testing.T) (p []iampolicy.Statement) {
	t.Helper()
	region := "eu-central-1"
	if u.function == "StopReplicationToReplica" {
		region = "eu-west-1"
	}
	placeholders := strings.NewReplacer("ROTATION-FUNCTION", "rotate", "REPLICATION-ROLE", "copy", "REPLICA-ACCOUNT", "210987654321", "REPLICA-NAME", "shop/database")
	needs, known := iampolicy.Of(u.function)
	require.True(t, known)
	named := slices.DeleteFunc([]string{"shop/database", "shop/mail", "shop/payment"}, func(name string) bool { return !strings.Contains(u.body, name) })
	if len(named) == 0 {
		named = []string{"shop/database"}
	}
	for _, name := range named {
		secret, err := iampolicy.ParseSecret("arn:aws:secretsmanager:" + region + ":123456789012:secret:" + name)
		require.NoError(t, err)
		for _, s := range needs.Policy(secret).Statement {
			needed := s.Sid == "" || slices.Contains(u.cases, s.Sid)
			if needed && !slices.ContainsFunc(p, func(other iampolicy.Statement) bool { return other.Sid == s.Sid && other.Resource == s.Resource }) {
				s.Resource = placeholders.Replace(s.Resource)
				p = append(p, s)
			}
		}
	}
	return p
}

// identityPolicy is a policy of the statements as IAM understands it.
func identityPolicy(t *testing.T, statements []iampolicy.Statement, more ...string) *emulator.IdentityPolicy {
	t.Helper()
	for _, s := range statements {
		more = append(more, s.String())
	}
	policy := new(emulator.IdentityPolicy)
	require.NoError(t, json.Unmarshal([]byte(`{"Statement":[`+strings.Join(more, ",")+`]}`), policy))
	return policy
}

// refused runs the function under the policy, with more statements. It returns what
// AWS refuses it with, or one of the secrets, "" if it does not.
func (u policyUse) refused(t *testing.T, p []iampolicy.Statement, more ...string) string {
	t.Helper()
	l := newExample(t, u.function, identityPolicy(t, p, more...))
	if strings.Contains(u.body, "shop/mail") {
		l.run(t, "CreateSecret", `{"Name":"shop/mail","SecretString":"example"}`)
	}
	if u.key != "" {
		l.run(t, "UpdateSecret", `{"SecretId":"shop/database","KmsKeyId":"`+u.key+`"}`)
	}
	out, err := l.runExample(t, u.function, u.body, boundKeyID)
	if err != nil {
		require.ErrorContains(t, err, "AccessDeniedException")
		return err.Error()
	}
	require.Len(t, out.bodies, 1)
	if body := string(out.bodies[0]); strings.Contains(body, "AccessDeniedException") {
		return body
	}
	return ""
}

// TestPolicies runs the examples with exactly the policy that the documentation
// shows for them, and with each of its actions left out: what the error ends with is
// what is missing.
func TestPolicies(t *testing.T) {
	for _, u := range policyUses(t) {
		t.Run(u.name, func(t *testing.T) {
			require.Empty(t, u.refused(t, u.policy(t)), "the policy is not enough")
			for i, s := range u.policy(t) {
				for j, action := range s.Action {
					if action == u.optional {
						continue
					}
					less := u.policy(t)
					less[i].Action = slices.Delete(slices.Clone(s.Action), j, j+1)
					if len(less[i].Action) == 0 {
						less[i] = iampolicy.Allow("iam:GetUser", iampolicy.Secret{}) // IAM takes no empty policy
					}
					refusal := u.refused(t, less)
					require.NotEmpty(t, refusal, "%s is not needed", action)
					if s.Sid == "WithCustomerManagedReplicaKey" || strings.HasPrefix(refusal, "{") {
						continue // AWS does not tell which key it is; it is the page that tells of the secret
					}
					_, missing, _ := strings.Cut(refusal, "; allow ")
					missing = strings.ReplaceAll(missing, "ACCOUNT", "123456789012") // which AWS does not tell of a key
					require.Empty(t, u.refused(t, less, missing), "%s is still not allowed", action)
				}
			}
		})
	}
}

// TestListOfSecretsPolicy: the list from which a secret is chosen needs what the
// policy has for it, and no more.
func TestListOfSecretsPolicy(t *testing.T) {
	for _, spec := range Specs(testOptions) {
		model, ok := spec.Models["secretNames"]
		if !ok {
			continue
		}
		t.Run(spec.Name, func(t *testing.T) {
			needs, _ := iampolicy.Of(spec.Name)
			p := needs.Policy(iampolicy.Secret{})
			isForList := func(s iampolicy.Statement) bool { return s.Sid == "ForListOfSecrets" }
			i := slices.IndexFunc(p.Statement, isForList)
			require.GreaterOrEqual(t, i, 0)
			ask := func(statements []iampolicy.Statement) error {
				deps := newExample(t, "", identityPolicy(t, statements)).deps("")
				deps.Config = json.RawMessage(strings.Replace(string(deps.Config), testKeyID, boundKeyID, 1))
				_, err := model(t.Context(), deps)
				return err
			}
			require.NoError(t, ask(p.Statement[i:i+1]))
			require.ErrorContains(t, ask(slices.DeleteFunc(slices.Clone(p.Statement), isForList)), "not authorized to perform: secretsmanager:ListSecrets")
		})
	}
}
