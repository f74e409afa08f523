package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// untagResource removes tags from a secret.
//
// It needs secretsmanager:UntagResource.
func untagResource(s *step) component.Handler {
	return call(s, awsapi.API.UntagResource)
}
