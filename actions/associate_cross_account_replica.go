package actions

import (
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// associateCrossAccountReplica has a replica in another account follow a secret of
// this one. CreateSecret makes the replica there.
//
// It needs secretsmanager:AssociateCrossAccountReplica and
// secretsmanager:GetSecretValue; on the replica, by its resource policy,
// secretsmanager:AcceptCrossAccountReplication; kms:Decrypt with the key of the secret
// and kms:Encrypt with that of the replica; with ReplicationRoleARN iam:PassRole.
func associateCrossAccountReplica(s *step) component.Handler {
	return call(s, awsapi.API.AssociateCrossAccountReplica)
}
