package awsapi

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/component"
)

// Verification is what there is to say about credentials.
type Verification struct {
	Verified bool
	Reason   string // why they are not verified; safe to show
	Note     string // for the log, such as a missing permission; no secret in it
}

// Verify tries the credentials with one cheap call, ListSecrets for a single
// result. Whom AWS knows but denies that call is verified as well, for the
// flow's steps may need less. The error is the context's and nothing else.
func Verify(ctx context.Context, cfg Config, opts Options) (Verification, error) {
	api, err := New(cfg, opts)
	if err != nil {
		return Verification{Reason: err.Error()}, nil
	}
	in := &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(1)}
	if _, err = api.ListSecrets(ctx, in); err == nil {
		return Verification{Verified: true}, nil
	}
	if ctx.Err() != nil {
		return Verification{}, fmt.Errorf("verify credentials: %w", ctx.Err())
	}
	err = Wrap("ListSecrets", in, err)
	var failed *component.Error
	if errors.As(err, &failed) && (failed.Name == "AccessDeniedException" || failed.Name == "AccessDenied") {
		return Verification{Verified: true, Note: failed.Message}, nil
	}
	return Verification{Reason: err.Error(), Note: Detail(err)}, nil
}
