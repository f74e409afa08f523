package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// getResourcePolicy returns the resource policy of a secret as JSON text.
//
// It needs secretsmanager:GetResourcePolicy.
func getResourcePolicy(s *step) component.Handler {
	return call(s, awsapi.API.GetResourcePolicy)
}
