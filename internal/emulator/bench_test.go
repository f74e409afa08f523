package emulator_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

// BenchmarkManySecrets works with 10,000 secrets, through the SDK and over HTTP as
// users do.
func BenchmarkManySecrets(b *testing.B) {
	const many = 10_000
	start := func(b *testing.B) *secretsmanager.Client {
		b.Helper()
		server := httptest.NewServer(emulator.New(emulator.Options{}))
		b.Cleanup(server.Close)
		return secretsmanager.New(secretsmanager.Options{
			Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), HTTPClient: whole{server.Client()},
			Credentials: staticKeys("AKIDTEST", "test", ""), RetryMaxAttempts: 1,
		})
	}
	name := func(i int) *string { return aws.String(fmt.Sprintf("shop/%d", i)) }
	create := func(b *testing.B, c *secretsmanager.Client) {
		b.Helper()
		for i := range many {
			_, err := c.CreateSecret(b.Context(), &secretsmanager.CreateSecretInput{Name: name(i), SecretString: aws.String("value")})
			require.NoError(b, err)
		}
	}
	list := func(b *testing.B, c *secretsmanager.Client, want int, filters ...types.Filter) {
		b.Helper()
		found := 0
		pages := secretsmanager.NewListSecretsPaginator(c, &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(100), Filters: filters})
		for pages.HasMorePages() {
			page, err := pages.NextPage(b.Context())
			require.NoError(b, err)
			found += len(page.SecretList)
		}
		require.Equal(b, want, found)
	}

	b.Run("create all", func(b *testing.B) {
		for b.Loop() {
			create(b, start(b))
		}
	})
	c := start(b)
	create(b, c)
	b.Run("list all", func(b *testing.B) {
		for b.Loop() {
			list(b, c, many)
		}
	})
	b.Run("filter by name", func(b *testing.B) {
		for b.Loop() {
			list(b, c, 111, types.Filter{Key: types.FilterNameStringTypeName, Values: []string{"shop/99"}})
		}
	})
	b.Run("get one", func(b *testing.B) {
		for b.Loop() {
			_, err := c.GetSecretValue(b.Context(), &secretsmanager.GetSecretValueInput{SecretId: name(many / 2)})
			require.NoError(b, err)
		}
	})
}
