package awsapi

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
)

const (
	// roleDuration is what every role allows, however it was reached.
	roleDuration = time.Hour
	// roleExpiryWindow is how long before their end role credentials are
	// renewed, so that no call meets expired ones.
	roleExpiryWindow = 5 * time.Minute
)

// newCredentials returns the keys of cfg, or those of its role.
func newCredentials(cfg Config, opts Options, client aws.HTTPClient) aws.CredentialsProvider {
	keys := newKeys(cfg, client)
	if cfg.RoleARN == "" {
		return keys
	}
	stsOptions := sts.Options{
		Region:      cfg.Region,
		Credentials: keys,
		HTTPClient:  client,
		// The operation that needs the role is repeated as a whole.
		Retryer:    aws.NopRetryer{},
		APIOptions: []func(*middleware.Stack) error{opts.bound, rememberCredentials},
	}
	if servesSTS(cfg.Endpoint) {
		stsOptions.BaseEndpoint = &cfg.Endpoint
	}
	role := stscreds.NewAssumeRoleProvider(sts.New(stsOptions), cfg.RoleARN, func(o *stscreds.AssumeRoleOptions) {
		o.ExternalID = optional(cfg.ExternalID)
		o.RoleSessionName = sessionName(cfg.SessionName)
		o.Duration = roleDuration
	})
	return aws.NewCredentialsCache(named{"role " + cfg.RoleARN + " cannot be assumed", role}, func(o *aws.CredentialsCacheOptions) {
		o.ExpiryWindow = roleExpiryWindow
	})
}

// newKeys returns the keys in cfg. Without any, and validate lets that pass
// only where the operator allows it, they are the host's.
func newKeys(cfg Config, client aws.HTTPClient) aws.CredentialsProvider {
	if !cfg.AccessKeyID.IsZero() {
		return credentials.NewStaticCredentialsProvider(
			cfg.AccessKeyID.Reveal(), cfg.AccessKeySecret.Reveal(), cfg.SessionToken.Reveal())
	}
	return named{"the container's host has no usable credentials", ambientCredentials(cfg, client)}
}

// named says which credentials could not be had.
type named struct {
	failure  string
	provider aws.CredentialsProvider
}

// Retrieve returns a *credentialsError when there are no credentials.
func (n named) Retrieve(ctx context.Context) (aws.Credentials, error) {
	creds, err := n.provider.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, &credentialsError{n.failure, err}
	}
	return creds, nil
}

type credentialsError struct {
	failure string
	err     error
}

func (e *credentialsError) Error() string { return e.failure }
func (e *credentialsError) Unwrap() error { return e.err }

// sessionName makes name acceptable to STS: 2 to 64 characters of [\w+=,.@-].
func sessionName(name string) string {
	safe := strings.Map(func(r rune) rune {
		if strings.ContainsRune("+=,.@-_", r) || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, name)
	full := "flow-" + safe
	return strings.TrimRight(full[:min(64, len(full))], "-")
}
