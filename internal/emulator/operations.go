package emulator

// operations is the table of the API's operations.
func (s *service) operations() map[string]operation {
	return map[string]operation{
		"BatchGetSecretValue":          locked(s, batchShape(), s.batchGetSecretValue),
		"CancelRotateSecret":           locked(s, secretIDOnlyShape(), s.cancelRotateSecret),
		"CreateSecret":                 locked(s, createSecretShape(), s.createSecret),
		"DeleteResourcePolicy":         locked(s, secretIDOnlyShape(), s.deleteResourcePolicy),
		"DeleteSecret":                 locked(s, deleteSecretShape(), s.deleteSecret),
		"DescribeSecret":               locked(s, secretIDOnlyShape(), s.describeSecret),
		"GetRandomPassword":            locked(s, randomPasswordShape(), s.getRandomPassword),
		"GetResourcePolicy":            locked(s, secretIDOnlyShape(), s.getResourcePolicy),
		"GetSecretValue":               locked(s, getSecretValueShape(), s.getSecretValue),
		"ListSecretVersionIds":         locked(s, listVersionsShape(), s.listSecretVersionIds),
		"ListSecrets":                  locked(s, listSecretsShape(), s.listSecrets),
		"PutResourcePolicy":            locked(s, putResourcePolicyShape(), s.putResourcePolicy),
		"PutSecretValue":               locked(s, putSecretValueShape(), s.putSecretValue),
		"RemoveRegionsFromReplication": locked(s, removeRegionsShape(), s.removeRegionsFromReplication),
		"ReplicateSecretToRegions":     locked(s, replicateShape(), s.replicateSecretToRegions),
		"RestoreSecret":                locked(s, secretIDOnlyShape(), s.restoreSecret),
		"RotateSecret":                 unlocked(rotateSecretShape(), s.rotateSecret),
		"StopReplicationToReplica":     locked(s, secretIDOnlyShape(), s.stopReplicationToReplica),
		"TagResource":                  locked(s, tagResourceShape(), s.tagResource),
		"UntagResource":                locked(s, untagResourceShape(), s.untagResource),
		"UpdateSecret":                 locked(s, updateSecretShape(), s.updateSecret),
		"UpdateSecretVersionStage":     locked(s, updateStageShape(), s.updateSecretVersionStage),
		"ValidateResourcePolicy":       locked(s, validateResourcePolicyShape(), s.validateResourcePolicy),
	}
}
