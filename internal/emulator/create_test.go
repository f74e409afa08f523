package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"
)

func TestCreateSecretReturnsOnlyWhatThereIs(t *testing.T) {
	w := newEnvironment(t)
	arn, version := w.create("empty", "")
	require.Empty(t, version, "no value, no version")

	d := w.describe(arn)
	require.Nil(t, d.Description)
	require.Nil(t, d.RotationEnabled)
	require.Nil(t, d.LastAccessedDate)
	require.Empty(t, d.Tags)
	require.Empty(t, d.VersionIdsToStages)
	require.Equal(t, w.clock.Now(), d.CreatedDate.UTC())
	require.Equal(t, w.clock.Now(), d.LastChangedDate.UTC())

	_, err := w.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &arn})
	requireCode(t, err, "ResourceNotFoundException", "can't find the specified secret value for staging label: AWSCURRENT")
}

func TestCreateSecretKeepsItsMembers(t *testing.T) {
	w := newEnvironment(t)
	binary := []byte{0, 1, 0xff}
	_, err := w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("a"), SecretBinary: binary, Description: aws.String("d"), KmsKeyId: aws.String("alias/k"),
		Type: aws.String("partner"), Tags: []types.Tag{{Key: aws.String("t"), Value: aws.String("v")}},
	})
	require.NoError(t, err)

	d := w.describe("a")
	require.Equal(t, "d", *d.Description)
	require.Equal(t, "alias/k", *d.KmsKeyId)
	require.Equal(t, "partner", *d.Type)
	require.Equal(t, "t", *d.Tags[0].Key)
	require.Equal(t, "v", *d.Tags[0].Value)
	out, err := w.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("a")})
	require.NoError(t, err)
	require.Equal(t, binary, out.SecretBinary)
	require.Nil(t, out.SecretString)
}

func TestCreateSecretAgain(t *testing.T) {
	tests := []struct {
		name    string
		in      secretsmanager.CreateSecretInput
		code    string
		message string
	}{
		{"same token, same value", secretsmanager.CreateSecretInput{ClientRequestToken: token(1), SecretString: aws.String("one")}, "", ""},
		{"same token, other value", secretsmanager.CreateSecretInput{ClientRequestToken: token(1), SecretString: aws.String("two")}, "ResourceExistsException", *token(1)},
		{"same token, other kind of value", secretsmanager.CreateSecretInput{ClientRequestToken: token(1), SecretBinary: []byte("one")}, "ResourceExistsException", *token(1)},
		{"same token, no value", secretsmanager.CreateSecretInput{ClientRequestToken: token(1)}, "ResourceExistsException", "the secret a already exists"},
		{"other token, same value", secretsmanager.CreateSecretInput{ClientRequestToken: token(2), SecretString: aws.String("one")}, "ResourceExistsException", "the secret a already exists"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newEnvironment(t)
			first, err := w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
				Name: aws.String("a"), ClientRequestToken: token(1), SecretString: aws.String("one"),
			})
			require.NoError(t, err)

			tt.in.Name = aws.String("a")
			again, err := w.CreateSecret(t.Context(), &tt.in)
			require.Len(t, w.stages("a"), 1)
			require.Equal(t, "one", w.text("a"))
			if tt.code != "" {
				requireCode(t, err, tt.code, tt.message)
				return
			}
			require.NoError(t, err)
			require.Equal(t, *first.ARN, *again.ARN)
			require.Equal(t, *first.VersionId, *again.VersionId)
		})
	}
}

func TestCreateSecretInScheduledName(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "one")
	_, err := w.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String("a")})
	require.NoError(t, err)
	_, err = w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("a")})
	requireCode(t, err, "InvalidRequestException", "already scheduled for deletion")
}

func TestCreateSecretRefuses(t *testing.T) {
	tooMany := make([]types.Tag, 51)
	for i := range tooMany {
		tooMany[i] = types.Tag{Key: aws.String(strings.Repeat("k", i+1))}
	}
	tests := []struct {
		name string
		in   secretsmanager.CreateSecretInput
		code string
		text string
	}{
		{"empty name", secretsmanager.CreateSecretInput{Name: aws.String("")}, "ValidationException", "'name'"},
		{"space in name", secretsmanager.CreateSecretInput{Name: aws.String("a b")}, "ValidationException", "any of the following: -/_+=.@!"},
		{"colon in name", secretsmanager.CreateSecretInput{Name: aws.String("a:b")}, "ValidationException", "Invalid name"},
		{"letter out of ASCII", secretsmanager.CreateSecretInput{Name: aws.String("ä")}, "ValidationException", "Invalid name"},
		{"both values", secretsmanager.CreateSecretInput{SecretString: aws.String("s"), SecretBinary: []byte("b")}, "InvalidParameterException", "both"},
		{"empty value", secretsmanager.CreateSecretInput{SecretString: aws.String("")}, "ValidationException", "'secretString'"},
		{"long value", secretsmanager.CreateSecretInput{SecretString: aws.String(strings.Repeat("x", 65537))}, "ValidationException", "65536"},
		{"long value in bytes", secretsmanager.CreateSecretInput{SecretString: aws.String(strings.Repeat("ä", 32769))}, "InvalidParameterException", "65536 bytes"},
		{"long tag value", secretsmanager.CreateSecretInput{Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String(strings.Repeat("v", 257))}}}, "ValidationException", "'tags.1.member.value'"},
		{"tag without key", secretsmanager.CreateSecretInput{Tags: []types.Tag{{Value: aws.String("v")}}}, "InvalidParameterException", "Key"},
		{"tag of AWS", secretsmanager.CreateSecretInput{Tags: []types.Tag{{Key: aws.String("AWS:k")}}}, "InvalidParameterException", "aws:"},
		{"tag twice", secretsmanager.CreateSecretInput{Tags: []types.Tag{{Key: aws.String("k")}, {Key: aws.String("k")}}}, "InvalidParameterException", "unique"},
		{"51 tags", secretsmanager.CreateSecretInput{Tags: tooMany}, "InvalidParameterException", "50"},
		{"replica at home", secretsmanager.CreateSecretInput{AddReplicaRegions: []types.ReplicaRegionType{{Region: aws.String("eu-central-1")}}}, "InvalidParameterException", "Invalid replica region."},
		{"replica in another partition", secretsmanager.CreateSecretInput{AddReplicaRegions: []types.ReplicaRegionType{{Region: aws.String("cn-north-1")}}}, "InvalidParameterException", "Invalid replica region."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newEnvironment(t)
			if tt.in.Name == nil {
				tt.in.Name = aws.String("a")
			}
			_, err := w.CreateSecret(t.Context(), &tt.in)
			requireCode(t, err, tt.code, tt.text)
			list, err := w.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
			require.NoError(t, err)
			require.Empty(t, list.SecretList, "nothing was created")
		})
	}
}

func TestCreateSecretAtTheLimits(t *testing.T) {
	w := newEnvironment(t)
	text := strings.Repeat("x", 65536)
	_, err := w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("aZ09/_+=.@-"), SecretString: &text, ClientRequestToken: aws.String(strings.Repeat("t", 64)),
	})
	require.NoError(t, err)
	require.Equal(t, text, w.text("aZ09/_+=.@-"))
}

func TestARNByRegion(t *testing.T) {
	w := newEnvironment(t)
	for region, prefix := range map[string]string{
		"us-east-1":     "arn:aws:secretsmanager:us-east-1:",
		"cn-north-1":    "arn:aws-cn:secretsmanager:cn-north-1:",
		"us-gov-west-1": "arn:aws-us-gov:secretsmanager:us-gov-west-1:",
	} {
		t.Run(region, func(t *testing.T) {
			out, err := w.client(region).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("a")})
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(*out.ARN, prefix+account+":secret:a-"), *out.ARN)
		})
	}
}
