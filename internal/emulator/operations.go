package emulator

// operations is the table of the API's operations.
func (s *service) operations() map[string]operation {
	return map[string]operation{
		"AssociateCrossAccountReplica":    locked(s, s.associateCrossAccountReplica),
		"BatchGetSecretValue":             locked(s, s.batchGetSecretValue),
		"CancelRotateSecret":              locked(s, s.cancelRotateSecret),
		"CreateSecret":                    locked(s, s.createSecret),
		"DeleteResourcePolicy":            locked(s, s.deleteResourcePolicy),
		"DeleteSecret":                    locked(s, s.deleteSecret),
		"DescribeSecret":                  locked(s, s.describeSecret),
		"DisassociateCrossAccountReplica": locked(s, s.disassociateCrossAccountReplica),
		"GetRandomPassword":               locked(s, s.getRandomPassword),
		"GetResourcePolicy":               locked(s, s.getResourcePolicy),
		"GetSecretValue":                  locked(s, s.getSecretValue),
		"ListResourcePolicies":            locked(s, s.listResourcePolicies),
		"ListSecretVersionIds":            locked(s, s.listSecretVersionIds),
		"ListSecrets":                     locked(s, s.listSecrets),
		"PutResourcePolicy":               locked(s, s.putResourcePolicy),
		"PutSecretValue":                  locked(s, s.putSecretValue),
		"RemoveRegionsFromReplication":    locked(s, s.removeRegionsFromReplication),
		"ReplicateSecretToRegions":        locked(s, s.replicateSecretToRegions),
		"RestoreSecret":                   locked(s, s.restoreSecret),
		"RotateSecret":                    unlocked(s.rotateSecret),
		"StopReplicationToReplica":        locked(s, s.stopReplicationToReplica),
		"TagResource":                     locked(s, s.tagResource),
		"UntagResource":                   locked(s, s.untagResource),
		"UpdateSecret":                    locked(s, s.updateSecret),
		"UpdateSecretVersionStage":        locked(s, s.updateSecretVersionStage),
		"ValidateResourcePolicy":          locked(s, s.validateResourcePolicy),
	}
}
