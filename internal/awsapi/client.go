package awsapi

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

const (
	maxAttempts        = 3
	defaultCallTimeout = 30 * time.Second
)

// Options are the operator's settings. The zero value is the safe one.
type Options struct {
	// AllowAmbient lets a step without keys use those of the container's host:
	// environment, shared files, web identity, instance role.
	AllowAmbient bool
	// AllowInsecureEndpoint accepts plain http to hosts other than this one.
	AllowInsecureEndpoint bool
	// Transport carries the requests; nil makes a new one for each client.
	Transport http.RoundTripper
	// CallTimeout bounds one operation with all its attempts; 0 means 30 s.
	CallTimeout time.Duration

	// backoff is the wait between two attempts; nil means the SDK's.
	backoff retry.BackoffDelayer
}

// New returns a client for cfg, or a *component.Error that names each field
// that is wrong. It reaches out to no network, and to the host's environment
// and files only with opts.AllowAmbient and without keys in cfg.
func New(cfg Config, opts Options) (API, error) {
	cfg = cfg.trimmed()
	if err := cfg.validate(opts); err != nil {
		return nil, err
	}
	return newCaller(cfg, opts)
}

// bound ends an operation that takes too long, attempts and pauses included.
func (o Options) bound(stack *middleware.Stack) error {
	timeout := o.callTimeout()
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("CallTimeout",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
			middleware.InitializeOutput, middleware.Metadata, error,
		) {
			ctx, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
}

func (o Options) callTimeout() time.Duration {
	if o.CallTimeout > 0 {
		return o.CallTimeout
	}
	return defaultCallTimeout
}

// direct sends each request as it is. What http.Client would add is cookies,
// which AWS has none of, and redirects, which would carry a signed request, and
// the secret in it, to a host that nobody chose.
type direct struct{ http.RoundTripper }

// Do implements aws.HTTPClient.
func (d direct) Do(r *http.Request) (*http.Response, error) { return d.RoundTrip(r) }

func (o Options) transport() http.RoundTripper {
	if o.Transport != nil {
		return o.Transport
	}
	return newTransport()
}

// quotaExceeded is on the SDK's list of throttling errors. For Secrets Manager
// it means that a quota is used up, which no waiting mends.
const quotaExceeded = "LimitExceededException"

func newRetryer(backoff retry.BackoffDelayer) aws.RetryerV2 {
	throttles := []retry.IsErrorThrottle{retry.ThrottleErrorCode{Codes: throttleCodes()}}
	return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
		o.Throttles = throttles
		o.StandardOptions = append(o.StandardOptions, func(so *retry.StandardOptions) {
			so.MaxAttempts = maxAttempts
			so.Backoff = backoff
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
