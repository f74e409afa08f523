package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// removeRegionsFromReplication deletes the replicas of a secret in the regions given.
//
// It needs secretsmanager:RemoveRegionsFromReplication.
func removeRegionsFromReplication(s *step) component.Handler {
	return call(s, awsapi.API.RemoveRegionsFromReplication)
}
