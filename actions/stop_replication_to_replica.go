package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// stopReplicationToReplica makes a replica a secret of its own. It is called in the
// replica's region.
//
// It needs secretsmanager:StopReplicationToReplica.
func stopReplicationToReplica(s *step) component.Handler {
	return call(s, awsapi.API.StopReplicationToReplica)
}
