package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"
)

func regions(names ...string) []types.ReplicaRegionType {
	var out []types.ReplicaRegionType
	for _, n := range names {
		out = append(out, types.ReplicaRegionType{Region: &n})
	}
	return out
}

func (w *environment) replicate(id string, force bool, names ...string) (*secretsmanager.ReplicateSecretToRegionsOutput, error) {
	return w.ReplicateSecretToRegions(w.t.Context(), &secretsmanager.ReplicateSecretToRegionsInput{
		SecretId: &id, AddReplicaRegions: regions(names...), ForceOverwriteReplicaSecret: force,
	})
}

// in is the same environment seen from another Region.
func (w *environment) in(region string) *environment {
	other := *w
	other.Client = w.client(region)
	return &other
}

func TestReplication(t *testing.T) {
	w := newEnvironment(t)
	arn, _ := w.create("a", "one")
	ctx := t.Context()
	out, err := w.replicate("a", false, "us-east-1", "eu-west-1")
	require.NoError(t, err)
	require.Equal(t, arn, *out.ARN)
	require.Len(t, out.ReplicationStatus, 2)
	for _, s := range out.ReplicationStatus {
		require.Equal(t, types.StatusTypeInSync, s.Status)
		require.Equal(t, "alias/aws/secretsmanager", *s.KmsKeyId)
	}

	replica := w.in("us-east-1")
	replicaARN := strings.Replace(arn, "eu-central-1", "us-east-1", 1)
	require.Equal(t, "one", replica.text("a"))
	require.Equal(t, "one", replica.text(replicaARN))
	w.put("a", "two")
	require.Equal(t, "two", replica.text("a"), "a replica follows")
	require.Equal(t, w.stages("a"), replica.stages("a"))
	for _, at := range []*environment{w, replica} {
		require.Equal(t, "eu-central-1", *at.describe("a").PrimaryRegion)
	}
	require.NotNil(t, w.describe("a").ReplicationStatus[0].LastAccessedDate)
	require.Nil(t, w.describe("a").ReplicationStatus[1].LastAccessedDate)

	_, err = w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &arn, ForceDeleteWithoutRecovery: aws.Bool(true)})
	requireCode(t, err, "InvalidParameterException", arn, "[us-east-1, eu-west-1]")
	_, err = w.replicate("a", false, "us-east-1")
	requireCode(t, err, "InvalidParameterException", "already replicated")

	removed, err := w.RemoveRegionsFromReplication(ctx, &secretsmanager.RemoveRegionsFromReplicationInput{SecretId: &arn, RemoveReplicaRegions: []string{"eu-west-1"}})
	require.NoError(t, err)
	require.Len(t, removed.ReplicationStatus, 1)
	_, err = w.client("eu-west-1").DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: aws.String("a")})
	requireCode(t, err, "ResourceNotFoundException")
	_, err = w.RemoveRegionsFromReplication(ctx, &secretsmanager.RemoveRegionsFromReplicationInput{SecretId: &arn, RemoveReplicaRegions: []string{"eu-west-1"}})
	requireCode(t, err, "InvalidParameterException", "no replica in region eu-west-1")

	stopped, err := replica.StopReplicationToReplica(ctx, &secretsmanager.StopReplicationToReplicaInput{SecretId: aws.String("a")})
	require.NoError(t, err)
	require.Equal(t, replicaARN, *stopped.ARN)
	require.Nil(t, w.describe("a").PrimaryRegion)
	require.Nil(t, replica.describe("a").PrimaryRegion)
	replica.put("a", "three")
	require.Equal(t, "two", w.text("a"), "the two are apart now")
	require.Equal(t, "three", replica.text("a"))
	_, err = replica.StopReplicationToReplica(ctx, &secretsmanager.StopReplicationToReplicaInput{SecretId: aws.String("a")})
	requireCode(t, err, "InvalidRequestException", "not a replica")
	_, err = w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &arn})
	require.NoError(t, err)
}

func TestReplicaRefusesWrites(t *testing.T) {
	w := newEnvironment(t)
	_, version := w.create("a", "one")
	_, err := w.replicate("a", false, "us-east-1")
	require.NoError(t, err)
	ctx, id := t.Context(), aws.String("a")
	r := w.in("us-east-1")

	for name, call := range map[string]func() error{
		"PutSecretValue": func() error {
			_, err := r.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: id, SecretString: aws.String("x")})
			return err
		},
		"UpdateSecret": func() error {
			_, err := r.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: id, SecretString: aws.String("x")})
			return err
		},
		"UpdateSecret description": func() error {
			_, err := r.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: id, Description: aws.String("x")})
			return err
		},
		"UpdateSecretVersionStage": func() error {
			_, err := r.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{SecretId: id, VersionStage: aws.String("L"), MoveToVersionId: &version})
			return err
		},
		"DeleteSecret": func() error {
			_, err := r.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: id})
			return err
		},
		"DeleteSecret by force": func() error {
			_, err := r.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: id, ForceDeleteWithoutRecovery: aws.Bool(true)})
			return err
		},
		"RestoreSecret": func() error {
			_, err := r.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: id})
			return err
		},
		"RotateSecret": func() error {
			_, err := r.rotate()
			return err
		},
		"TagResource": func() error {
			_, err := r.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: id, Tags: tagsOf("a=1")})
			return err
		},
		"PutResourcePolicy": func() error {
			_, err := r.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: id, ResourcePolicy: aws.String(plainPolicy)})
			return err
		},
		"ReplicateSecretToRegions": func() error {
			_, err := r.replicate("a", false, "eu-west-1")
			return err
		},
		"RemoveRegionsFromReplication": func() error {
			_, err := r.RemoveRegionsFromReplication(ctx, &secretsmanager.RemoveRegionsFromReplicationInput{SecretId: id, RemoveReplicaRegions: []string{"us-east-1"}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			requireCode(t, call(), "InvalidParameterException", "Operation not permitted on a replica secret")
		})
	}

	_, err = r.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: id, KmsKeyId: aws.String("alias/there")})
	require.NoError(t, err, "the key is a replica's own")
	require.Equal(t, "alias/there", *r.describe("a").KmsKeyId)
	require.Equal(t, "alias/there", *w.describe("a").ReplicationStatus[0].KmsKeyId)
	require.Nil(t, w.describe("a").KmsKeyId)
}

func TestReplicationIntoATakenName(t *testing.T) {
	w := newEnvironment(t)
	taken := w.in("us-east-1")
	taken.create("a", "theirs")

	out, err := w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("a"), SecretString: aws.String("ours"), AddReplicaRegions: regions("us-east-1", "eu-west-1"),
	})
	require.NoError(t, err)
	require.Equal(t, types.StatusTypeFailed, out.ReplicationStatus[0].Status)
	require.Equal(t, "Replication failed: Secret name a already exists in region us-east-1.", *out.ReplicationStatus[0].StatusMessage)
	require.Equal(t, types.StatusTypeInSync, out.ReplicationStatus[1].Status)
	require.Equal(t, "theirs", taken.text("a"))

	again, err := w.replicate("a", true, "us-east-1")
	require.NoError(t, err, "what failed may be tried again, by force")
	require.Len(t, again.ReplicationStatus, 2)
	require.Equal(t, "ours", taken.text("a"))
}
