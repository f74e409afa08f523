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
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
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
	signingName = "secretsmanager"
	userAgent   = "aws-secrets-manager-connector " + aws.SDKName + "/" + aws.SDKVersion
)

// caller calls operations with the SDK's parts: its endpoints, protocol,
// signature, attempts and errors. The SDK's own client composes these anew for
// each call, from some thirty middlewares, which costs more than the work that
// they do (decision 15).
type caller struct {
	endpoint    url.URL
	region      string
	credentials aws.CredentialsProvider
	transport   http.RoundTripper
	timeout     time.Duration

	protocol *awsjson.Protocol
	signer   *v4.Signer
	attempts *retry.Attempt
	skew     *atomic.Int64 // of this host's clock, in ns, as the last answer showed it
}

func newCaller(cfg Config, opts Options) (*caller, error) {
	endpoint, err := resolveEndpoint(cfg)
	if err != nil {
		return nil, err
	}
	transport := opts.transport()
	c := &caller{
		endpoint:    endpoint,
		region:      cfg.Region,
		credentials: newCredentials(cfg, opts, direct{transport}),
		transport:   transport,
		timeout:     opts.callTimeout(),
		protocol:    awsjson.New11(schemas.Secretsmanager),
		signer:      v4.NewSigner(),
		skew:        new(atomic.Int64),
	}
	c.attempts = retry.NewAttemptMiddleware(newRetryer(opts.backoff), func(request any) any { return request },
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
}

// invoke runs an operation. Its error is the last attempt's.
func invoke[Out smithy.Deserializable](
	ctx context.Context, c *caller, op, input, output *smithy.Schema, in smithy.Serializable, out Out,
) (Out, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	one := &call{
		caller: c, operation: smithy.NewOperationSchema(op, input, output), out: out,
		skew: time.Duration(c.skew.Load()),
	}
	request, err := one.serialize(ctx, in)
	if err == nil {
		_, _, err = c.attempts.HandleFinalize(ctx, middleware.FinalizeInput{Request: request}, one)
	}
	if err != nil {
		var none Out
		return none, err
	}
	return out, nil
}

// serialize makes the request that all attempts send, each with a signature of
// its own.
func (c *call) serialize(ctx context.Context, in smithy.Serializable) (*smithyhttp.Request, error) {
	endpoint := c.endpoint
	request := &smithyhttp.Request{Request: &http.Request{URL: &endpoint, Header: http.Header{
		"User-Agent":            {userAgent},
		"Amz-Sdk-Invocation-Id": {uuid.NewString()},
	}}}
	if err := c.protocol.SerializeRequest(ctx, c.operation, in, request); err != nil {
		return nil, fmt.Errorf("serialize the request: %w", err)
	}
	c.body = make([]byte, request.ContentLength)
	if _, err := io.ReadFull(request.GetStream(), c.body); err != nil {
		return nil, fmt.Errorf("serialize the request: %w", err)
	}
	hash := sha256.Sum256(c.body)
	c.hash = hex.EncodeToString(hash[:])
	return request, nil
}

// HandleFinalize is one attempt.
func (c *call) HandleFinalize(ctx context.Context, in middleware.FinalizeInput) (middleware.FinalizeOutput, middleware.Metadata, error) {
	request := in.Request.(*smithyhttp.Request)
	metadata, err := c.try(ctx, request)
	if err != nil {
		err = &sentError{err, credentialsOf(request)}
	}
	return middleware.FinalizeOutput{}, metadata, err
}

func (c *call) try(ctx context.Context, request *smithyhttp.Request) (middleware.Metadata, error) {
	if err := c.sign(ctx, request); err != nil {
		return middleware.Metadata{}, err
	}
	answer, metadata, err := awsmiddleware.RecordResponseTiming{}.HandleDeserialize(ctx, middleware.DeserializeInput{Request: request}, c)
	if err != nil {
		return metadata, err
	}
	if skew, ok := awsmiddleware.GetAttemptSkew(metadata); ok {
		c.skew = skew
	}
	response := answer.RawResponse.(*smithyhttp.Response)
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
	err = c.signer.SignHTTP(ctx, credentials, request.Request, c.hash, signingName, c.region, time.Now().Add(c.skew))
	if err != nil {
		return fmt.Errorf("sign the request: %w", err)
	}
	return nil
}

// HandleDeserialize sends the request of an attempt and returns the answer as
// it is.
func (c *call) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput) (middleware.DeserializeOutput, middleware.Metadata, error) {
	request := in.Request.(*smithyhttp.Request).WithContext(ctx)
	request.Body = io.NopCloser(bytes.NewReader(c.body))
	response, err := c.transport.RoundTrip(request) //nolint:bodyclose // try closes it
	switch {
	case err == nil:
		return middleware.DeserializeOutput{RawResponse: &smithyhttp.Response{Response: response}}, middleware.Metadata{}, nil
	case ctx.Err() != nil:
		err = &smithy.CanceledError{Err: ctx.Err()}
	default:
		err = &smithyhttp.RequestSendError{Err: err}
	}
	return middleware.DeserializeOutput{}, middleware.Metadata{}, err
}
