package actions

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// batchGetSecretValue returns the current values of up to 20 secrets by name or
// ARN, or of those that match Filters. emitIndividually emits each element of
// SecretValues, and each element of Errors as an error.
//
// It needs secretsmanager:BatchGetSecretValue, secretsmanager:GetSecretValue for
// each secret, with Filters secretsmanager:ListSecrets, for secrets with a
// customer-managed key also kms:Decrypt.
func batchGetSecretValue(s *step) component.Handler {
	return list(s, listing[*secretsmanager.BatchGetSecretValueInput, *secretsmanager.BatchGetSecretValueOutput]{
		pages: func(api awsapi.API, in *secretsmanager.BatchGetSecretValueInput) pager[*secretsmanager.BatchGetSecretValueOutput] {
			return secretsmanager.NewBatchGetSecretValuePaginator(api, in)
		},
		next: func(page *secretsmanager.BatchGetSecretValueOutput) **string { return &page.NextToken },
		join: func(all, page *secretsmanager.BatchGetSecretValueOutput) {
			all.SecretValues = append(all.SecretValues, page.SecretValues...)
			all.Errors = append(all.Errors, page.Errors...)
		},
		each: func(page *secretsmanager.BatchGetSecretValueOutput) []element {
			var all []element
			for i := range page.SecretValues {
				all = append(all, element{value: &page.SecretValues[i]})
			}
			for _, failed := range page.Errors {
				all = append(all, element{err: awsapi.EntryError(s.operation, failed)})
			}
			return all
		},
	})
}
