package emulator_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"
)

func TestPutSecretValueMovesLabels(t *testing.T) {
	type put struct {
		stages []string
		want   map[int][]string // labels by version, counted from the first
	}
	tests := []struct {
		name string
		puts []put
	}{
		{"first version gets AWSCURRENT", []put{
			{[]string{"MINE"}, map[int][]string{0: {"AWSCURRENT", "MINE"}}},
		}},
		{"AWSCURRENT by default", []put{
			{nil, map[int][]string{0: {"AWSCURRENT"}}},
			{nil, map[int][]string{0: {"AWSPREVIOUS"}, 1: {"AWSCURRENT"}}},
			{nil, map[int][]string{1: {"AWSPREVIOUS"}, 2: {"AWSCURRENT"}}},
		}},
		{"own label moves", []put{
			{nil, map[int][]string{0: {"AWSCURRENT"}}},
			{[]string{"two", "one"}, map[int][]string{0: {"AWSCURRENT"}, 1: {"one", "two"}}},
			{[]string{"two"}, map[int][]string{0: {"AWSCURRENT"}, 1: {"one"}, 2: {"two"}}},
		}},
		{"AWSPENDING leaves AWSCURRENT alone", []put{
			{nil, map[int][]string{0: {"AWSCURRENT"}}},
			{[]string{"AWSPENDING"}, map[int][]string{0: {"AWSCURRENT"}, 1: {"AWSPENDING"}}},
		}},
		{"a finished rotation's AWSPENDING does not become previous", []put{
			{[]string{"AWSCURRENT", "AWSPENDING"}, map[int][]string{0: {"AWSCURRENT", "AWSPENDING"}}},
			{nil, map[int][]string{0: {"AWSPREVIOUS"}, 1: {"AWSCURRENT"}}},
		}},
		{"a label given twice", []put{
			{nil, map[int][]string{0: {"AWSCURRENT"}}},
			{[]string{"MINE", "MINE"}, map[int][]string{0: {"AWSCURRENT"}, 1: {"MINE"}}},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newEnvironment(t)
			w.create("a", "")
			var ids []string
			for _, p := range tt.puts {
				ids = append(ids, w.put("a", "value", p.stages...))
				want := map[string][]string{}
				for i, stages := range p.want {
					want[ids[i]] = stages
				}
				require.Equal(t, want, w.stages("a"))
			}
		})
	}
}

func TestPutSecretValueTokens(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "zero")
	put := func(n int, value string, stages ...string) (*secretsmanager.PutSecretValueOutput, error) {
		return w.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
			SecretId: aws.String("a"), ClientRequestToken: token(n), SecretString: &value, VersionStages: stages,
		})
	}
	_, err := put(1, "one")
	require.NoError(t, err)
	_, err = put(2, "two")
	require.NoError(t, err)
	before := w.describe("a")
	w.clock.Advance(time.Hour)

	again, err := put(1, "one", "MINE")
	require.NoError(t, err)
	require.Equal(t, []string{"AWSPREVIOUS"}, again.VersionStages, "nothing moves when a request comes twice")
	_, err = put(1, "other")
	requireCode(t, err, "ResourceExistsException")
	after := w.describe("a")
	require.Equal(t, before.VersionIdsToStages, after.VersionIdsToStages)
	require.Equal(t, before.LastChangedDate, after.LastChangedDate)
}

func TestPutSecretValueRefuses(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "zero")
	for _, tt := range []struct {
		name string
		in   secretsmanager.PutSecretValueInput
		code string
		text string
	}{
		{"no value", secretsmanager.PutSecretValueInput{}, "InvalidRequestException", "either SecretString or SecretBinary"},
		{"both values", secretsmanager.PutSecretValueInput{SecretString: aws.String("s"), SecretBinary: []byte("b")}, "InvalidParameterException", "both"},
		{"no secret and no value", secretsmanager.PutSecretValueInput{SecretId: aws.String("b")}, "InvalidRequestException", "either SecretString or SecretBinary"},
		{"no secret", secretsmanager.PutSecretValueInput{SecretId: aws.String("b"), SecretString: aws.String("s")}, "ResourceNotFoundException", ""},
		{"short rotation token", secretsmanager.PutSecretValueInput{SecretString: aws.String("s"), RotationToken: aws.String("hush")}, "ValidationException", "'rotationToken'"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.in.SecretId == nil {
				tt.in.SecretId = aws.String("a")
			}
			_, err := w.PutSecretValue(t.Context(), &tt.in)
			requireCode(t, err, tt.code, tt.text)
			require.NotContains(t, err.Error(), "hush", "a sensitive member is not quoted")
			require.Equal(t, "zero", w.text("a"))
		})
	}
}

func TestUpdateSecret(t *testing.T) {
	w := newEnvironment(t)
	_, first := w.create("a", "one")
	ctx := t.Context()

	w.clock.Advance(time.Hour)
	out, err := w.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{
		SecretId: aws.String("a"), Description: aws.String("d"), KmsKeyId: aws.String("alias/k"), Type: aws.String("t"),
	})
	require.NoError(t, err)
	require.Nil(t, out.VersionId, "no value, no version")
	d := w.describe("a")
	require.Equal(t, "d", *d.Description)
	require.Equal(t, "alias/k", *d.KmsKeyId)
	require.Equal(t, "t", *d.Type)
	require.Equal(t, w.clock.Now(), d.LastChangedDate.UTC())
	versions, err := w.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: aws.String("a")})
	require.NoError(t, err)
	require.Equal(t, []string{"alias/k"}, versions.Versions[0].KmsKeyIds, "versions in use are encrypted again")

	update := func(value string) (*secretsmanager.UpdateSecretOutput, error) {
		return w.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{
			SecretId: aws.String("a"), SecretString: &value, ClientRequestToken: token(1),
		})
	}
	out, err = update("two")
	require.NoError(t, err)
	require.Equal(t, *token(1), *out.VersionId)
	require.Equal(t, map[string][]string{first: {"AWSPREVIOUS"}, *token(1): {"AWSCURRENT"}}, w.stages("a"))
	w.put("a", "newer")
	out, err = update("two")
	require.NoError(t, err, "the same request, sent twice")
	require.Equal(t, *token(1), *out.VersionId)
	require.Equal(t, "newer", w.text("a"), "nothing moves")
	_, err = update("three")
	requireCode(t, err, "ResourceExistsException", *token(1))
	require.Equal(t, "newer", w.text("a"))

	_, err = w.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: aws.String("a"), KmsKeyId: aws.String(""), Description: aws.String("")})
	require.NoError(t, err)
	d = w.describe("a")
	require.Nil(t, d.KmsKeyId, "empty means the service's own key")
	require.Nil(t, d.Description)
}

func TestVersionQuota(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "0")
	for range 99 {
		w.put("a", "x")
	}
	in := &secretsmanager.PutSecretValueInput{SecretId: aws.String("a"), SecretString: aws.String("x")}
	_, err := w.PutSecretValue(t.Context(), in)
	requireCode(t, err, "LimitExceededException", "100 versions")

	w.clock.Advance(24*time.Hour - time.Millisecond)
	_, err = w.PutSecretValue(t.Context(), in)
	requireCode(t, err, "LimitExceededException")
	w.clock.Advance(time.Millisecond)
	oldest := w.versions("a", true)[0]
	w.put("a", "newest")
	left := w.versions("a", true)
	require.Len(t, left, 100)
	require.NotContains(t, left, oldest, "the oldest version without labels makes room")
	require.Len(t, w.versions("a", false), 2)
}

func TestLabelQuota(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "0")
	var labels []string
	for c := range 19 {
		labels = append(labels, string(rune('a'+c)))
	}
	w.put("a", "x", labels...)
	_, err := w.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: aws.String("a"), SecretString: aws.String("x"), VersionStages: []string{"one more"},
	})
	requireCode(t, err, "LimitExceededException", "20 staging labels")
	w.put("a", "x", "a", "b")
}

// versions are the ids in the order they are listed.
func (w *environment) versions(id string, deprecated bool) []string {
	w.t.Helper()
	var ids []string
	pages := secretsmanager.NewListSecretVersionIdsPaginator(w, &secretsmanager.ListSecretVersionIdsInput{
		SecretId: &id, IncludeDeprecated: &deprecated, MaxResults: aws.Int32(37),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		require.NoError(w.t, err)
		for _, v := range page.Versions {
			ids = append(ids, *v.VersionId)
		}
	}
	return ids
}
