package awsapi

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"aws-secrets-manager-connector/internal/component"
)

// Verification is what there is to say about credentials.
type Verification struct {
	Verified bool
	Reason   string // why they are not verified; safe to show
	Note     string // for the log, such as a missing permission; no secret in it
	Caller   string // ARN of whose credentials they are, "" if it is not known
}

// Verify tries the credentials with one cheap call, ListSecrets for a single
// result, and finds out whose they are. Whom AWS knows but denies that call is verified as well, for the
// flow's steps may need less. The error is the context's and nothing else.
func Verify(ctx context.Context, cfg Config, opts Options) (Verification, error) {
	cfg = cfg.trimmed()
	api, made, err := newClient(cfg, opts)
	if err != nil {
		return Verification{Reason: err.Error()}, nil
	}
	in := &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(1)}
	if _, err = api.ListSecrets(ctx, in); err == nil {
		return Verification{Verified: true, Caller: caller(ctx, cfg, made)}, nil
	}
	if ctx.Err() != nil {
		return Verification{}, fmt.Errorf("verify credentials: %w", ctx.Err())
	}
	err = Wrap("ListSecrets", in, err)
	var failed *component.Error
	if errors.As(err, &failed) && isAccessError(failed.Name) {
		return Verification{Verified: true, Note: failed.Message, Caller: caller(ctx, cfg, made)}, nil
	}
	return Verification{Reason: err.Error(), Note: Detail(err)}, nil
}

// callerTimeout bounds a question that nothing depends on.
const callerTimeout = 5 * time.Second

// caller asks STS whose the credentials are, which needs no permission. Beside a
// custom endpoint AWS is not asked: where that does not serve STS, nobody knows.
func caller(ctx context.Context, cfg Config, made secretsmanager.Options) string {
	if cfg.Endpoint != "" && !servesSTS(cfg.Endpoint) {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, callerTimeout)
	defer cancel()
	asker := sts.New(stsOptions(cfg, made.HTTPClient), func(o *sts.Options) {
		o.Credentials, o.BaseEndpoint = made.Credentials, made.BaseEndpoint
	})
	identity, err := asker.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return ""
	}
	used, err := made.Credentials.Retrieve(ctx)
	if err != nil {
		return ""
	}
	return firstLine(aws.ToString(identity.Arn), []string{used.AccessKeyID, used.SecretAccessKey, used.SessionToken})
}
