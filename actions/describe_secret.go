package actions

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// describeSecret returns everything about a secret but its value: tags, rotation,
// replicas, versions and their labels.
//
// It needs secretsmanager:DescribeSecret.
func describeSecret(s *step) component.Handler {
	return read(s, awsapi.API.DescribeSecret, func(in *secretsmanager.DescribeSecretInput) **string { return &in.SecretId })
}
