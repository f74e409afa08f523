package smclient

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testKeyID   = "AKIAPLANTEDKEYID0001"
	testSecret  = "planted/secretAccessKey/qwertzuiop+asdfgh"
	testToken   = "planted-session-token-yxcvbnm-asdfghjklqwertz"
	callTimeout = 30 * time.Second
)

func testOptions(client aws.HTTPClient) secretsmanager.Options {
	return secretsmanager.Options{
		Region: "eu-central-1", HTTPClient: client, Retryer: retryAfter(0),
		Credentials: credentials.NewStaticCredentialsProvider(testKeyID, testSecret, testToken),
	}
}

// retryAfter is a retryer with that pause between two attempts.
func retryAfter(pause time.Duration) aws.Retryer {
	return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
		o.StandardOptions = append(o.StandardOptions, func(so *retry.StandardOptions) {
			so.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return pause, nil })
		})
	})
}

// getter stands for both clients where one operation is enough.
type getter interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// clients are the SDK's client and ours. The SDK's gets the call's timeout by a middleware.
func clients(t testing.TB, options secretsmanager.Options) map[string]getter {
	t.Helper()
	ours, err := New(options, callTimeout)
	require.NoError(t, err)
	options.APIOptions = append(options.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("CallTimeout",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
				middleware.InitializeOutput, middleware.Metadata, error,
			) {
				ctx, cancel := context.WithTimeout(ctx, callTimeout)
				defer cancel()
				return next.HandleInitialize(ctx, in)
			}), middleware.Before)
	})
	return map[string]getter{"SDK": secretsmanager.New(options), "ours": ours}
}

// fakeAWS responds in the place of the network and remembers the requests.
type fakeAWS struct {
	respond func(attempt int, r *http.Request) (*http.Response, error)

	mu       sync.Mutex
	requests []*http.Request
}

// Do implements aws.HTTPClient.
func (f *fakeAWS) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	recorded := r.Clone(r.Context())
	recorded.Body = io.NopCloser(strings.NewReader(string(body)))
	f.mu.Lock()
	f.requests = append(f.requests, recorded)
	attempt := len(f.requests)
	f.mu.Unlock()
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	return f.respond(attempt, r)
}

func (f *fakeAWS) seen() []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*http.Request(nil), f.requests...)
}

var requestID = http.Header{"X-Amzn-Requestid": {"req-1"}}

func always(status int, body string) *fakeAWS {
	return &fakeAWS{respond: func(int, *http.Request) (*http.Response, error) {
		return response(status, requestID, strings.NewReader(body))
	}}
}

func response(status int, header http.Header, body io.Reader) (*http.Response, error) {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: status, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: io.NopCloser(body), ContentLength: -1,
	}, nil
}

func awsError(t *testing.T, code, message string) string {
	t.Helper()
	b, err := json.Marshal(map[string]string{"__type": code, "message": message})
	require.NoError(t, err)
	return string(b)
}

func bodyOf(t *testing.T, r *http.Request) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(b)
}
