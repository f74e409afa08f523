// Package smclient is a client of AWS Secrets Manager that costs less than the
// SDK's own, and is made of the SDK's public parts: its endpoint rules, protocol,
// signer, attempts and errors.
//
// The SDK's client composes these anew for each call, from some thirty
// middlewares. This one composes them once, which saves half of a call's CPU
// time and memory (decision 15). What it leaves out:
//
//   - the check for members that are missing; AWS makes it as well,
//   - a ClientRequestToken where there is none,
//   - logging, tracing, metrics and interceptors,
//   - what the header User-Agent says of the platform, and options for a single call.
//
// It is stricter in one point: a response of success has AWS's request id and,
// where the operation has an output, a JSON object.
package smclient

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
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

// Client has the methods of *secretsmanager.Client, and is used from many
// goroutines as that is.
type Client struct {
	// Route returns the client for a call about a secret; nil means this one always.
	// It gets the SecretId of the input, or the first of SecretIdList, "" for none.
	Route func(secretID string) *Client

	endpoint    url.URL
	region      string
	credentials aws.CredentialsProvider
	http        aws.HTTPClient
	timeout     time.Duration

	protocol *awsjson.Protocol
	signer   *v4.Signer
	attempts *retry.Attempt
	skew     atomic.Int64 // of this host's clock, in ns, as the last response showed it
}

// New returns a client with Region, BaseEndpoint, EndpointOptions, Credentials,
// HTTPClient and Retryer of options, all but the endpoint's required; it looks at
// no other, and of EndpointOptions at FIPS and dual-stack. A call, with all its attempts and the pauses between them, may take as long as
// timeout.
func New(options secretsmanager.Options, timeout time.Duration) (*Client, error) {
	fips := options.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled
	dualStack := options.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled
	endpoint, err := secretsmanager.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), secretsmanager.EndpointParameters{
		Region: &options.Region, Endpoint: options.BaseEndpoint, UseDualStack: &dualStack, UseFIPS: &fips,
	})
	if err != nil {
		return nil, fmt.Errorf("resolve the endpoint: %w", err)
	}
	c := &Client{
		endpoint:    endpoint.URI,
		region:      options.Region,
		credentials: options.Credentials,
		http:        options.HTTPClient,
		timeout:     timeout,
		protocol:    awsjson.New11(schemas.Secretsmanager),
		signer:      v4.NewSigner(),
	}
	// Each attempt signs the request anew, and sends a copy: it needs no clone.
	c.attempts = retry.NewAttemptMiddleware(options.Retryer, func(request any) any { return request },
		func(a *retry.Attempt) { a.ClientSkew = &c.skew })
	return c, nil
}

// Error is what an operation failed with: the last attempt's error.
type Error struct {
	Endpoint url.URL // that was called
	Err      error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// call is one operation: what its attempts have in common.
type call struct {
	*Client

	operation *smithy.OperationSchema
	body      []byte
	bodyHash  string // hexadecimal SHA-256
	out       smithy.Deserializable
	raw       *bytes.Buffer // takes the response as it is, of an operation without schemas
	skew      time.Duration // of the clock, at the next attempt
}

// invoke runs an operation. The error is an *Error.
func invoke[Out smithy.Deserializable](
	ctx context.Context, client *Client, op, input, output *smithy.Schema, in smithy.Serializable, out Out,
) (none Out, err error) {
	if client.Route != nil {
		client = client.Route(secretID(in))
	}
	c := &call{Client: client, operation: smithy.NewOperationSchema(op, input, output), out: out}
	if err := c.run(ctx, in); err != nil {
		return none, err
	}
	return out, nil
}

// run makes the attempts. The error is an *Error.
func (c *call) run(ctx context.Context, in smithy.Serializable) (err error) {
	defer func() {
		if err != nil {
			err = &Error{c.endpoint, err}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	c.skew = time.Duration(c.Client.skew.Load())
	request, err := c.newRequest(ctx, in)
	if err != nil {
		return err
	}
	_, _, err = c.attempts.HandleFinalize(ctx, middleware.FinalizeInput{Request: request}, c)
	return err
}

// secretID finds out which secret an input is about.
func secretID(in smithy.Serializable) string {
	members := reflect.ValueOf(in).Elem()
	if id, ok := valueOf(members, "SecretId").(*string); ok {
		return aws.ToString(id)
	}
	if ids, ok := valueOf(members, "SecretIdList").([]string); ok && len(ids) > 0 {
		return ids[0]
	}
	return ""
}

func valueOf(members reflect.Value, name string) any {
	if member := members.FieldByName(name); member.IsValid() {
		return member.Interface()
	}
	return nil
}

// newRequest returns the request that all attempts send, each with a signature
// of its own.
func (c *call) newRequest(ctx context.Context, in smithy.Serializable) (*smithyhttp.Request, error) {
	request := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	*request.URL = c.endpoint
	request.Header["User-Agent"] = []string{userAgent}
	request.Header["Amz-Sdk-Invocation-Id"] = []string{uuid.NewString()}
	if err := c.protocol.SerializeRequest(ctx, c.operation, in, request); err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	if c.raw != nil {
		var err error
		if request, err = request.SetStream(bytes.NewReader(c.body)); err != nil {
			return nil, fmt.Errorf("set the request's body: %w", err)
		}
	}
	body, err := io.ReadAll(request.GetStream())
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	hash := sha256.Sum256(body)
	c.body, c.bodyHash = body, hex.EncodeToString(hash[:])
	return request, nil
}

// HandleFinalize is one attempt.
func (c *call) HandleFinalize(ctx context.Context, in middleware.FinalizeInput) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	request := in.Request.(*smithyhttp.Request)
	credentials, err := c.credentials.Retrieve(ctx)
	if err != nil {
		return out, metadata, fmt.Errorf("get credentials: %w", err)
	}
	err = c.signer.SignHTTP(ctx, credentials, request.Request, c.bodyHash, signingName, c.region, time.Now().Add(c.skew))
	if err != nil {
		return out, metadata, fmt.Errorf("sign the request: %w", err)
	}
	sent, metadata, err := awsmiddleware.RecordResponseTiming{}.HandleDeserialize(ctx, middleware.DeserializeInput{Request: request}, c)
	c.skew, _ = awsmiddleware.GetAttemptSkew(metadata)
	if err != nil {
		return out, metadata, err
	}
	return out, metadata, c.read(ctx, sent.RawResponse.(*smithyhttp.Response))
}

// HandleDeserialize sends the request of an attempt, as the last of the SDK's
// middlewares does.
func (c *call) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput) (
	out middleware.DeserializeOutput, metadata middleware.Metadata, err error,
) {
	request := in.Request.(*smithyhttp.Request).WithContext(ctx)
	request.Body = io.NopCloser(bytes.NewReader(c.body)) // net/http writes such a body along with the headers
	response, err := c.http.Do(request)                  //nolint:bodyclose // read closes it
	switch {
	case err == nil:
		out.RawResponse = &smithyhttp.Response{Response: response}
	case ctx.Err() != nil:
		err = &smithy.CanceledError{Err: ctx.Err()}
	default:
		err = &smithyhttp.RequestSendError{Err: err}
	}
	return out, metadata, err
}

// read reads a response to its end, so that its connection is free for another
// request.
func (c *call) read(ctx context.Context, response *smithyhttp.Response) error {
	body := &beginning{ReadCloser: response.Body}
	defer func() { _ = body.Close() }()
	response.Body = body
	if c.raw != nil {
		c.raw.Reset()
		body.copy = c.raw
	}
	requestID := cmp.Or(response.Header.Get("X-Amzn-Requestid"), response.Header.Get("X-Amz-Requestid"))
	err := c.protocol.DeserializeResponse(ctx, c.operation, secretsmanager.TypeRegistry, response, c.out)
	if err == nil {
		err = c.checkSuccess(requestID, body)
	}
	if err != nil {
		return &awshttp.ResponseError{
			ResponseError: &smithyhttp.ResponseError{Response: response, Err: err}, RequestID: requestID,
		}
	}
	return nil
}

// checkSuccess checks what the SDK does not, of a response that it could read.
func (c *call) checkSuccess(requestID string, body *beginning) error {
	_, err := io.Copy(io.Discard, body) // of an operation without output
	switch {
	case err != nil:
	case requestID == "":
		err = errors.New("the response has no request id")
	case (c.operation.Output != nil || c.raw != nil && body.first != 0) && body.first != '{':
		err = errors.New("the response is not a JSON object")
	default:
		return nil
	}
	return &smithy.DeserializationError{Err: err}
}

// beginning is a body that remembers its first byte which is not white space.
type beginning struct {
	io.ReadCloser

	first byte
	copy  *bytes.Buffer // gets all that is read, if there is one
}

// Read implements io.Reader.
func (b *beginning) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.copy != nil {
		b.copy.Write(p[:n])
	}
	if b.first == 0 {
		if text := bytes.TrimLeft(p[:n], " \t\r\n"); len(text) > 0 {
			b.first = text[0]
		}
	}
	return n, err
}
