package actions

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// rotateSecret sets up rotation of a secret, and rotates it at once unless
// RotateImmediately is false.
//
// It needs secretsmanager:RotateSecret and lambda:InvokeFunction on the rotation
// function.
func rotateSecret(s *step) component.Handler {
	return callOnce(s, awsapi.API.RotateSecret, func(in *secretsmanager.RotateSecretInput) **string {
		return &in.ClientRequestToken
	})
}
