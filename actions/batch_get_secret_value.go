package actions

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// batchGetSecretValue returns the current values of any number of secrets by name
// or ARN, or of those that match Filters. emitIndividually emits each element of
// SecretValues, and each element of Errors as an error.
//
// It needs secretsmanager:BatchGetSecretValue, secretsmanager:GetSecretValue for
// each secret, with Filters secretsmanager:ListSecrets, for secrets with a
// customer-managed key also kms:Decrypt.
func batchGetSecretValue(s *step) component.Handler {
	return readsValues(s, list(s, listing[*secretsmanager.BatchGetSecretValueInput, *secretsmanager.BatchGetSecretValueOutput]{
		pages: func(api awsapi.API, in *secretsmanager.BatchGetSecretValueInput) pager[*secretsmanager.BatchGetSecretValueOutput] {
			return secretsmanager.NewBatchGetSecretValuePaginator(api, in)
		},
		split: splitBatch,
		next:  func(page *secretsmanager.BatchGetSecretValueOutput) **string { return &page.NextToken },
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
	}))
}

// maxBatch is how many secrets AWS reads in one call.
const maxBatch = 20

// splitBatch makes calls of at most maxBatch secrets, in the order of the input.
func splitBatch(in *secretsmanager.BatchGetSecretValueInput) ([]*secretsmanager.BatchGetSecretValueInput, error) {
	if len(in.SecretIdList) <= maxBatch {
		return []*secretsmanager.BatchGetSecretValueInput{in}, nil
	}
	if in.NextToken != nil {
		return nil, component.Errorf(component.InvalidInput, "body.NextToken (\"Next page token\"): belongs to one call, but SecretIdList has %d entries, "+
			"which are read in calls of %d each – leave it out, for all of them are read", len(in.SecretIdList), maxBatch)
	}
	var calls []*secretsmanager.BatchGetSecretValueInput
	for ids := range slices.Chunk(in.SecretIdList, maxBatch) {
		calls = append(calls, &secretsmanager.BatchGetSecretValueInput{SecretIdList: ids})
	}
	return calls, nil
}
