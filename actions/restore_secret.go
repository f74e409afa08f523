package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// restoreSecret brings a secret back that is scheduled for deletion.
//
// It needs secretsmanager:RestoreSecret.
func restoreSecret(s *step) component.Handler {
	return call(s, awsapi.API.RestoreSecret)
}
