package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// tagResource adds tags to a secret, or gives tags it has new values.
//
// It needs secretsmanager:TagResource.
func tagResource(s *step) component.Handler {
	return call(s, awsapi.API.TagResource)
}
