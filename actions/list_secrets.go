package actions

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// listSecrets lists the secrets of the account in the region, without values, by
// filters and in the order the input asks for. emitIndividually emits each
// element of SecretList.
//
// It needs secretsmanager:ListSecrets.
func listSecrets(s *step) component.Handler {
	return list(s, secretListing())
}

func secretListing() listing[*secretsmanager.ListSecretsInput, *secretsmanager.ListSecretsOutput] {
	return listing[*secretsmanager.ListSecretsInput, *secretsmanager.ListSecretsOutput]{
		pages: func(api awsapi.API, in *secretsmanager.ListSecretsInput) pager[*secretsmanager.ListSecretsOutput] {
			return secretsmanager.NewListSecretsPaginator(api, in)
		},
		next: func(page *secretsmanager.ListSecretsOutput) **string { return &page.NextToken },
		join: func(all, page *secretsmanager.ListSecretsOutput) {
			all.SecretList = append(all.SecretList, page.SecretList...)
		},
		each: func(page *secretsmanager.ListSecretsOutput) []element {
			var all []element
			for i := range page.SecretList {
				all = append(all, element{value: &page.SecretList[i]})
			}
			return all
		},
	}
}
