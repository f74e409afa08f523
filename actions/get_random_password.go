package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// getRandomPassword returns a random password that follows the rules in the input.
// Nothing is stored.
//
// It needs secretsmanager:GetRandomPassword.
func getRandomPassword(s *step) component.Handler {
	return call(s, awsapi.API.GetRandomPassword)
}
