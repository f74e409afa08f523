package emulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

func identityPolicy(t testing.TB, statements ...string) *emulator.IdentityPolicy {
	t.Helper()
	p := new(emulator.IdentityPolicy)
	require.NoError(t, json.Unmarshal([]byte(`{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`), p))
	return p
}

// limited is an environment, and a client of it whose key may do what the
// statements say. There are the secrets shop/database, with the tag team=shop and a
// replica in eu-west-1, and shop/mail.
func limited(t *testing.T, statements ...string) (*environment, *secretsmanager.Client) {
	t.Helper()
	w := newEnvironment(t, func(o *emulator.Options) {
		o.Credentials = map[string]emulator.Credential{
			"AKIDTEST":  {SecretKey: component.NewSecret("test")},
			"AKIDSMALL": {SecretKey: component.NewSecret("small"), Policy: identityPolicy(t, statements...)},
		}
	})
	w.create("shop/mail", "mail")
	_, err := w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("shop/database"), SecretString: aws.String("database"), Tags: tagsOf("team=shop"), AddReplicaRegions: regions("eu-west-1"),
	})
	require.NoError(t, err)
	return w, w.client("eu-central-1", func(o *secretsmanager.Options) { o.Credentials = staticKeys("AKIDSMALL", "small", "") })
}

const (
	prefix = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
	caller = "User: arn:aws:iam::123456789012:user/emulator is not authorized to perform: "
)

func allow(action, resource string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Action":%q,"Resource":%q}`, action, resource)
}

type apiCall func(context.Context, *secretsmanager.Client) error

func get(id string) apiCall {
	return func(ctx context.Context, c *secretsmanager.Client) error {
		_, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
		return err
	}
}

func deleteFor(days int64) apiCall {
	return func(ctx context.Context, c *secretsmanager.Client) error {
		_, err := c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: aws.String("shop/mail"), RecoveryWindowInDays: &days})
		return err
	}
}

func create(name string, in secretsmanager.CreateSecretInput) apiCall {
	return func(ctx context.Context, c *secretsmanager.Client) error {
		in.Name = &name
		_, err := c.CreateSecret(ctx, &in)
		return err
	}
}

func listAll(ctx context.Context, c *secretsmanager.Client) error {
	_, err := c.ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
	return err
}

func TestIdentityPolicy(t *testing.T) {
	const read = "secretsmanager:GetSecretValue"
	when := func(condition string) string {
		return `{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*","Condition":{` + condition + `}}`
	}
	for _, tt := range []struct {
		name       string
		statements string
		call       apiCall
		refused    string // the error's text, "" when the call is allowed
	}{
		{"allowed", allow(read, prefix+"shop/database-??????"), get("shop/database"), ""},
		{"another secret", allow(read, prefix+"shop/database-??????"), get("shop/mail"),
			caller + "secretsmanager:GetSecretValue on resource: shop/mail because no identity-based policy allows the secretsmanager:GetSecretValue action"},
		{"another action", allow("secretsmanager:DescribeSecret", "*"), get("shop/mail"), "because no identity-based policy allows"},
		{"without the random characters", allow(read, prefix+"shop/database"), get("shop/database"), "secretsmanager:GetSecretValue"},
		{"a secret that does not exist", allow(read, prefix+"shop/none-??????"), get("shop/none"), "secretsmanager:GetSecretValue on resource: shop/none"},
		{"partial ARN", allow(read, prefix+"shop/database-??????"), get(prefix + "shop/database"), ""},
		{"another region", allow(read, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:*"), get("shop/database"), "secretsmanager:GetSecretValue"},
		{"wildcard within a part", allow(read, "arn:aws:secretsmanager:*:*:secret:shop/*"), get("shop/database"), ""},
		{"wildcard action", allow("secretsmanager:Get*", "*"), get("shop/database"), ""},
		{"letter case of actions", allow("SecretsManager:getsecretvalue", "*"), get("shop/database"), ""},
		{"letter case of resources", allow(read, prefix+"SHOP/*"), get("shop/database"), "secretsmanager:GetSecretValue"},
		{"explicit deny", allow("*", "*") + `,{"Effect":"Deny","Action":"secretsmanager:GetSecretValue","Resource":"` + prefix + `shop/mail-??????"}`, get("shop/mail"),
			caller + "secretsmanager:GetSecretValue on resource: shop/mail with an explicit deny in an identity-based policy"},
		{"what is denied elsewhere", allow("*", "*") + `,{"Effect":"Deny","Action":"secretsmanager:GetSecretValue","Resource":"` + prefix + `shop/mail-??????"}`, get("shop/database"), ""},
		{"NotAction", `{"Effect":"Allow","NotAction":"secretsmanager:Delete*","Resource":"*"}`, get("shop/mail"), ""},
		{"NotAction of this one", `{"Effect":"Allow","NotAction":["secretsmanager:Get*","iam:*"],"Resource":"*"}`, get("shop/mail"), "secretsmanager:GetSecretValue"},
		{"NotResource", `{"Effect":"Allow","Action":"*","NotResource":"` + prefix + `shop/mail-??????"}`, get("shop/mail"), "secretsmanager:GetSecretValue"},
		{"no resource", allow("secretsmanager:ListSecrets", "*"), listAll, ""},
		{"no resource, but one is named", allow("secretsmanager:ListSecrets", prefix+"*"), listAll,
			caller + "secretsmanager:ListSecrets because no identity-based policy allows the secretsmanager:ListSecrets action"},
		{"create", allow("secretsmanager:CreateSecret", prefix+"shop/new-??????"), create("shop/new", secretsmanager.CreateSecretInput{}), ""},
		{"create another", allow("secretsmanager:CreateSecret", prefix+"shop/new-??????"), create("shop/other", secretsmanager.CreateSecretInput{}), "secretsmanager:CreateSecret on resource: shop/other"},
		{"create with tags", allow("secretsmanager:CreateSecret", "*"), create("shop/new", secretsmanager.CreateSecretInput{Tags: tagsOf("a=b")}), "secretsmanager:TagResource on resource: shop/new"},
		{"create with replicas", allow("secretsmanager:CreateSecret", "*"), create("shop/new", secretsmanager.CreateSecretInput{AddReplicaRegions: regions("us-east-1")}), "secretsmanager:ReplicateSecretToRegions"},

		{"tag of the secret", when(`"StringEquals":{"secretsmanager:ResourceTag/team":"shop"}`), get("shop/database"), ""},
		{"tag of the secret, globally named", when(`"StringLike":{"aws:ResourceTag/Team":["no*","sho?"]}`), get("shop/database"), ""},
		{"tag of no secret", when(`"StringEquals":{"secretsmanager:ResourceTag/team":"shop"}`), get("shop/mail"), "secretsmanager:GetSecretValue"},
		{"another tag", when(`"StringNotEquals":{"secretsmanager:ResourceTag/team":"shop"}`), get("shop/database"), "secretsmanager:GetSecretValue"},
		{"absent key, negated", when(`"StringNotEquals":{"secretsmanager:ResourceTag/team":"shop"}`), get("shop/mail"), ""},
		{"absent key, if it exists", when(`"StringEqualsIfExists":{"secretsmanager:ResourceTag/team":"shop"}`), get("shop/mail"), ""},
		{"key is absent", when(`"Null":{"secretsmanager:ResourceTag/team":"true"}`), get("shop/mail"), ""},
		{"key is there", when(`"Null":{"secretsmanager:ResourceTag/team":true}`), get("shop/database"), "secretsmanager:GetSecretValue"},
		{"all conditions", when(`"StringEquals":{"secretsmanager:ResourceTag/team":"shop","aws:RequestedRegion":"eu-west-1"}`), get("shop/database"), "secretsmanager:GetSecretValue"},
		{"letter case of values", when(`"StringEqualsIgnoreCase":{"aws:RequestedRegion":"EU-CENTRAL-1"}`), get("shop/mail"), ""},
		{"ARN of the secret", when(`"ArnLike":{"secretsmanager:SecretId":"` + prefix + `shop/mail-*"}`), get("shop/mail"), ""},
		{"ARN of another", when(`"ArnNotEquals":{"secretsmanager:SecretId":"` + prefix + `shop/mail-*"}`), get("shop/mail"), "secretsmanager:GetSecretValue"},
		{"caller", when(`"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*:user/emulator"}`), get("shop/mail"), ""},
		{"primary region", when(`"StringEquals":{"secretsmanager:SecretPrimaryRegion":"eu-central-1"}`), get("shop/database"), ""},
		{"name", when(`"StringLike":{"secretsmanager:Name":"shop/*"}`), create("shop/new", secretsmanager.CreateSecretInput{}), ""},
		{"number", when(`"NumericGreaterThanEquals":{"secretsmanager:RecoveryWindowInDays":14}`), deleteFor(14), ""},
		{"small number", when(`"NumericGreaterThan":{"secretsmanager:RecoveryWindowInDays":"14"}`), deleteFor(14), "secretsmanager:DeleteSecret"},
		{"false", when(`"Bool":{"secretsmanager:ForceDeleteWithoutRecovery":"false"}`), deleteFor(14), "secretsmanager:DeleteSecret"}, // absent
		{"false if it exists", when(`"BoolIfExists":{"secretsmanager:ForceDeleteWithoutRecovery":"false"}`), deleteFor(14), ""},
		{"all tags of the request", when(`"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}`), create("new", secretsmanager.CreateSecretInput{Tags: tagsOf("a=1", "b=2")}), ""},
		{"a tag too many", when(`"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}`), create("new", secretsmanager.CreateSecretInput{Tags: tagsOf("a=1", "c=2")}), "secretsmanager:CreateSecret"},
		{"no tags at all", when(`"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}`), create("new", secretsmanager.CreateSecretInput{}), ""},
		{"any tag of the request", when(`"ForAnyValue:StringEquals":{"aws:TagKeys":"c"}`), create("new", secretsmanager.CreateSecretInput{Tags: tagsOf("a=1", "c=2")}), ""},
		{"none of the tags", when(`"ForAnyValue:StringNotLike":{"aws:TagKeys":["a","c"]}`), create("new", secretsmanager.CreateSecretInput{Tags: tagsOf("a=1", "c=2")}), "secretsmanager:CreateSecret"},
		{"value of a tag", when(`"StringEquals":{"aws:RequestTag/a":"1"}`), create("new", secretsmanager.CreateSecretInput{Tags: tagsOf("a=1")}), ""},
		{"replica regions", when(`"ForAllValues:StringEquals":{"secretsmanager:AddReplicaRegions":"us-east-1"}`), create("new", secretsmanager.CreateSecretInput{AddReplicaRegions: regions("us-east-2")}), "secretsmanager:CreateSecret"},
		{"an unknown key", when(`"StringEquals":{"aws:SourceVpce":"vpce-1"}`), get("shop/mail"), "secretsmanager:GetSecretValue"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, client := limited(t, tt.statements)
			err := tt.call(t.Context(), client)
			if tt.refused == "" {
				require.NoError(t, err)
				return
			}
			requireCode(t, err, "AccessDeniedException", tt.refused)
		})
	}
}

func TestIdentityPolicyThatIsRefused(t *testing.T) {
	for name, tt := range map[string]struct{ policy, text string }{
		"not JSON":             {`{`, "unexpected end of JSON input"},
		"unknown member":       {`{"Statements":[]}`, `unknown field "Statements"`},
		"no statement":         {`{"Version":"2012-10-17"}`, "there must be a Statement"},
		"unknown version":      {`{"Version":"2020-01-01","Statement":` + allow("*", "*") + `}`, "Version must be 2012-10-17"},
		"no effect":            {`{"Statement":[{"Action":"*","Resource":"*"}]}`, "Statement[0]: there must be an Effect"},
		"no resource":          {`{"Statement":{"Effect":"Allow","Action":"*"}}`, "one of Resource and NotResource"},
		"Action and NotAction": {`{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}`, "one of Action and NotAction"},
		"a resource policy":    {`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`, "no Principal"},
		"a name":               {`{"Statement":` + allow("*", "shop/database") + `}`, `resource "shop/database" is neither an ARN nor *`},
		"operator":             {`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"x"}}}}`, `condition operator "DateLessThan" is not understood here`},
		"variable":             {`{"Statement":` + allow("*", "arn:aws:secretsmanager:*:*:secret:${aws:username}/*") + `}`, "policy variables"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, json.Unmarshal([]byte(tt.policy), new(emulator.IdentityPolicy)), tt.text)
		})
	}
}

// TestBatchWithPolicy: each secret is asked for, and refused by itself.
func TestBatchWithPolicy(t *testing.T) {
	one := allow("secretsmanager:GetSecretValue", prefix+"shop/database-??????")
	ids := &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"shop/database", "shop/mail"}}
	_, client := limited(t, one)
	_, err := client.BatchGetSecretValue(t.Context(), ids)
	requireCode(t, err, "AccessDeniedException", caller+"secretsmanager:BatchGetSecretValue because no identity-based policy allows")

	_, client = limited(t, one, allow("secretsmanager:BatchGetSecretValue", "*"))
	out, err := client.BatchGetSecretValue(t.Context(), ids)
	require.NoError(t, err)
	require.Len(t, out.SecretValues, 1)
	require.Len(t, out.Errors, 1)
	require.Equal(t, "shop/mail AccessDeniedException", *out.Errors[0].SecretId+" "+*out.Errors[0].ErrorCode)
	require.Contains(t, *out.Errors[0].Message, "secretsmanager:GetSecretValue on resource: shop/mail")

	_, err = client.BatchGetSecretValue(t.Context(), &secretsmanager.BatchGetSecretValueInput{
		Filters: []types.Filter{{Key: types.FilterNameStringTypeName, Values: []string{"shop/"}}},
	})
	requireCode(t, err, "AccessDeniedException", caller+"secretsmanager:ListSecrets because")
}

// TestFurtherActions: what an operation needs besides its own action.
func TestFurtherActions(t *testing.T) {
	const (
		lambda = "arn:aws:lambda:eu-central-1:123456789012:function:rotate"
		key    = "arn:aws:kms:eu-central-1:123456789012:key/1234"
	)
	rotate := func(ctx context.Context, c *secretsmanager.Client) error {
		_, err := c.RotateSecret(ctx, &secretsmanager.RotateSecretInput{SecretId: aws.String("shop/mail"), RotationLambdaARN: aws.String(lambda)})
		return err
	}
	validate := func(ctx context.Context, c *secretsmanager.Client) error {
		_, err := c.ValidateResourcePolicy(ctx, &secretsmanager.ValidateResourcePolicyInput{SecretId: aws.String("shop/mail"), ResourcePolicy: aws.String(plainPolicy)})
		return err
	}
	change := func(in secretsmanager.UpdateSecretInput) apiCall {
		return func(ctx context.Context, c *secretsmanager.Client) error {
			in.SecretId = aws.String("shop/mail")
			_, err := c.UpdateSecret(ctx, &in)
			return err
		}
	}
	replicate := func(ctx context.Context, c *secretsmanager.Client) error {
		_, err := c.ReplicateSecretToRegions(ctx, &secretsmanager.ReplicateSecretToRegionsInput{
			SecretId: aws.String("shop/mail"), AddReplicaRegions: []types.ReplicaRegionType{{Region: aws.String("us-east-1"), KmsKeyId: aws.String("alias/copy")}},
		})
		return err
	}
	associate := func(role *string) apiCall {
		return func(ctx context.Context, c *secretsmanager.Client) error {
			_, err := c.AssociateCrossAccountReplica(ctx, &secretsmanager.AssociateCrossAccountReplicaInput{
				SecretId: aws.String("shop/mail"), CrossAccountReplicaARN: aws.String(elsewhereARN), ReplicationRoleARN: role,
			})
			return err
		}
	}
	stop := func(ctx context.Context, c *secretsmanager.Client) error {
		if err := create("copy", secretsmanager.CreateSecretInput{KmsKeyId: aws.String("alias/own"), CrossAccountPrimaryARN: aws.String(elsewhereARN)})(ctx, c); err != nil {
			return err
		}
		_, err := c.StopReplicationToReplica(ctx, &secretsmanager.StopReplicationToReplicaInput{SecretId: aws.String("copy")})
		return err
	}
	const (
		noKey  = "Access to KMS is not allowed"
		accept = "secretsmanager:AcceptCrossAccountReplication"
	)
	for _, tt := range []struct {
		name    string
		call    apiCall
		key     string // of shop/mail
		needs   []string
		refused string
	}{
		{"rotate", rotate, "", []string{"lambda:InvokeFunction"}, caller + "lambda:InvokeFunction on resource: " + lambda + " because"},
		{"validate a resource policy", validate, "", []string{"secretsmanager:PutResourcePolicy"}, "secretsmanager:PutResourcePolicy on resource: shop/mail"},
		{"copy to another account", associate(nil), "", []string{accept}, caller + accept + " on resource: " + elsewhereARN + " because"},
		{"copy to another account, with a role", associate(aws.String(copyRoleARN)), "", []string{accept, "iam:PassRole"}, caller},
		{"copy to another account, under a key", associate(nil), key, []string{accept, "kms:Decrypt"}, ""},
		{"copy from another account, and stop", stop, "", []string{"kms:GenerateDataKey", "kms:Decrypt", "secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy"}, ""},
		{"read under a key", get("shop/mail"), key, []string{"kms:Decrypt"}, noKey},
		{"write under a key", change(secretsmanager.UpdateSecretInput{SecretString: aws.String("new")}), key, []string{"kms:GenerateDataKey", "kms:Decrypt"}, noKey},
		{"change the key", change(secretsmanager.UpdateSecretInput{KmsKeyId: aws.String("1234")}), "", []string{"kms:GenerateDataKey", "kms:Decrypt"}, noKey},
		{"create under a key", create("new", secretsmanager.CreateSecretInput{KmsKeyId: aws.String(key)}), "", []string{"kms:GenerateDataKey", "kms:Decrypt"}, noKey},
		{"copy under keys", replicate, key, []string{"kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"}, noKey},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for without := range append(tt.needs, "nothing") {
				statements := []string{`{"Effect":"Allow","NotAction":["iam:*","kms:*","lambda:*","secretsmanager:PutResourcePolicy","secretsmanager:DeleteResourcePolicy","` + accept + `"],"Resource":"*"}`}
				for i, action := range tt.needs {
					if i != without {
						statements = append(statements, allow(action, "*"))
					}
				}
				w, client := limited(t, statements...)
				if tt.key != "" {
					require.NoError(t, change(secretsmanager.UpdateSecretInput{KmsKeyId: &tt.key})(t.Context(), w.Client))
				}
				err := tt.call(t.Context(), client)
				if without == len(tt.needs) {
					require.NoError(t, err)
					continue
				}
				requireCode(t, err, "AccessDeniedException", tt.refused)
			}
		})
	}
}

func TestKeyConditions(t *testing.T) {
	decrypt := func(condition string) string {
		return `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-central-1:123456789012:key/*","Condition":{"StringLike":{` + condition + `}}}`
	}
	for condition, ok := range map[string]bool{
		`"kms:ViaService":"secretsmanager.eu-central-1.*"`:               true,
		`"kms:ViaService":"secretsmanager.eu-west-1.*"`:                  false,
		`"kms:EncryptionContext:SecretARN":"` + prefix + `new-??????"`:   true,
		`"kms:EncryptionContext:SecretARN":"` + prefix + `other-??????"`: false,
	} {
		w, client := limited(t, allow("secretsmanager:*", "*"), decrypt(condition))
		require.NoError(t, create("new", secretsmanager.CreateSecretInput{KmsKeyId: aws.String("alias/mine"), SecretString: aws.String("x")})(t.Context(), w.Client))
		err := get("new")(t.Context(), client)
		require.Equal(t, ok, err == nil, "%s: %v", condition, err)
	}
}

// TestRoleWithPolicy: an assumed role may do what its own policy says.
func TestRoleWithPolicy(t *testing.T) {
	w := guarded(t, func(o *emulator.Options) {
		o.Roles = map[string]emulator.Role{roleARN: {Policy: identityPolicy(t, allow("secretsmanager:ListSecrets", "*"))}}
	})
	creds, err := stscreds.NewAssumeRoleProvider(w.sts("AKIDGOOD", "goodsecret", ""), roleARN, func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = "flow" }).Retrieve(t.Context())
	require.NoError(t, err)
	client := w.client("eu-central-1", func(o *secretsmanager.Options) {
		o.Credentials = staticKeys(creds.AccessKeyID, creds.SecretAccessKey, creds.SessionToken)
	})
	require.NoError(t, listAll(t.Context(), client))
	requireCode(t, get("shop/mail")(t.Context(), client), "AccessDeniedException",
		"User: arn:aws:sts::123456789012:assumed-role/reader/flow is not authorized to perform: secretsmanager:GetSecretValue on resource: shop/mail because")
}
