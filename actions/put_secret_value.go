package actions

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// putSecretValue stores a new version of a secret and makes it the current one, or
// gives it the labels in VersionStages.
//
// It needs secretsmanager:PutSecretValue, for a secret with a customer-managed key
// also kms:GenerateDataKey and kms:Decrypt.
func putSecretValue(s *step) component.Handler {
	return writesValue(s, callOnce(s, awsapi.API.PutSecretValue, func(in *secretsmanager.PutSecretValueInput) **string {
		return &in.ClientRequestToken
	}))
}
