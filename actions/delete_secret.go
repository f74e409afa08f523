package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// deleteSecret deletes a secret after a recovery window of 7 to 30 days, in which
// RestoreSecret brings it back, or at once with ForceDeleteWithoutRecovery.
//
// It needs secretsmanager:DeleteSecret.
func deleteSecret(s *step) component.Handler {
	return call(s, awsapi.API.DeleteSecret)
}
