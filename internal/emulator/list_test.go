package emulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

// names follows all pages.
func (w *environment) names(in *secretsmanager.ListSecretsInput) []string {
	w.t.Helper()
	names := []string{}
	pages := secretsmanager.NewListSecretsPaginator(w, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		require.NoError(w.t, err)
		if in.MaxResults != nil {
			require.LessOrEqual(w.t, len(page.SecretList), int(*in.MaxResults))
		}
		for _, s := range page.SecretList {
			names = append(names, *s.Name)
		}
	}
	return names
}

func filterOf(key string, values ...string) types.Filter {
	return types.Filter{Key: types.FilterNameStringType(key), Values: values}
}

func TestListSecretsFilters(t *testing.T) {
	w := newEnvironment(t)
	for _, s := range []struct {
		name, description string
		tags              []string
		replica           string
	}{
		{"prod/db", "Main Database of the shop", []string{"Team=Shop", "stage=prod"}, ""},
		{"prod/api", "API key", []string{"team=shop"}, "us-east-1"},
		{"test/db", "", []string{"stage=test"}, ""},
	} {
		in := &secretsmanager.CreateSecretInput{Name: &s.name, Description: &s.description, Tags: tagsOf(s.tags...)}
		if s.replica != "" {
			in.AddReplicaRegions = []types.ReplicaRegionType{{Region: &s.replica}}
		}
		_, err := w.CreateSecret(t.Context(), in)
		require.NoError(t, err)
	}
	db, api, test := "prod/db", "prod/api", "test/db"
	tests := []struct {
		name    string
		filters []types.Filter
		want    []string
	}{
		{"none", nil, []string{api, db, test}},
		{"name by prefix", []types.Filter{filterOf("name", "prod/")}, []string{api, db}},
		{"name not by infix", []types.Filter{filterOf("name", "db")}, nil},
		{"name regards case", []types.Filter{filterOf("name", "Prod")}, nil},
		{"name negated", []types.Filter{filterOf("name", "!prod")}, []string{test}},
		{"several values", []types.Filter{filterOf("name", "test", "prod/a")}, []string{api, test}},
		{"several filters", []types.Filter{filterOf("name", "prod"), filterOf("tag-key", "stage")}, []string{db}},
		{"negated and not", []types.Filter{filterOf("name", "!test"), filterOf("name", "!prod/a")}, []string{db}},
		{"description disregards case", []types.Filter{filterOf("description", "main data")}, []string{db}},
		{"description by word", []types.Filter{filterOf("description", "the:MAIN")}, []string{db}},
		{"description not by infix", []types.Filter{filterOf("description", "base")}, nil},
		{"description by a word that is not there", []types.Filter{filterOf("description", "main key")}, nil},
		{"description without words", []types.Filter{filterOf("description", "")}, nil},
		{"description: words by case", []types.Filter{filterOf("description", "DATAbase")}, nil},
		{"description negated", []types.Filter{filterOf("description", "!api")}, []string{db, test}},
		{"tag key regards case", []types.Filter{filterOf("tag-key", "team")}, []string{api}},
		{"tag key negated", []types.Filter{filterOf("tag-key", "!stage")}, []string{api}},
		{"tag value regards case", []types.Filter{filterOf("tag-value", "Sh")}, []string{db}},
		{"primary region", []types.Filter{filterOf("primary-region", "eu-")}, []string{api}},
		{"primary region negated", []types.Filter{filterOf("primary-region", "!eu-")}, []string{db, test}},
		{"owning service", []types.Filter{filterOf("owning-service", "rds")}, nil},
		{"all: one word", []types.Filter{filterOf("all", "DB")}, []string{db, test}},
		{"all: words of one attribute", []types.Filter{filterOf("all", "shop database")}, []string{db}},
		{"all: not words of different attributes", []types.Filter{filterOf("all", "shop prod")}, nil},
		{"all: not the primary region", []types.Filter{filterOf("all", "eu central")}, nil},
		{"all: the start of a word", []types.Filter{filterOf("all", "data")}, []string{db}},
		{"all: without words", []types.Filter{filterOf("all", "/")}, nil},
		{"all: not without words", []types.Filter{filterOf("all", "!/")}, []string{api, db, test}},
		{"all: not its middle", []types.Filter{filterOf("all", "base")}, nil},
		{"all negated", []types.Filter{filterOf("all", "!shop")}, []string{test}},
		{"empty value", []types.Filter{filterOf("name", "")}, []string{api, db, test}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := &secretsmanager.ListSecretsInput{Filters: tt.filters, SortBy: "name", SortOrder: "asc"}
			require.Equal(t, append([]string{}, tt.want...), w.names(in))
		})
	}
}

func TestListSecretsRefuses(t *testing.T) {
	w := newEnvironment(t)
	tests := []struct {
		name string
		in   secretsmanager.ListSecretsInput
		code string
		text string
	}{
		{"no key", secretsmanager.ListSecretsInput{Filters: []types.Filter{{Values: []string{"a"}}}}, "InvalidParameterException", "Invalid filter key"},
		{"no values", secretsmanager.ListSecretsInput{Filters: []types.Filter{{Key: "name"}}}, "InvalidParameterException", "Invalid filter values for key: name"},
		{"token of nobody", secretsmanager.ListSecretsInput{NextToken: aws.String("abc")}, "InvalidNextTokenException", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.ListSecrets(t.Context(), &tt.in)
			requireCode(t, err, tt.code, tt.text)
		})
	}
}

func TestListSecretsOrder(t *testing.T) {
	w := newEnvironment(t)
	for _, name := range []string{"b", "c", "a"} {
		w.create(name, "one")
		w.clock.Advance(time.Hour)
	}
	w.put("b", "two") // changed last
	w.clock.Advance(2 * days)
	w.text("c") // accessed last
	tests := []struct {
		by    types.SortByType
		order types.SortOrderType
		want  string
	}{
		{"", "", "bca"},
		{"", "desc", "acb"},
		{"created-date", "desc", "acb"},
		{"name", "", "abc"},
		{"last-changed-date", "desc", "bac"},
		{"last-accessed-date", "desc", "cab"},
		{"last-accessed-date", "asc", "bac"},
		{"name", "asc", "abc"},
		{"name", "desc", "cba"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %s", tt.by, tt.order), func(t *testing.T) {
			in := &secretsmanager.ListSecretsInput{SortBy: tt.by, SortOrder: tt.order, MaxResults: aws.Int32(2)}
			require.Equal(t, tt.want, strings.Join(w.names(in), ""))
		})
	}
}

func TestListSecretsPlannedDeletion(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "one")
	w.create("b", "one")
	_, err := w.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String("a")})
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, w.names(&secretsmanager.ListSecretsInput{}))
	require.Equal(t, []string{"a", "b"}, w.names(&secretsmanager.ListSecretsInput{IncludePlannedDeletion: aws.Bool(true)}))
	require.Empty(t, func() []types.SecretListEntry {
		out, err := w.client("us-east-1").ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
		require.NoError(t, err)
		return out.SecretList
	}(), "Regions are apart")
}

func TestPagesStandStill(t *testing.T) {
	w := newEnvironment(t)
	for n := range 7 {
		w.create(fmt.Sprintf("s%d", n), "one") // all in the same instant
	}
	ctx := t.Context()
	in := &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(3), SortOrder: "asc"}
	page, err := w.ListSecrets(ctx, in)
	require.NoError(t, err)
	require.NotNil(t, page.NextToken)

	// Between two pages one is deleted that was seen, one that was not, and one is created.
	for _, name := range []string{"s0", "s4"} {
		_, err := w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &name, ForceDeleteWithoutRecovery: aws.Bool(true)})
		require.NoError(t, err)
	}
	w.create("s7", "one")
	in.NextToken = page.NextToken
	require.Equal(t, []string{"s3", "s5", "s6", "s7"}, w.names(in))

	t.Run("exactly full last page", func(t *testing.T) {
		out, err := w.ListSecrets(ctx, &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(6)})
		require.NoError(t, err)
		require.Len(t, out.SecretList, 6)
		require.Nil(t, out.NextToken)
	})
}

func TestNextTokenIsBound(t *testing.T) {
	w := newEnvironment(t)
	for n := range 3 {
		w.create(fmt.Sprintf("s%d", n), "one")
		w.put("s0", fmt.Sprint(n))
	}
	ctx := t.Context()
	list, err := w.ListSecrets(ctx, &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(1)})
	require.NoError(t, err)
	token := *list.NextToken
	flip := func(i int) *string {
		b := []byte(token)
		b[i] ^= 1
		return aws.String(string(b))
	}
	other := newEnvironment(t, func(o *emulator.Options) { o.Random = random(2) })

	_, err = w.ListSecrets(ctx, &secretsmanager.ListSecretsInput{NextToken: &token})
	require.NoError(t, err, "the size of pages may change")
	for name, call := range map[string]func() error{
		"other filters": func() error {
			_, err := w.ListSecrets(ctx, &secretsmanager.ListSecretsInput{NextToken: &token, Filters: []types.Filter{filterOf("name", "s")}})
			return err
		},
		"other order": func() error {
			_, err := w.ListSecrets(ctx, &secretsmanager.ListSecretsInput{NextToken: &token, SortOrder: "desc"})
			return err
		},
		"other Region": func() error {
			_, err := w.client("us-east-1").ListSecrets(ctx, &secretsmanager.ListSecretsInput{NextToken: &token})
			return err
		},
		"other operation": func() error {
			_, err := w.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: aws.String("s0"), NextToken: &token})
			return err
		},
		"other emulator": func() error {
			_, err := other.ListSecrets(ctx, &secretsmanager.ListSecretsInput{NextToken: &token})
			return err
		},
		"changed seal": func() error {
			_, err := w.ListSecrets(ctx, &secretsmanager.ListSecretsInput{NextToken: flip(2)})
			return err
		},
		"changed position": func() error {
			_, err := w.ListSecrets(ctx, &secretsmanager.ListSecretsInput{NextToken: flip(len(token) - 4)})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { requireCode(t, call(), "InvalidNextTokenException") })
	}
}

func TestListSecretVersionIds(t *testing.T) {
	w := newEnvironment(t)
	_, v1 := w.create("a", "1")
	v2, v3 := w.put("a", "2"), w.put("a", "3")
	require.Equal(t, []string{v2, v3}, w.versions("a", false))
	require.Equal(t, []string{v1, v2, v3}, w.versions("a", true))

	w.text("a")
	out, err := w.ListSecretVersionIds(t.Context(), &secretsmanager.ListSecretVersionIdsInput{
		SecretId: aws.String("a"), MaxResults: aws.Int32(1), IncludeDeprecated: aws.Bool(true),
	})
	require.NoError(t, err)
	require.Equal(t, "a", *out.Name)
	require.Len(t, out.Versions, 1)
	require.Empty(t, out.Versions[0].VersionStages)
	require.Nil(t, out.Versions[0].LastAccessedDate)
	require.Equal(t, []string{"DefaultEncryptionKey"}, out.Versions[0].KmsKeyIds)
	require.NotNil(t, out.NextToken)

	last, err := w.ListSecretVersionIds(t.Context(), &secretsmanager.ListSecretVersionIdsInput{SecretId: aws.String("a")})
	require.NoError(t, err)
	require.NotNil(t, last.Versions[1].LastAccessedDate)
	_, err = w.ListSecretVersionIds(t.Context(), &secretsmanager.ListSecretVersionIdsInput{SecretId: aws.String("b")})
	requireCode(t, err, "ResourceNotFoundException")
}
