package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// disassociateCrossAccountReplica has a replica in another account no longer follow a
// secret of this one. The replica keeps what it has.
//
// It needs secretsmanager:DisassociateCrossAccountReplica.
func disassociateCrossAccountReplica(s *step) component.Handler {
	return call(s, awsapi.API.DisassociateCrossAccountReplica)
}
