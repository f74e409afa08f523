package smclient

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/schemas"
)

// The operations. Options for a single call, which the SDK's paginators
// hand over, only name the paginator to AWS and are not looked at.

func (c *Client) AssociateCrossAccountReplica(ctx context.Context, in *secretsmanager.AssociateCrossAccountReplicaInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.AssociateCrossAccountReplicaOutput, error) {
	return invoke(ctx, c, schemas.AssociateCrossAccountReplica, schemas.AssociateCrossAccountReplicaRequest, schemas.AssociateCrossAccountReplicaResponse, in, &secretsmanager.AssociateCrossAccountReplicaOutput{})
}

func (c *Client) BatchGetSecretValue(ctx context.Context, in *secretsmanager.BatchGetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.BatchGetSecretValueOutput, error) {
	return invoke(ctx, c, schemas.BatchGetSecretValue, schemas.BatchGetSecretValueRequest, schemas.BatchGetSecretValueResponse, in, &secretsmanager.BatchGetSecretValueOutput{})
}

func (c *Client) CancelRotateSecret(ctx context.Context, in *secretsmanager.CancelRotateSecretInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.CancelRotateSecretOutput, error) {
	return invoke(ctx, c, schemas.CancelRotateSecret, schemas.CancelRotateSecretRequest, schemas.CancelRotateSecretResponse, in, &secretsmanager.CancelRotateSecretOutput{})
}

func (c *Client) CreateSecret(ctx context.Context, in *secretsmanager.CreateSecretInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.CreateSecretOutput, error) {
	return invoke(ctx, c, schemas.CreateSecret, schemas.CreateSecretRequest, schemas.CreateSecretResponse, in, &secretsmanager.CreateSecretOutput{})
}

func (c *Client) DeleteResourcePolicy(ctx context.Context, in *secretsmanager.DeleteResourcePolicyInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.DeleteResourcePolicyOutput, error) {
	return invoke(ctx, c, schemas.DeleteResourcePolicy, schemas.DeleteResourcePolicyRequest, schemas.DeleteResourcePolicyResponse, in, &secretsmanager.DeleteResourcePolicyOutput{})
}

func (c *Client) DeleteSecret(ctx context.Context, in *secretsmanager.DeleteSecretInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.DeleteSecretOutput, error) {
	return invoke(ctx, c, schemas.DeleteSecret, schemas.DeleteSecretRequest, schemas.DeleteSecretResponse, in, &secretsmanager.DeleteSecretOutput{})
}

func (c *Client) DescribeSecret(ctx context.Context, in *secretsmanager.DescribeSecretInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error) {
	return invoke(ctx, c, schemas.DescribeSecret, schemas.DescribeSecretRequest, schemas.DescribeSecretResponse, in, &secretsmanager.DescribeSecretOutput{})
}

func (c *Client) DisassociateCrossAccountReplica(ctx context.Context, in *secretsmanager.DisassociateCrossAccountReplicaInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.DisassociateCrossAccountReplicaOutput, error) {
	return invoke(ctx, c, schemas.DisassociateCrossAccountReplica, schemas.DisassociateCrossAccountReplicaRequest, schemas.DisassociateCrossAccountReplicaResponse, in, &secretsmanager.DisassociateCrossAccountReplicaOutput{})
}

func (c *Client) GetRandomPassword(ctx context.Context, in *secretsmanager.GetRandomPasswordInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetRandomPasswordOutput, error) {
	return invoke(ctx, c, schemas.GetRandomPassword, schemas.GetRandomPasswordRequest, schemas.GetRandomPasswordResponse, in, &secretsmanager.GetRandomPasswordOutput{})
}

func (c *Client) GetResourcePolicy(ctx context.Context, in *secretsmanager.GetResourcePolicyInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetResourcePolicyOutput, error) {
	return invoke(ctx, c, schemas.GetResourcePolicy, schemas.GetResourcePolicyRequest, schemas.GetResourcePolicyResponse, in, &secretsmanager.GetResourcePolicyOutput{})
}

func (c *Client) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return invoke(ctx, c, schemas.GetSecretValue, schemas.GetSecretValueRequest, schemas.GetSecretValueResponse, in, &secretsmanager.GetSecretValueOutput{})
}

func (c *Client) ListResourcePolicies(ctx context.Context, in *secretsmanager.ListResourcePoliciesInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.ListResourcePoliciesOutput, error) {
	return invoke(ctx, c, schemas.ListResourcePolicies, schemas.ListResourcePoliciesRequest, schemas.ListResourcePoliciesResponse, in, &secretsmanager.ListResourcePoliciesOutput{})
}

func (c *Client) ListSecretVersionIds(ctx context.Context, in *secretsmanager.ListSecretVersionIdsInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.ListSecretVersionIdsOutput, error) {
	return invoke(ctx, c, schemas.ListSecretVersionIds, schemas.ListSecretVersionIdsRequest, schemas.ListSecretVersionIdsResponse, in, &secretsmanager.ListSecretVersionIdsOutput{})
}

func (c *Client) ListSecrets(ctx context.Context, in *secretsmanager.ListSecretsInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.ListSecretsOutput, error) {
	return invoke(ctx, c, schemas.ListSecrets, schemas.ListSecretsRequest, schemas.ListSecretsResponse, in, &secretsmanager.ListSecretsOutput{})
}

func (c *Client) PutResourcePolicy(ctx context.Context, in *secretsmanager.PutResourcePolicyInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutResourcePolicyOutput, error) {
	return invoke(ctx, c, schemas.PutResourcePolicy, schemas.PutResourcePolicyRequest, schemas.PutResourcePolicyResponse, in, &secretsmanager.PutResourcePolicyOutput{})
}

func (c *Client) PutSecretValue(ctx context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	return invoke(ctx, c, schemas.PutSecretValue, schemas.PutSecretValueRequest, schemas.PutSecretValueResponse, in, &secretsmanager.PutSecretValueOutput{})
}

func (c *Client) RemoveRegionsFromReplication(ctx context.Context, in *secretsmanager.RemoveRegionsFromReplicationInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.RemoveRegionsFromReplicationOutput, error) {
	return invoke(ctx, c, schemas.RemoveRegionsFromReplication, schemas.RemoveRegionsFromReplicationRequest, schemas.RemoveRegionsFromReplicationResponse, in, &secretsmanager.RemoveRegionsFromReplicationOutput{})
}

func (c *Client) ReplicateSecretToRegions(ctx context.Context, in *secretsmanager.ReplicateSecretToRegionsInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.ReplicateSecretToRegionsOutput, error) {
	return invoke(ctx, c, schemas.ReplicateSecretToRegions, schemas.ReplicateSecretToRegionsRequest, schemas.ReplicateSecretToRegionsResponse, in, &secretsmanager.ReplicateSecretToRegionsOutput{})
}

func (c *Client) RestoreSecret(ctx context.Context, in *secretsmanager.RestoreSecretInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.RestoreSecretOutput, error) {
	return invoke(ctx, c, schemas.RestoreSecret, schemas.RestoreSecretRequest, schemas.RestoreSecretResponse, in, &secretsmanager.RestoreSecretOutput{})
}

func (c *Client) RotateSecret(ctx context.Context, in *secretsmanager.RotateSecretInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.RotateSecretOutput, error) {
	return invoke(ctx, c, schemas.RotateSecret, schemas.RotateSecretRequest, schemas.RotateSecretResponse, in, &secretsmanager.RotateSecretOutput{})
}

func (c *Client) StopReplicationToReplica(ctx context.Context, in *secretsmanager.StopReplicationToReplicaInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.StopReplicationToReplicaOutput, error) {
	return invoke(ctx, c, schemas.StopReplicationToReplica, schemas.StopReplicationToReplicaRequest, schemas.StopReplicationToReplicaResponse, in, &secretsmanager.StopReplicationToReplicaOutput{})
}

func (c *Client) TagResource(ctx context.Context, in *secretsmanager.TagResourceInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.TagResourceOutput, error) {
	return invoke(ctx, c, schemas.TagResource, schemas.TagResourceRequest, nil, in, &secretsmanager.TagResourceOutput{})
}

func (c *Client) UntagResource(ctx context.Context, in *secretsmanager.UntagResourceInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.UntagResourceOutput, error) {
	return invoke(ctx, c, schemas.UntagResource, schemas.UntagResourceRequest, nil, in, &secretsmanager.UntagResourceOutput{})
}

func (c *Client) UpdateSecret(ctx context.Context, in *secretsmanager.UpdateSecretInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretOutput, error) {
	return invoke(ctx, c, schemas.UpdateSecret, schemas.UpdateSecretRequest, schemas.UpdateSecretResponse, in, &secretsmanager.UpdateSecretOutput{})
}

func (c *Client) UpdateSecretVersionStage(ctx context.Context, in *secretsmanager.UpdateSecretVersionStageInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error) {
	return invoke(ctx, c, schemas.UpdateSecretVersionStage, schemas.UpdateSecretVersionStageRequest, schemas.UpdateSecretVersionStageResponse, in, &secretsmanager.UpdateSecretVersionStageOutput{})
}

func (c *Client) ValidateResourcePolicy(ctx context.Context, in *secretsmanager.ValidateResourcePolicyInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.ValidateResourcePolicyOutput, error) {
	return invoke(ctx, c, schemas.ValidateResourcePolicy, schemas.ValidateResourcePolicyRequest, schemas.ValidateResourcePolicyResponse, in, &secretsmanager.ValidateResourcePolicyOutput{})
}
