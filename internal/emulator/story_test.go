package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"
)

// TestStory is the life of a secret as any SDK sees it: create, read by partial
// ARN, put with the same token twice, with another value, stage moves, delete,
// restore.
func TestStory(t *testing.T) {
	w := newEnvironment(t)
	ctx := t.Context()

	created, err := w.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: aws.String("shop/database"), SecretString: aws.String("one"), ClientRequestToken: token(1),
	})
	require.NoError(t, err)
	require.Regexp(t, `^arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/database-[A-Za-z0-9]{6}$`, *created.ARN)
	require.Equal(t, *token(1), *created.VersionId)

	partial := (*created.ARN)[:strings.LastIndex(*created.ARN, "-")]
	read, err := w.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &partial})
	require.NoError(t, err)
	require.Equal(t, "one", *read.SecretString)
	require.Equal(t, []string{"AWSCURRENT"}, read.VersionStages)
	require.Equal(t, w.clock.Now(), read.CreatedDate.UTC())

	for range 2 {
		put, err := w.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
			SecretId: created.ARN, SecretString: aws.String("two"), ClientRequestToken: token(2),
		})
		require.NoError(t, err)
		require.Equal(t, *token(2), *put.VersionId)
		require.Equal(t, []string{"AWSCURRENT"}, put.VersionStages)
	}
	require.Equal(t, map[string][]string{*token(1): {"AWSPREVIOUS"}, *token(2): {"AWSCURRENT"}}, w.stages(*created.ARN))

	_, err = w.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: created.ARN, SecretString: aws.String("three"), ClientRequestToken: token(2),
	})
	requireCode(t, err, "ResourceExistsException", *token(2))
	require.NotContains(t, err.Error(), "three")
	require.Equal(t, "two", w.text("shop/database"))

	_, err = w.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: created.ARN, VersionStage: aws.String("AWSCURRENT"),
		MoveToVersionId: token(1), RemoveFromVersionId: token(2),
	})
	require.NoError(t, err)
	require.Equal(t, map[string][]string{*token(1): {"AWSCURRENT"}, *token(2): {"AWSPREVIOUS"}}, w.stages(*created.ARN))
	require.Equal(t, "one", w.text("shop/database"))

	deleted, err := w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: created.ARN, RecoveryWindowInDays: aws.Int64(7)})
	require.NoError(t, err)
	require.Equal(t, w.clock.Now().Add(7*days), deleted.DeletionDate.UTC())
	_, err = w.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: created.ARN})
	requireCode(t, err, "InvalidRequestException", "marked for deletion")

	w.clock.Advance(7*days - time.Millisecond)
	_, err = w.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: created.ARN})
	require.NoError(t, err)
	require.Equal(t, "one", w.text(partial))

	require.Equal(t, map[string]int{
		"CreateSecret": 1, "GetSecretValue": 5, "PutSecretValue": 3, "DescribeSecret": 2,
		"UpdateSecretVersionStage": 1, "DeleteSecret": 1, "RestoreSecret": 1,
	}, w.emulator.Calls())
}
