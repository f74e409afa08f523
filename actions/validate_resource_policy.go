package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// validateResourcePolicy checks a resource policy: its grammar, and whether it would
// open the secret to everyone.
//
// It needs secretsmanager:ValidateResourcePolicy, and secretsmanager:PutResourcePolicy
// if SecretId is given.
func validateResourcePolicy(s *step) component.Handler {
	return call(s, awsapi.API.ValidateResourcePolicy)
}
