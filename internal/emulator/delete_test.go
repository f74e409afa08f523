package emulator_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"
)

func TestDeleteSecretWindow(t *testing.T) {
	tests := []struct {
		name string
		in   secretsmanager.DeleteSecretInput
		want time.Duration
		text string // of the InvalidParameterException
	}{
		{"default", secretsmanager.DeleteSecretInput{}, 30 * days, ""},
		{"shortest", secretsmanager.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(7)}, 7 * days, ""},
		{"longest", secretsmanager.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(30)}, 30 * days, ""},
		{"force", secretsmanager.DeleteSecretInput{ForceDeleteWithoutRecovery: aws.Bool(true)}, 0, ""},
		{"not forced, with window", secretsmanager.DeleteSecretInput{ForceDeleteWithoutRecovery: aws.Bool(false), RecoveryWindowInDays: aws.Int64(8)}, 8 * days, ""},
		{"too short", secretsmanager.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(6)}, 0, "between 7 and 30"},
		{"too long", secretsmanager.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(31)}, 0, "between 7 and 30"},
		{"window and force", secretsmanager.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(7), ForceDeleteWithoutRecovery: aws.Bool(true)}, 0, "in conjunction with"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newEnvironment(t)
			arn, _ := w.create("a", "one")
			tt.in.SecretId = aws.String("a")
			out, err := w.DeleteSecret(t.Context(), &tt.in)
			if tt.text != "" {
				requireCode(t, err, "InvalidParameterException", tt.text)
				require.Equal(t, "one", w.text("a"))
				return
			}
			require.NoError(t, err)
			require.Equal(t, arn, *out.ARN)
			require.Equal(t, w.clock.Now().Add(tt.want), out.DeletionDate.UTC())
			if tt.want > 0 {
				require.Equal(t, w.clock.Now(), w.describe("a").DeletedDate.UTC())
				w.clock.Advance(tt.want)
			}
			_, err = w.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &arn})
			requireCode(t, err, "ResourceNotFoundException")
			again, _ := w.create("a", "two")
			require.NotEqual(t, arn, again, "the random characters tell the two apart")
		})
	}
}

func TestDeleteSecretAgain(t *testing.T) {
	w := newEnvironment(t)
	arn, _ := w.create("a", "one")
	ctx := t.Context()
	_, err := w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &arn})
	require.NoError(t, err)
	_, err = w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &arn})
	requireCode(t, err, "InvalidRequestException", "already scheduled for deletion")

	force := &secretsmanager.DeleteSecretInput{SecretId: &arn, ForceDeleteWithoutRecovery: aws.Bool(true)}
	for range 2 {
		out, err := w.DeleteSecret(ctx, force)
		require.NoError(t, err, "to force the deletion of what is gone is no error")
		require.Equal(t, arn, *out.ARN)
		require.Equal(t, "a", *out.Name)
	}
	out, err := w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: aws.String("never"), ForceDeleteWithoutRecovery: aws.Bool(true)})
	require.NoError(t, err)
	require.Equal(t, "never", *out.Name)
	_, err = w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: aws.String("never")})
	requireCode(t, err, "ResourceNotFoundException")
}

func TestScheduledSecretRefuses(t *testing.T) {
	w := newEnvironment(t)
	arn, version := w.create("a", "one")
	ctx := t.Context()
	_, err := w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &arn})
	require.NoError(t, err)

	for name, call := range map[string]func() error{
		"GetSecretValue": func() error {
			_, err := w.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
			return err
		},
		"PutSecretValue": func() error {
			_, err := w.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &arn, SecretString: aws.String("s")})
			return err
		},
		"UpdateSecret": func() error {
			_, err := w.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: &arn, Description: aws.String("d")})
			return err
		},
		"UpdateSecretVersionStage": func() error {
			_, err := w.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{SecretId: &arn, VersionStage: aws.String("L"), MoveToVersionId: &version})
			return err
		},
		"TagResource": func() error {
			_, err := w.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &arn, Tags: []types.Tag{{Key: aws.String("k")}}})
			return err
		},
		"UntagResource": func() error {
			_, err := w.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: &arn, TagKeys: []string{"k"}})
			return err
		},
		"RotateSecret": func() error {
			_, err := w.RotateSecret(ctx, &secretsmanager.RotateSecretInput{SecretId: &arn, RotationLambdaARN: aws.String(lambda)})
			return err
		},
		"CancelRotateSecret": func() error {
			_, err := w.CancelRotateSecret(ctx, &secretsmanager.CancelRotateSecretInput{SecretId: &arn})
			return err
		},
		"GetResourcePolicy": func() error {
			_, err := w.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: &arn})
			return err
		},
		"PutResourcePolicy": func() error {
			_, err := w.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &arn, ResourcePolicy: aws.String("{}")})
			return err
		},
		"DeleteResourcePolicy": func() error {
			_, err := w.DeleteResourcePolicy(ctx, &secretsmanager.DeleteResourcePolicyInput{SecretId: &arn})
			return err
		},
		"ReplicateSecretToRegions": func() error {
			_, err := w.ReplicateSecretToRegions(ctx, &secretsmanager.ReplicateSecretToRegionsInput{SecretId: &arn, AddReplicaRegions: []types.ReplicaRegionType{{Region: aws.String("eu-west-1")}}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { requireCode(t, call(), "InvalidRequestException", "marked for deletion") })
	}

	require.Len(t, w.versions(arn, false), 1, "versions are listed still")
	for range 2 {
		_, err = w.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &arn})
		require.NoError(t, err, "to restore what is not deleted is no error")
	}
	require.Nil(t, w.describe(arn).DeletedDate)
	w.clock.Advance(31 * days)
	require.Equal(t, "one", w.text(arn))
}
