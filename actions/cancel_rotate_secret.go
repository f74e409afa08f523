package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// cancelRotateSecret stops a rotation that is under way and turns automatic rotation
// off. A version that was left half rotated keeps its label AWSPENDING.
//
// It needs secretsmanager:CancelRotateSecret.
func cancelRotateSecret(s *step) component.Handler {
	return call(s, awsapi.API.CancelRotateSecret)
}
