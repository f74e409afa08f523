package actions

import (
	"context"
	"slices"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// abortRotation takes AWSPENDING away from a version that did not become the
// current one.
//
// It needs secretsmanager:DescribeSecret and secretsmanager:UpdateSecretVersionStage.
func abortRotation(s *step) component.Handler {
	return compose(s, func(ctx context.Context, api awsapi.API, _ component.Request, in rotationInput) (*rotated, error) {
		r := rotation{versions{api, in.SecretId}, s.operation, in.VersionId}
		secret, err := r.labels(ctx)
		if err != nil {
			return nil, err
		}
		for _, label := range []string{labelCurrent, labelPrevious} {
			if slices.Contains(secret.of[r.id], label) {
				return nil, r.refuse("version %s has the label %s: its rotation is finished", r.id, label)
			}
		}
		return r.end(ctx, secret)
	})
}
