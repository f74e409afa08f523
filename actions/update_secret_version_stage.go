package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// updateSecretVersionStage moves a staging label from one version of a secret to
// another, adds it or takes it away. Moving AWSCURRENT rolls a secret forward or back.
//
// It needs secretsmanager:UpdateSecretVersionStage.
func updateSecretVersionStage(s *step) component.Handler {
	return call(s, awsapi.API.UpdateSecretVersionStage)
}
