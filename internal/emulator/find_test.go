package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"
)

func TestFindSecret(t *testing.T) {
	w := newEnvironment(t)
	arn, version := w.create("team/key", "one")
	trickyARN, _ := w.create("key-abcdef", "two")
	w.create("key", "three")
	partial := arn[:len(arn)-7]

	tests := []struct {
		name string
		id   string
		want string // the value
		code string
		text string
	}{
		{"name", "team/key", "one", "", ""},
		{"ARN", arn, "one", "", ""},
		{"partial ARN", partial, "one", "", ""},
		{"other name", "team/kex", "", "ResourceNotFoundException", "can't find the specified secret."},
		{"ARN with other random characters", partial + "-AAAAAA", "", "ResourceNotFoundException", ""},
		{"ARN cut within the random characters", arn[:len(arn)-1], "", "ResourceNotFoundException", ""},
		{"full ARN of a name that ends like an ARN", trickyARN, "two", "", ""},
		{"partial ARN of a name that ends like an ARN", trickyARN[:len(trickyARN)-7], "", "ResourceNotFoundException", ""},
		{"other Region's ARN", strings.Replace(arn, "eu-central-1", "eu-west-1", 1), "", "ResourceNotFoundException", ""},
		{"other account's ARN", strings.Replace(arn, account, "210987654321", 1), "", "AccessDeniedException", "no resource-based policy allows"},
		{"other service's ARN", strings.Replace(arn, "secretsmanager", "ssm", 1), "", "ValidationException", "Invalid ARN"},
		{"other partition's ARN", strings.Replace(arn, "arn:aws:", "arn:aws-cn:", 1), "", "ValidationException", "Invalid ARN"},
		{"name with a space", "team key", "", "ValidationException", "Invalid name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := w.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &tt.id})
			if tt.code != "" {
				requireCode(t, err, tt.code, tt.text)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, *out.SecretString)
		})
	}

	t.Run("ARN in another Region", func(t *testing.T) {
		_, err := w.client("us-east-1").GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &arn})
		requireCode(t, err, "ResourceNotFoundException")
	})

	t.Run("by version and label", func(t *testing.T) {
		other := w.put("team/key", "newer")
		missing := aws.String("00000000-0000-0000-0000-000000000000")
		for _, tt := range []struct {
			name string
			in   secretsmanager.GetSecretValueInput
			want string
			code string
			text string
		}{
			{"version", secretsmanager.GetSecretValueInput{VersionId: &version}, "one", "", ""},
			{"label", secretsmanager.GetSecretValueInput{VersionStage: aws.String("AWSPREVIOUS")}, "one", "", ""},
			{"both agree", secretsmanager.GetSecretValueInput{VersionId: &other, VersionStage: aws.String("AWSCURRENT")}, "newer", "", ""},
			{"both disagree", secretsmanager.GetSecretValueInput{VersionId: &version, VersionStage: aws.String("AWSCURRENT")}, "", "InvalidRequestException", "not associated to the provided VersionId"},
			{"no such version", secretsmanager.GetSecretValueInput{VersionId: missing}, "", "ResourceNotFoundException", "for VersionId: " + *missing},
			{"no such label", secretsmanager.GetSecretValueInput{VersionStage: aws.String("MINE")}, "", "ResourceNotFoundException", "for staging label: MINE"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				tt.in.SecretId = aws.String("team/key")
				out, err := w.GetSecretValue(t.Context(), &tt.in)
				if tt.code != "" {
					requireCode(t, err, tt.code, tt.text)
					return
				}
				require.NoError(t, err)
				require.Equal(t, tt.want, *out.SecretString)
			})
		}
	})
}

func TestLastAccessedDateIsADay(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "one")
	w.text("a")
	require.Equal(t, "2025-03-14T00:00:00Z", w.describe("a").LastAccessedDate.Format("2006-01-02T15:04:05.999Z07:00"))
}
