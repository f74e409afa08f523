package awsapi

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/schemas"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/google/uuid"
)

const (
	contentType = "application/x-amz-json-1.1"
	userAgent   = "aws-secrets-manager-connector " + aws.SDKName + "/" + aws.SDKVersion
)

// caller calls operations with the SDK's parts: its endpoints, protocol,
// attempts and errors. The SDK's own client composes these anew for each call,
// from some thirty middlewares, which costs more than the work that they do
// (decision 15).
type caller struct {
	endpoint    url.URL
	credentials aws.CredentialsProvider
	transport   http.RoundTripper
	timeout     time.Duration

	protocol *awsjson.Protocol
	signer   *signer
	retryer  aws.RetryerV2
	attempts *retry.Attempt
	skew     *atomic.Int64          // of this host's clock, in ns, as the last answer showed it
	date     atomic.Pointer[string] // of that answer
}

func newCaller(cfg Config, opts Options) (*caller, error) {
	endpoint, err := resolveEndpoint(cfg)
	if err != nil {
		return nil, err
	}
	transport := opts.transport()
	c := &caller{
		endpoint:    endpoint,
		credentials: newCredentials(cfg, opts, direct{transport}),
		transport:   transport,
		timeout:     opts.callTimeout(),
		protocol:    awsjson.New11(schemas.Secretsmanager),
		signer:      newSigner(endpoint, cfg.Region),
		retryer:     newRetryer(opts.backoff),
		skew:        new(atomic.Int64),
	}
	c.attempts = retry.NewAttemptMiddleware(c.retryer, func(request any) any { return request },
		func(a *retry.Attempt) { a.ClientSkew = c.skew })
	return c, nil
}

func resolveEndpoint(cfg Config) (url.URL, error) {
	found, err := secretsmanager.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), secretsmanager.EndpointParameters{
		Region: &cfg.Region, Endpoint: optional(cfg.Endpoint), UseDualStack: new(bool), UseFIPS: new(bool),
	})
	if err != nil {
		return url.URL{}, fmt.Errorf("resolve the endpoint: %w", err)
	}
	if found.URI.Path == "" {
		found.URI.Path = "/"
	}
	return found.URI, nil
}

// call is one operation: its input, its output, and how far it has come.
type call struct {
	*caller

	operation *smithy.OperationSchema
	body      []byte
	hash      string // of body, hexadecimal SHA-256
	out       smithy.Deserializable
	skew      time.Duration // of the clock at the next attempt
	date      string        // of the answer that showed it; empty while it is an earlier call's
	failed    *failedAttempt
}

// failedAttempt is the first one, for the SDK's attempts to begin with.
type failedAttempt struct {
	metadata middleware.Metadata
	err      error
}

// invoke runs an operation. Its error is the last attempt's.
func invoke[Out smithy.Deserializable](
	ctx context.Context, c *caller, op, input, output *smithy.Schema, in smithy.Serializable, out Out,
) (Out, error) {
	bound := withTimeout(ctx, c.timeout)
	defer bound.stop()

	one := &call{
		caller: c, operation: smithy.NewOperationSchema(op, input, output), out: out,
		skew: time.Duration(c.skew.Load()),
	}
	if err := one.run(bound, in); err != nil {
		var none Out
		return none, err
	}
	return out, nil
}

// run makes the first attempt itself, which nearly always is the only one, and
// leaves it to the SDK what becomes of a failed one.
func (c *call) run(ctx context.Context, in smithy.Serializable) error {
	request := c.serialize(ctx, in)
	if err := ctx.Err(); err != nil {
		return err
	}
	release, err := c.retryer.GetAttemptToken(ctx)
	if err != nil {
		return fmt.Errorf("wait for the first attempt: %w", err)
	}
	request.Header["Amz-Sdk-Request"] = []string{c.firstAttempt(ctx)}
	metadata, err := c.attempt(ctx, request)
	switch {
	case err == nil:
		c.remember()
		return release(nil)
	case ctx.Err() != nil:
		return err
	}
	c.failed = &failedAttempt{metadata, err}
	_, _, err = c.attempts.HandleFinalize(ctx, middleware.FinalizeInput{Request: request}, c)
	return err
}

// remember keeps what the answers showed of the clock for the next call.
func (c *call) remember() {
	if c.date != "" {
		date := c.date // alone: a call holds secrets
		c.caller.skew.Store(int64(c.skew))
		c.caller.date.Store(&date)
	}
}

// firstAttempt is the header Amz-Sdk-Request as the SDK writes it.
func (c *call) firstAttempt(ctx context.Context) string {
	text := "attempt=1; max=" + strconv.Itoa(c.retryer.MaxAttempts())
	if deadline, ok := ctx.Deadline(); ok && c.skew > 0 {
		text += "; ttl=" + deadline.Add(c.skew).Format(signingTime)
	}
	return text
}

// serialize makes the request that all attempts send, each with a signature of
// its own.
func (c *call) serialize(ctx context.Context, in smithy.Serializable) *smithyhttp.Request {
	c.body = Encode(in)
	hash := sha256.Sum256(c.body)
	c.hash = hex.EncodeToString(hash[:])
	endpoint := c.endpoint
	request := http.Request{
		Method: http.MethodPost, URL: &endpoint, ContentLength: int64(len(c.body)),
		Header: http.Header{
			"Content-Type":          {contentType},
			"X-Amz-Target":          {"secretsmanager." + c.operation.ID().Name},
			"User-Agent":            {userAgent},
			"Amz-Sdk-Invocation-Id": {uuid.NewString()},
		},
	}
	return &smithyhttp.Request{Request: request.WithContext(ctx)}
}

// HandleFinalize is one attempt of the SDK's, the first of which is over.
func (c *call) HandleFinalize(ctx context.Context, in middleware.FinalizeInput) (middleware.FinalizeOutput, middleware.Metadata, error) {
	if first := c.failed; first != nil {
		c.failed = nil
		return middleware.FinalizeOutput{}, first.metadata, first.err
	}
	metadata, err := c.attempt(ctx, in.Request.(*smithyhttp.Request))
	return middleware.FinalizeOutput{}, metadata, err
}

func (c *call) attempt(ctx context.Context, request *smithyhttp.Request) (middleware.Metadata, error) {
	metadata, err := c.try(ctx, request)
	if err != nil {
		err = &sentError{err, credentialsOf(request)}
	}
	return metadata, err
}

func (c *call) try(ctx context.Context, request *smithyhttp.Request) (middleware.Metadata, error) {
	if err := c.sign(ctx, request); err != nil {
		return middleware.Metadata{}, err
	}
	response, err := c.send(ctx, request)
	metadata := c.timing(ctx, response, err)
	if err != nil {
		return metadata, err
	}
	defer func() { _ = response.Body.Close() }()
	if err := c.protocol.DeserializeResponse(ctx, c.operation, secretsmanager.TypeRegistry, response, c.out); err != nil {
		return metadata, &awshttp.ResponseError{
			ResponseError: &smithyhttp.ResponseError{Response: response, Err: err},
			RequestID:     cmp.Or(response.Header.Get("X-Amzn-Requestid"), response.Header.Get("X-Amz-Requestid")),
		}
	}
	_, _ = io.Copy(io.Discard, response.Body) // what an operation without output leaves
	return metadata, nil
}

func (c *call) sign(ctx context.Context, request *smithyhttp.Request) error {
	credentials, err := c.credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("get credentials: %w", err)
	}
	c.signer.sign(request.Request, credentials, c.hash, time.Now().Add(c.skew))
	return nil
}

// send sends the request of an attempt and returns the answer as it is.
func (c *call) send(ctx context.Context, request *smithyhttp.Request) (*smithyhttp.Response, error) {
	sent := request.Request
	if sent.Context() != ctx {
		sent = sent.WithContext(ctx)
	}
	sent.Body = io.NopCloser(bytes.NewReader(c.body))
	response, err := c.transport.RoundTrip(sent) //nolint:bodyclose // try closes it
	switch {
	case err == nil:
		return &smithyhttp.Response{Response: response}, nil
	case ctx.Err() != nil:
		return nil, &smithy.CanceledError{Err: ctx.Err()}
	}
	return nil, &smithyhttp.RequestSendError{Err: err}
}

// timing learns from an answer how wrong this host's clock is. Its date has
// whole seconds, so that a good answer of the same second has nothing new to say.
func (c *call) timing(ctx context.Context, response *smithyhttp.Response, failure error) middleware.Metadata {
	if failure == nil && response.StatusCode == http.StatusOK {
		last := c.caller.date.Load()
		if last != nil && *last == response.Header.Get("Date") {
			return middleware.Metadata{}
		}
	}
	_, metadata, _ := awsmiddleware.RecordResponseTiming{}.HandleDeserialize(ctx, middleware.DeserializeInput{}, answered{response, failure})
	if skew, ok := awsmiddleware.GetAttemptSkew(metadata); ok {
		c.skew, c.date = skew, response.Header.Get("Date")
	}
	return metadata
}

// answered is the end of a middleware stack: what became of a request.
type answered struct {
	response *smithyhttp.Response
	err      error
}

// HandleDeserialize implements middleware.DeserializeHandler.
func (a answered) HandleDeserialize(context.Context, middleware.DeserializeInput) (middleware.DeserializeOutput, middleware.Metadata, error) {
	if a.err != nil {
		return middleware.DeserializeOutput{}, middleware.Metadata{}, a.err
	}
	return middleware.DeserializeOutput{RawResponse: a.response}, middleware.Metadata{}, nil
}
