package iampolicy

// The cases in which a function needs more than it always does, in the words
// of the documentation. A policy names them by a Sid.
const (
	always              = ""
	withTags            = "with tags"
	withFilters         = "with filters"
	withReplicas        = "with replica regions"
	withKey             = "with a customer-managed key"
	withReplicaKey      = "with a customer-managed replica key"
	withReplicationRole = "with a replication role"
	onReplica           = "on the replica"
	forReplicaKey       = "for the key of the replica"
	otherAccounts       = "for a replica of another account"
	withRotationLambda  = "with a rotation function"
	withValue           = "with the value"
	ifExisting          = "for a secret that exists"
	toCompare           = "to compare values"
	forPassword         = "for a new password"
	withDescription     = "with a description or key or tags"
	forDescribeSecret   = "for the operation DescribeSecret"
	forSecretList       = "for the list of secrets"
	forKeys             = "for keys in the mapper"
)

// functions is all that the functions need, each in the order in which it is
// told. AWS's reference of the API names the actions, and for what.
func functions() map[string]Needs {
	choice := Need{"secretsmanager:ListSecrets", forSecretList}
	keys := Need{"secretsmanager:GetSecretValue", forKeys}
	return map[string]Needs{
		"startFlow":   {},
		"secretEvent": {},
		"getNewAndUpdatedSecretsPolling": {
			{"secretsmanager:ListSecrets", always},
			{"secretsmanager:ListSecretVersionIds", always},
		},
		"AbortRotation": {
			{"secretsmanager:DescribeSecret", always},
			{"secretsmanager:UpdateSecretVersionStage", always},
			choice,
		},
		"AssociateCrossAccountReplica": {
			{"secretsmanager:AssociateCrossAccountReplica", always},
			{"secretsmanager:GetSecretValue", always},
			{"secretsmanager:AcceptCrossAccountReplication", onReplica},
			{"kms:Decrypt", withKey},
			{"kms:Encrypt", forReplicaKey},
			{"iam:PassRole", withReplicationRole},
			choice,
		},
		"BatchGetSecretValue": {
			{"secretsmanager:BatchGetSecretValue", always},
			{"secretsmanager:GetSecretValue", always},
			{"secretsmanager:ListSecrets", withFilters},
			{"kms:Decrypt", withKey},
		},
		"BeginRotation": {
			{"secretsmanager:DescribeSecret", always},
			{"secretsmanager:GetSecretValue", always},
			{"secretsmanager:PutSecretValue", always},
			{"secretsmanager:UpdateSecretVersionStage", always},
			{"secretsmanager:GetRandomPassword", forPassword},
			{"kms:GenerateDataKey", withKey},
			{"kms:Decrypt", withKey},
			choice,
		},
		"CancelRotateSecret": {{"secretsmanager:CancelRotateSecret", always}, choice},
		"CreateSecret": {
			{"secretsmanager:CreateSecret", always},
			{"secretsmanager:TagResource", withTags},
			{"secretsmanager:ReplicateSecretToRegions", withReplicas},
			{"secretsmanager:PutResourcePolicy", otherAccounts},
			{"kms:GenerateDataKey", withKey},
			{"kms:Decrypt", withKey},
			{"kms:GenerateDataKey", withReplicaKey},
			{"kms:Encrypt", withReplicaKey},
		},
		"DeleteResourcePolicy":            {{"secretsmanager:DeleteResourcePolicy", always}, choice},
		"DeleteSecret":                    {{"secretsmanager:DeleteSecret", always}, choice},
		"DescribeSecret":                  {{"secretsmanager:DescribeSecret", always}, choice},
		"DisassociateCrossAccountReplica": {{"secretsmanager:DisassociateCrossAccountReplica", always}, choice},
		"FinishRotation": {
			{"secretsmanager:DescribeSecret", always},
			{"secretsmanager:UpdateSecretVersionStage", always},
			choice,
		},
		"GetRandomPassword": {{"secretsmanager:GetRandomPassword", always}},
		"GetResourcePolicy": {{"secretsmanager:GetResourcePolicy", always}, choice},
		"GetSecretValue": {
			{"secretsmanager:GetSecretValue", always},
			{"kms:Decrypt", withKey},
			choice,
		},
		"ListResourcePolicies": {{"secretsmanager:ListResourcePolicies", always}, choice},
		"ListSecretVersionIds": {{"secretsmanager:ListSecretVersionIds", always}, choice},
		"ListSecrets":          {{"secretsmanager:ListSecrets", always}},
		"LookupSecret": {
			{"secretsmanager:DescribeSecret", always},
			{"secretsmanager:GetSecretValue", withValue},
			{"kms:Decrypt", withKey},
			choice,
		},
		"MakeRawRequest":    {{"secretsmanager:DescribeSecret", forDescribeSecret}}, // for example: each operation has its own
		"PutResourcePolicy": {{"secretsmanager:PutResourcePolicy", always}, choice},
		"PutSecretValue": {
			{"secretsmanager:PutSecretValue", always},
			{"kms:GenerateDataKey", withKey},
			{"kms:Decrypt", withKey},
			choice,
			keys,
		},
		"RemoveRegionsFromReplication": {{"secretsmanager:RemoveRegionsFromReplication", always}, choice},
		"ReplicateSecretToRegions": {
			{"secretsmanager:ReplicateSecretToRegions", always},
			{"kms:Decrypt", withKey},
			{"kms:GenerateDataKey", withReplicaKey},
			{"kms:Encrypt", withReplicaKey},
			choice,
		},
		"RestoreSecret": {{"secretsmanager:RestoreSecret", always}, choice},
		"RotateSecret": {
			{"secretsmanager:RotateSecret", always},
			{"lambda:InvokeFunction", withRotationLambda},
			choice,
		},
		"SetSecretKeys": {
			{"secretsmanager:GetSecretValue", always},
			{"secretsmanager:PutSecretValue", always},
			{"secretsmanager:UpdateSecretVersionStage", always},
			{"kms:GenerateDataKey", withKey},
			{"kms:Decrypt", withKey},
			choice,
		},
		"StopReplicationToReplica": {
			{"secretsmanager:StopReplicationToReplica", always},
			{"secretsmanager:DeleteResourcePolicy", otherAccounts},
			choice,
		},
		"TagResource":   {{"secretsmanager:TagResource", always}, choice},
		"UntagResource": {{"secretsmanager:UntagResource", always}, choice},
		"UpdateSecret": {
			{"secretsmanager:UpdateSecret", always},
			{"kms:GenerateDataKey", withKey},
			{"kms:Encrypt", withKey},
			{"kms:Decrypt", withKey},
			choice,
			keys,
		},
		"UpdateSecretVersionStage": {{"secretsmanager:UpdateSecretVersionStage", always}, choice},
		"UpsertSecret": {
			{"secretsmanager:CreateSecret", always},
			{"secretsmanager:UpdateSecret", ifExisting},
			{"secretsmanager:GetSecretValue", toCompare},
			{"secretsmanager:DescribeSecret", withDescription},
			{"secretsmanager:TagResource", withTags},
			{"kms:GenerateDataKey", withKey},
			{"kms:Decrypt", withKey},
		},
		"ValidateResourcePolicy": {
			{"secretsmanager:ValidateResourcePolicy", always},
			{"secretsmanager:PutResourcePolicy", always},
			choice,
		},
	}
}
