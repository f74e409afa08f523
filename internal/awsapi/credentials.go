package awsapi

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
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
	keys := newKeys(cfg, opts, client)
	if cfg.RoleARN == "" {
		return keys
	}
	asker := sts.New(stsOptions(cfg, client), func(o *sts.Options) {
		o.Credentials = keys
		if servesSTS(cfg.Endpoint) {
			o.BaseEndpoint = &cfg.Endpoint
		}
	})
	role := stscreds.NewAssumeRoleProvider(asker, cfg.RoleARN, func(o *stscreds.AssumeRoleOptions) {
		o.ExternalID = optional(cfg.ExternalID)
		o.RoleSessionName = sessionName(cfg.SessionName)
		o.Duration = roleDuration
	})
	return cached(source{"role " + cfg.RoleARN + " cannot be assumed", role, opts.callTimeout()})
}

// stsOptions are those of AWS's STS, without credentials.
func stsOptions(cfg Config, client aws.HTTPClient) sts.Options {
	return sts.Options{
		Region:     cfg.Region,
		HTTPClient: client,
		Retryer:    aws.NopRetryer{}, // the operation that needs it is repeated as a whole
		EndpointOptions: sts.EndpointResolverOptions{
			UseFIPSEndpoint: cfg.fips(), UseDualStackEndpoint: cfg.dualStack(),
		},
	}
}

func cached(s source) aws.CredentialsProvider {
	return aws.NewCredentialsCache(s, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = roleExpiryWindow })
}

// newKeys returns the keys in cfg. Without any, and validate lets that pass
// only where the operator allows it, they are the host's.
func newKeys(cfg Config, opts Options, client aws.HTTPClient) aws.CredentialsProvider {
	if !cfg.AccessKeyID.IsZero() {
		return credentials.NewStaticCredentialsProvider(
			cfg.AccessKeyID.Reveal(), cfg.AccessKeySecret.Reveal(), cfg.SessionToken.Reveal())
	}
	return cached(source{"the container's host has no usable credentials", ambientCredentials(cfg, client), opts.callTimeout()})
}

// source is where credentials come from. A cache does not end a request for them
// with the call that needs them, for other calls wait for them as well.
type source struct {
	failure  string // what to say when there are none
	provider aws.CredentialsProvider
	timeout  time.Duration
}

// Retrieve returns a *credentialsError when there are no credentials.
func (s source) Retrieve(ctx context.Context) (aws.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	creds, err := s.provider.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, &credentialsError{s.failure, err}
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
