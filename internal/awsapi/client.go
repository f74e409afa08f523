package awsapi

import (
	"errors"
	"maps"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"aws-secrets-manager-connector/internal/smclient"
)

const (
	maxAttempts        = 3
	defaultCallTimeout = 30 * time.Second
)

// Options are the operator's settings. The zero value is the safe one.
type Options struct {
	// AllowAmbient lets a step without keys use those of the container's host:
	// environment, web identity, container service or instance role, for AWS alone.
	AllowAmbient bool
	// AllowInsecureEndpoint vouches for custom endpoints: they may be plain http
	// and at an address that only this host can reach, and what they say is shown.
	AllowInsecureEndpoint bool
	// Concurrency is how many messages are worked on at once, and connections kept.
	Concurrency int
	// CallTimeout bounds one operation with all its attempts; 0 means 30 s.
	CallTimeout time.Duration
	// MaxBackoff bounds the pause between two attempts; 0 means the SDK's 20 s.
	MaxBackoff time.Duration
	// Transport carries the requests; nil makes a new one for each client.
	Transport http.RoundTripper
}

// New returns a client for cfg, or a *component.Error that names each field
// that is wrong. It reaches out to no network, and to the host's environment
// and files only with opts.AllowAmbient and without keys in cfg.
func New(cfg Config, opts Options) (API, error) {
	cfg = cfg.trimmed()
	client, _, err := newClient(cfg, opts)
	if err != nil {
		return nil, err
	}
	return newRegionalClient(client, cfg, opts), nil
}

// newClient returns a client and what it is made of.
func newClient(cfg Config, opts Options) (client *smclient.Client, made secretsmanager.Options, err error) {
	if err = cfg.validate(opts); err != nil {
		return nil, made, err
	}
	made = clientOptions(cfg, opts)
	client, err = smclient.New(made, opts.callTimeout())
	return client, made, err
}

func clientOptions(cfg Config, opts Options) secretsmanager.Options {
	client := httpClient{opts.Transport}
	if opts.Transport == nil {
		client.RoundTripper = newTransport(opts.Concurrency, opts.AllowInsecureEndpoint)
	}
	return secretsmanager.Options{
		Region:       cfg.Region,
		BaseEndpoint: optional(cfg.Endpoint),
		EndpointOptions: secretsmanager.EndpointResolverOptions{
			UseFIPSEndpoint: cfg.fips(), UseDualStackEndpoint: cfg.dualStack(),
		},
		Credentials: newCredentials(cfg, opts, client),
		HTTPClient:  client,
		Retryer:     newRetryer(opts.MaxBackoff),
	}
}

func (o Options) callTimeout() time.Duration {
	if o.CallTimeout > 0 {
		return o.CallTimeout
	}
	return defaultCallTimeout
}

// quotaExceeded is on the SDK's list of throttling errors. For Secrets Manager
// it means that a quota is used up, which no waiting mends.
const quotaExceeded = "LimitExceededException"

func newRetryer(maxBackoff time.Duration) aws.RetryerV2 {
	throttles := []retry.IsErrorThrottle{retry.ThrottleErrorCode{Codes: throttleCodes()}}
	return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
		o.Throttles = throttles
		o.StandardOptions = append(o.StandardOptions, func(so *retry.StandardOptions) {
			so.MaxAttempts = maxAttempts
			if maxBackoff > 0 {
				so.MaxBackoff = maxBackoff
			}
			so.Throttles = throttles
			so.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(neverQuota)}, so.Retryables...)
		})
	})
}

func throttleCodes() map[string]struct{} {
	codes := maps.Clone(retry.DefaultThrottleErrorCodes)
	delete(codes, quotaExceeded)
	return codes
}

func neverQuota(err error) aws.Ternary {
	var apiErr smithy.APIError
	if errors.As(err, &apiErr) && apiErr.ErrorCode() == quotaExceeded {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
