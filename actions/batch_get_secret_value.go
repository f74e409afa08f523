package actions

import (
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

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
		each: func(page *secretsmanager.BatchGetSecretValueOutput) iter.Seq2[smithy.Serializable, error] {
			return func(yield func(smithy.Serializable, error) bool) {
				for i := range page.SecretValues {
					if !yield(&page.SecretValues[i], nil) {
						return
					}
				}
				for _, failed := range page.Errors {
					if !yield(nil, awsapi.EntryError(s.operation, failed)) {
						return
					}
				}
			}
		},
	})
}
