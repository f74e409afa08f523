package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// putResourcePolicy attaches a resource policy to a secret in place of the one it had.
//
// It needs secretsmanager:PutResourcePolicy.
func putResourcePolicy(s *step) component.Handler {
	return call(s, awsapi.API.PutResourcePolicy)
}
