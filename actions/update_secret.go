package actions

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// updateSecret changes description, key or value of a secret; a value makes a
// new current version.
//
// It needs secretsmanager:UpdateSecret, for a secret with a customer-managed key
// also kms:GenerateDataKey, kms:Decrypt and kms:Encrypt. A message that is
// delivered twice needs secretsmanager:DescribeSecret as well, and
// secretsmanager:ListSecretVersionIds if other updates came in between.
func updateSecret(s *step) component.Handler {
	return writesValue(s, do(s, func(ctx context.Context, api awsapi.API, req component.Request, in *secretsmanager.UpdateSecretInput) (
		*secretsmanager.UpdateSecretOutput, error,
	) {
		ours := s.fillToken(req, in, &in.ClientRequestToken)
		out, err := api.UpdateSecret(ctx, in)
		// Other than PutSecretValue, UpdateSecret is documented to refuse a token
		// that it has seen. With ours that means: this message was here before.
		var exists *types.ResourceExistsException
		if ours && errors.As(err, &exists) {
			return updatedBefore(ctx, req.Stopping, api, in, awsapi.Wrap(s.operation, in, err))
		}
		return out, err
	}))
}

// updatedBefore returns the answer of the earlier UpdateSecret whose token is
// that of in, or refused if the secret has no such version.
func updatedBefore(
	ctx context.Context, stopping <-chan struct{}, api awsapi.API, in *secretsmanager.UpdateSecretInput, refused error,
) (
	*secretsmanager.UpdateSecretOutput, error,
) {
	answer, err := findVersion(ctx, stopping, api, in.SecretId, *in.ClientRequestToken)
	switch {
	case err == nil && answer != nil:
		return answer, nil
	case err == nil:
		return nil, refused
	}
	var later *component.Rebound
	if errors.As(err, &later) || errors.Is(err, context.Canceled) || errors.Is(err, component.ErrStopping) {
		return nil, err
	}
	return nil, &component.Error{
		Name:    "ResourceExistsException",
		Message: fmt.Sprintf("%v; whether the version is this message's own could not be checked: %v", refused, err),
		Err:     refused,
	}
}

// findVersion looks for a version, first among those with labels. It returns
// nil if there is none.
func findVersion(
	ctx context.Context, stopping <-chan struct{}, api awsapi.API, secretID *string, versionID string,
) (
	*secretsmanager.UpdateSecretOutput, error,
) {
	describe := &secretsmanager.DescribeSecretInput{SecretId: secretID}
	secret, err := api.DescribeSecret(ctx, describe)
	if err != nil {
		return nil, awsapi.Wrap("DescribeSecret", describe, err)
	}
	answer := &secretsmanager.UpdateSecretOutput{ARN: secret.ARN, Name: secret.Name, VersionId: &versionID}
	if _, ok := secret.VersionIdsToStages[versionID]; ok {
		return answer, nil
	}
	versions := &secretsmanager.ListSecretVersionIdsInput{SecretId: secretID, IncludeDeprecated: aws.Bool(true)}
	all := versionListing()
	for page, err := range all.follow(ctx, stopping, "ListSecretVersionIds", versions, api) {
		if err != nil {
			return nil, err
		}
		for _, v := range page.Versions {
			if aws.ToString(v.VersionId) == versionID {
				return answer, nil
			}
		}
	}
	return nil, nil
}
