package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// replicateSecretToRegions makes replicas of a secret in other regions.
//
// It needs secretsmanager:ReplicateSecretToRegions, for a secret with a
// customer-managed key also kms:Decrypt, kms:GenerateDataKey and kms:Encrypt.
func replicateSecretToRegions(s *step) component.Handler {
	return call(s, awsapi.API.ReplicateSecretToRegions)
}
