package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// describeSecret returns everything about a secret but its value: tags, rotation,
// replicas, versions and their labels.
//
// It needs secretsmanager:DescribeSecret.
func describeSecret(s *step) component.Handler {
	return call(s, awsapi.API.DescribeSecret)
}
