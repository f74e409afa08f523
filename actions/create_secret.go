package actions

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// createSecret creates a secret, with a first version if SecretString or SecretBinary
// is given.
//
// It needs secretsmanager:CreateSecret, with Tags secretsmanager:TagResource, with
// AddReplicaRegions secretsmanager:ReplicateSecretToRegions, for a secret with a
// customer-managed key also kms:GenerateDataKey and kms:Decrypt.
func createSecret(s *step) component.Handler {
	return writesValue(s, callOnce(s, awsapi.API.CreateSecret, func(in *secretsmanager.CreateSecretInput) **string {
		return &in.ClientRequestToken
	}))
}
