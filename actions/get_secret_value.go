package actions

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// getSecretValue returns the value of a secret: of the current version, or of the one
// that VersionId or VersionStage names.
//
// It needs secretsmanager:GetSecretValue, for a secret with a customer-managed key
// also kms:Decrypt.
func getSecretValue(s *step) component.Handler {
	return readsValues(s, cached(s, read(s, awsapi.API.GetSecretValue, func(in *secretsmanager.GetSecretValueInput) **string { return &in.SecretId })))
}
