package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"
)

const (
	elsewhereARN = "arn:aws:secretsmanager:eu-central-1:210987654321:secret:a-AbCdEf"
	copyRoleARN  = "arn:aws:iam::123456789012:role/copy"
)

func (w *environment) associate(id, arn string) (*secretsmanager.AssociateCrossAccountReplicaOutput, error) {
	return w.AssociateCrossAccountReplica(w.t.Context(), &secretsmanager.AssociateCrossAccountReplicaInput{SecretId: &id, CrossAccountReplicaARN: &arn})
}

func (w *environment) disassociate(id, arn string) error {
	_, err := w.DisassociateCrossAccountReplica(w.t.Context(), &secretsmanager.DisassociateCrossAccountReplicaInput{SecretId: &id, CrossAccountReplicaARN: &arn})
	return err
}

// createReplica creates a replica of a secret in another account, with changes.
func (w *environment) createReplica(name string, change func(*secretsmanager.CreateSecretInput)) error {
	in := &secretsmanager.CreateSecretInput{Name: &name, KmsKeyId: aws.String("alias/own"), CrossAccountPrimaryARN: aws.String(elsewhereARN)}
	if change != nil {
		change(in)
	}
	_, err := w.CreateSecret(w.t.Context(), in)
	return err
}

func TestReplicaInAnotherAccount(t *testing.T) {
	w := newEnvironment(t)
	arn, _ := w.create("a", "one")
	require.Nil(t, w.describe("a").CrossAccountReplicas)

	for range 2 { // again is fine
		out, err := w.associate("a", elsewhereARN)
		require.NoError(t, err)
		require.Equal(t, arn, *out.ARN)
		require.Equal(t, elsewhereARN, *out.CrossAccountReplicaARN)
		require.Equal(t, types.StatusTypeInSync, out.ReplicationStatus)
	}
	_, err := w.AssociateCrossAccountReplica(t.Context(), &secretsmanager.AssociateCrossAccountReplicaInput{
		SecretId: &arn, CrossAccountReplicaARN: aws.String(elsewhereARN), ReplicationRoleARN: aws.String(copyRoleARN), ReplicaRestriction: types.ReplicaRestrictionTypeNoRestriction,
	})
	require.NoError(t, err)
	require.Equal(t, []types.CrossAccountReplicaEntry{{
		ReplicaSecretARN: aws.String(elsewhereARN), ReplicationRoleARN: aws.String(copyRoleARN), ReplicationStatus: types.StatusTypeInSync,
	}}, w.describe("a").CrossAccountReplicas)
	require.Nil(t, w.describe("a").CrossAccountPrimary)
	w.put("a", "two") // a primary stays as it is

	other := strings.Replace(elsewhereARN, "a-AbCdEf", "b-AbCdEf", 1)
	_, err = w.associate("a", other)
	requireCode(t, err, "InvalidRequestException", elsewhereARN, "no more than one")
	requireCode(t, w.disassociate("a", other), "InvalidParameterException", "no cross-account replica", other)
	for _, force := range []*bool{nil, aws.Bool(true)} {
		_, err = w.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &arn, ForceDeleteWithoutRecovery: force})
		requireCode(t, err, "InvalidParameterException", "still has the cross-account replica", elsewhereARN)
	}

	require.NoError(t, w.disassociate("a", elsewhereARN))
	require.Nil(t, w.describe("a").CrossAccountReplicas)
	requireCode(t, w.disassociate("a", elsewhereARN), "InvalidParameterException", "no cross-account replica")
	_, err = w.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &arn})
	require.NoError(t, err)
	_, err = w.associate("a", elsewhereARN)
	requireCode(t, err, "InvalidRequestException", "marked for deletion")
}

func TestAssociateRefuses(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "one")
	_, err := w.replicate("a", false, "us-east-1")
	require.NoError(t, err)
	for arn, want := range map[string]string{
		"this is the name of a secret":                                   "must be the ARN of a secret",
		strings.TrimSuffix(elsewhereARN, "-AbCdEf"):                      "must be the ARN of a secret",
		strings.Replace(elsewhereARN, "arn:aws:", "arn:aws-cn:", 1):      "must be the ARN of a secret",
		strings.Replace(elsewhereARN, "210987654321", "", 1):             "must be the ARN of a secret",
		strings.Replace(elsewhereARN, "210987654321", "me", 1):           "must be the ARN of a secret",
		strings.Replace(elsewhereARN, "a-AbCdEf", "a b-AbCdEf", 1):       "must be the ARN of a secret",
		strings.Replace(elsewhereARN, "a-AbCdEf", "-AbCdEf", 1):          "must be the ARN of a secret",
		strings.Replace(elsewhereARN, "210987654321", "123456789012", 1): "of another account",
		strings.Replace(elsewhereARN, "eu-central-1", "us-east-1", 1):    "in the same Region",
	} {
		_, err := w.associate("a", arn)
		requireCode(t, err, "InvalidParameterException", "CrossAccountReplicaARN", want)
	}
	_, err = w.in("us-east-1").associate("a", strings.Replace(elsewhereARN, "eu-central-1", "us-east-1", 1))
	requireCode(t, err, "InvalidParameterException", "replica secret")
	require.NoError(t, w.createReplica("b", nil))
	_, err = w.associate("b", elsewhereARN)
	requireCode(t, err, "InvalidParameterException", "replica secret")
	_, err = w.associate("none", elsewhereARN)
	requireCode(t, err, "ResourceNotFoundException")
	require.Nil(t, w.describe("a").CrossAccountReplicas)
}

func TestReplicaOfAnotherAccount(t *testing.T) {
	w := newEnvironment(t)
	ctx, id := t.Context(), aws.String("a")
	require.NoError(t, w.createReplica("a", func(in *secretsmanager.CreateSecretInput) { in.Tags = tagsOf("k=v") }))
	d := w.describe("a")
	require.Equal(t, &types.CrossAccountPrimaryType{PrimarySecretARN: aws.String(elsewhereARN), ReplicationStatus: types.StatusTypePending}, d.CrossAccountPrimary)
	require.Equal(t, "alias/own", *d.KmsKeyId)
	require.Empty(t, d.VersionIdsToStages)
	_, err := w.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: id})
	requireCode(t, err, "ResourceNotFoundException", "AWSCURRENT")
	batch, err := w.BatchGetSecretValue(ctx, &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"a"}})
	require.NoError(t, err)
	require.Empty(t, batch.SecretValues)
	require.Equal(t, "ResourceNotFoundException", *batch.Errors[0].ErrorCode)

	_, err = w.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: id, SecretString: aws.String("x")})
	requireCode(t, err, "InvalidParameterException", "replica secret")
	_, err = w.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: id, Description: aws.String("x")})
	requireCode(t, err, "InvalidParameterException", "replica secret")
	_, err = w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: id, ForceDeleteWithoutRecovery: aws.Bool(true)})
	requireCode(t, err, "InvalidParameterException", "replica secret")
	requireCode(t, w.createReplica("a", nil), "ResourceExistsException")

	stopped, err := w.StopReplicationToReplica(ctx, &secretsmanager.StopReplicationToReplicaInput{SecretId: id})
	require.NoError(t, err)
	require.Equal(t, *d.ARN, *stopped.ARN)
	require.Nil(t, w.describe("a").CrossAccountPrimary)
	w.put("a", "mine")
	require.Equal(t, "mine", w.text("a"))
	_, err = w.StopReplicationToReplica(ctx, &secretsmanager.StopReplicationToReplicaInput{SecretId: id})
	requireCode(t, err, "InvalidRequestException", "not a replica")
}

// TestAssociateReads: the value is read for the other account in the caller's name.
func TestAssociateReads(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "one")
	w.emulator.Deny("", "GetSecretValue")
	_, err := w.associate("a", elsewhereARN)
	requireCode(t, err, "AccessDeniedException", "secretsmanager:GetSecretValue on resource: a")
	require.Nil(t, w.describe("a").CrossAccountReplicas)
}

// TestOverwriteSpares: a replica does not take the place of what is tied to another account.
func TestOverwriteSpares(t *testing.T) {
	w := newEnvironment(t)
	w.create("associated", "one")
	_, err := w.associate("associated", elsewhereARN)
	require.NoError(t, err)
	require.NoError(t, w.createReplica("replica", nil))
	there := w.in("us-east-1")
	for _, name := range []string{"associated", "replica"} {
		there.create(name, "two")
		out, err := there.replicate(name, true, "eu-central-1")
		require.NoError(t, err)
		require.Equal(t, types.StatusTypeFailed, out.ReplicationStatus[0].Status, name)
	}
	require.Equal(t, "one", w.text("associated"))
	require.NotNil(t, w.describe("replica").CrossAccountPrimary)
}

func TestReplicaOfAnotherAccountRefuses(t *testing.T) {
	w := newEnvironment(t)
	for name, c := range map[string]struct {
		change func(*secretsmanager.CreateSecretInput)
		want   string
	}{
		"text":        {func(in *secretsmanager.CreateSecretInput) { in.SecretString = aws.String("x") }, "SecretString"},
		"binary":      {func(in *secretsmanager.CreateSecretInput) { in.SecretBinary = []byte("x") }, "SecretBinary"},
		"description": {func(in *secretsmanager.CreateSecretInput) { in.Description = aws.String("x") }, "Description"},
		"regions":     {func(in *secretsmanager.CreateSecretInput) { in.AddReplicaRegions = regions("us-east-1") }, "AddReplicaRegions"},
		"type":        {func(in *secretsmanager.CreateSecretInput) { in.Type = aws.String("x") }, "Type"},
		"no key":      {func(in *secretsmanager.CreateSecretInput) { in.KmsKeyId = nil }, "KmsKeyId"},
		"AWS's key":   {func(in *secretsmanager.CreateSecretInput) { in.KmsKeyId = aws.String("alias/aws/secretsmanager") }, "KmsKeyId"},
		"AWS's key by its ARN": {func(in *secretsmanager.CreateSecretInput) {
			in.KmsKeyId = aws.String("arn:aws:kms:eu-central-1:123456789012:alias/aws/secretsmanager")
		}, "KmsKeyId"},
		"no ARN": {func(in *secretsmanager.CreateSecretInput) {
			in.CrossAccountPrimaryARN = aws.String("this is the name of a secret")
		}, "ARN of a secret"},
		"own account": {func(in *secretsmanager.CreateSecretInput) {
			in.CrossAccountPrimaryARN = aws.String(strings.Replace(elsewhereARN, "210987654321", "123456789012", 1))
		}, "another account"},
		"other region": {func(in *secretsmanager.CreateSecretInput) {
			in.CrossAccountPrimaryARN = aws.String(strings.Replace(elsewhereARN, "eu-central-1", "us-east-1", 1))
		}, "same Region"},
	} {
		t.Run(name, func(t *testing.T) {
			requireCode(t, w.createReplica("a", c.change), "InvalidParameterException", c.want)
		})
	}
}

func TestListResourcePolicies(t *testing.T) {
	w := newEnvironment(t)
	arn, _ := w.create("a", "one")
	list := func(token *string) ([]types.ResourcePolicySummary, error) {
		out, err := w.ListResourcePolicies(t.Context(), &secretsmanager.ListResourcePoliciesInput{SecretId: &arn, MaxResults: aws.Int32(1), NextToken: token})
		if err != nil {
			return nil, err
		}
		require.Nil(t, out.NextToken)
		require.NotNil(t, out.ResourcePolicies)
		return out.ResourcePolicies, nil
	}
	none, err := list(nil)
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = w.PutResourcePolicy(t.Context(), &secretsmanager.PutResourcePolicyInput{SecretId: &arn, ResourcePolicy: aws.String(plainPolicy)})
	require.NoError(t, err)
	one, err := list(nil)
	require.NoError(t, err)
	require.Equal(t, []types.ResourcePolicySummary{{PolicyName: aws.String("default")}}, one)
	_, err = list(aws.String("made up"))
	requireCode(t, err, "InvalidNextTokenException")
}

func TestPolicyName(t *testing.T) {
	w := newEnvironment(t)
	arn, _ := w.create("a", "one")
	ctx := t.Context()
	for _, name := range []*string{nil, aws.String("default")} {
		put, err := w.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &arn, ResourcePolicy: aws.String(plainPolicy), PolicyName: name})
		require.NoError(t, err)
		require.Equal(t, "default", *put.PolicyName)
		got, err := w.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: &arn, PolicyName: name})
		require.NoError(t, err)
		require.Equal(t, "default", *got.PolicyName)
		require.Equal(t, plainPolicy, *got.ResourcePolicy)
		deleted, err := w.DeleteResourcePolicy(ctx, &secretsmanager.DeleteResourcePolicyInput{SecretId: &arn, PolicyName: name})
		require.NoError(t, err)
		require.Equal(t, "default", *deleted.PolicyName)
	}
	other := aws.String("other")
	_, err := w.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &arn, ResourcePolicy: aws.String(plainPolicy), PolicyName: other})
	requireCode(t, err, "InvalidParameterException", "PolicyName must be default")
	_, err = w.DeleteResourcePolicy(ctx, &secretsmanager.DeleteResourcePolicyInput{SecretId: &arn, PolicyName: other})
	requireCode(t, err, "InvalidParameterException", "PolicyName must be default")
	_, err = w.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: &arn, PolicyName: other})
	requireCode(t, err, "ResourceNotFoundException", "resource policy")
}
