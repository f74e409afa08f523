package actions

import (
	"context"
	"slices"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// finishRotation makes the pending version of a secret the current one, unless that
// is another one by now than when the rotation began.
//
// It needs secretsmanager:DescribeSecret and secretsmanager:UpdateSecretVersionStage.
func finishRotation(s *step) component.Handler {
	return compose(s, func(ctx context.Context, api awsapi.API, _ component.Request, in rotationInput) (*rotated, error) {
		r := rotation{versions{api, in.SecretId}, s.operation, in.VersionId}
		for range maxSwaps {
			if out, err := r.tryFinish(ctx); out != nil || err != nil {
				return out, err
			}
		}
		return nil, r.lostRaces()
	})
}

// tryFinish returns nil when AWSCURRENT has moved meanwhile, by this call or not.
func (r rotation) tryFinish(ctx context.Context) (*rotated, error) {
	secret, err := r.labels(ctx)
	if err != nil {
		return nil, err
	}
	own, current := secret.of[r.id], secret.with(labelCurrent)
	base := r.base(own)
	switch {
	case current == r.id:
		return r.end(ctx, secret)
	case slices.Contains(own, labelPrevious): // finished, and another one came after it
		return r.end(ctx, secret)
	case !slices.Contains(own, labelPending):
		// It may be anything that was mapped, and is not repeated.
		return nil, r.refuse("the version in VersionId is not pending: its rotation was taken back, or finished and replaced by now")
	case base == "":
		return nil, r.refuse("version %s is pending, but not by BeginRotation; whoever made it knows when it may become the current one", r.id)
	case base != current:
		return nil, r.refuse("AWSCURRENT has moved from version %s to version %s since the rotation began, and stays there; "+
			"take version %s back with AbortRotation, and begin again", base, current, r.id)
	}
	if err := r.settle(ctx, base, secret.of[base]); err != nil {
		return nil, err
	}
	_, err = r.move(ctx, labelCurrent, r.id, base)
	return nil, err
}
