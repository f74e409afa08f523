package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// deleteResourcePolicy removes the resource policy of a secret.
//
// It needs secretsmanager:DeleteResourcePolicy.
func deleteResourcePolicy(s *step) component.Handler {
	return call(s, awsapi.API.DeleteResourcePolicy)
}
