package smclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// outcome is what there is to know of a call that failed.
type outcome struct {
	attempts                                int
	apiError, code, message                 string
	status                                  int
	requestID                               string
	garbled, exhausted, cancelled, deadline bool
	text                                    string
}

// withoutClient takes away what the SDK's client puts around each error, and the
// response that it makes up where there is none.
var withoutClient = strings.NewReplacer("operation error Secrets Manager: GetSecretValue, ", "", "https response error StatusCode: 0, RequestID: , ", "")

func outcomeOf(err error, attempts int) outcome {
	o := outcome{
		attempts: attempts, cancelled: errors.Is(err, context.Canceled), deadline: errors.Is(err, context.DeadlineExceeded),
		text: withoutClient.Replace(err.Error()),
	}
	var apiError smithy.APIError
	if errors.As(err, &apiError) {
		o.apiError, o.code, o.message = reflect.TypeOf(apiError).String(), apiError.ErrorCode(), apiError.ErrorMessage()
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		o.status, o.requestID = response.HTTPStatusCode(), response.ServiceRequestID()
	}
	var garbled *smithy.DeserializationError
	o.garbled = errors.As(err, &garbled)
	var exhausted *retry.MaxAttemptsError
	o.exhausted = errors.As(err, &exhausted)
	return o
}

// responses respond to the attempts, which are counted from 1.
type responses func(attempt int, r *http.Request) (*http.Response, error)

// bothFail calls GetSecretValue with both clients.
func bothFail(t *testing.T, do responses) (theirs, ours outcome) {
	t.Helper()
	found := map[string]outcome{}
	synctest.Test(t, func(t *testing.T) {
		for _, name := range []string{"SDK", "ours"} {
			net := &fakeAWS{respond: do}
			_, err := clients(t, testOptions(net))[name].GetSecretValue(t.Context(), testInput)
			require.Error(t, err)
			found[name] = outcomeOf(err, len(net.seen()))
		}
	})
	return found["SDK"], found["ours"]
}

var testInput = &secretsmanager.GetSecretValueInput{SecretId: aws.String("s")}

func TestErrorResponsesAreTheSDKs(t *testing.T) {
	type test struct {
		name   string
		status int
		header http.Header
		body   string
	}
	tests := []test{
		{"unknown code", 400, nil, awsError(t, "NewException", "news")},
		{"code that is not in the model", 400, nil, awsError(t, "AccessDeniedException", "User: u is not authorized")},
		{"code with a namespace", 400, nil, awsError(t, "com.amazonaws.secretsmanager#ResourceNotFoundException", "gone")},
		{"code with more behind", 400, nil, awsError(t, "ResourceNotFoundException:http://x/", "gone")},
		{"code in the header", 400, http.Header{"X-Amzn-Errortype": {"ResourceNotFoundException"}}, `{"Message":"gone"}`},
		{"code in code", 400, nil, `{"code":"ResourceNotFoundException","message":"gone"}`},
		{"code of no text", 400, nil, `{"__type":7}`},
		{"other request id", 400, http.Header{"X-Amz-Requestid": {"req-2"}}, awsError(t, "ResourceNotFoundException", "gone")},
		{"throttled", 400, nil, awsError(t, "ThrottlingException", "Rate exceeded")},
		{"quota", 400, nil, awsError(t, "LimitExceededException", "too many")},
		{"signature", 400, nil, awsError(t, "InvalidSignatureException", "no match")},
		{"broken error", 400, nil, `{"__type":"ResourceNotFoundException","Message":"go`},
		{"members of other kinds", 400, nil, `{"__type":"ResourceNotFoundException","Message":{"a":[1]}}`},
		{"list", 400, nil, `[]`},
		{"null", 400, nil, `null`},
		{"broken output", 200, nil, `{"SecretString":"planted`},
		{"output of another kind", 200, nil, `{"SecretString":7}`},
		{"HTML output", 200, nil, `<html>planted</html>`},
	}
	for _, entry := range secretsmanager.TypeRegistry.Entries {
		if err, ok := entry.New().(smithy.APIError); ok {
			tests = append(tests, test{err.ErrorCode(), 400, nil, awsError(t, err.ErrorCode(), "the text")})
		}
	}
	require.Greater(t, len(tests), 25, "the model's errors are there")
	for _, status := range []int{101, 300, 301, 304, 307, 401, 403, 404, 407, 408, 413, 429, 500, 501, 502, 503, 504, 599} {
		for name, body := range map[string]string{"empty": "", "HTML": "<html>planted</html>", "AWS": awsError(t, "InternalServiceError", "oops")} {
			tests = append(tests, test{fmt.Sprint(status, " ", name), status, http.Header{"Location": {"https://elsewhere.example.com"}}, body})
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			header := http.Header{"X-Amzn-Requestid": {"req-1"}, "Date": {"Sat, 01 Jan 2000 00:00:00 GMT"}}
			if tt.header != nil {
				header = tt.header
			}
			theirs, ours := bothFail(t, func(int, *http.Request) (*http.Response, error) {
				return response(tt.status, header, strings.NewReader(tt.body))
			})
			assert.Equal(t, theirs, ours)
		})
	}
}

func TestFailedTransportsAreTheSDKs(t *testing.T) {
	fails := func(err error) responses {
		return func(int, *http.Request) (*http.Response, error) { return nil, err }
	}
	breaks := func(status int, body string) responses {
		return func(int, *http.Request) (*http.Response, error) {
			return response(status, nil, io.MultiReader(strings.NewReader(body), iotest.ErrReader(io.ErrUnexpectedEOF)))
		}
	}
	tests := []struct {
		name string
		do   responses
	}{
		{"no such host", fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "host.invalid", IsNotFound: true}})},
		{"no response of the name server", fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "timeout", IsTimeout: true}})},
		{"refused", fails(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})},
		{"reset", fails(&net.OpError{Op: "read", Err: syscall.ECONNRESET})},
		{"ended", fails(fmt.Errorf("read the response: %w", io.EOF))},
		{"URL", fails(&url.Error{Op: "Post", URL: "https://host", Err: io.ErrUnexpectedEOF})},
		{"anything", fails(errors.New("planted"))},
		{"output breaks off", breaks(http.StatusOK, `{"SecretString":"plant`)},
		{"output without end", breaks(http.StatusOK, `{}`)},
		{"error breaks off", breaks(http.StatusBadRequest, `{"__type":"Res`)},
		{"5xx breaks off", breaks(http.StatusServiceUnavailable, `{}`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			theirs, ours := bothFail(t, tt.do)
			assert.Equal(t, theirs, ours)
		})
	}
}

// sentHeaders are those of each request that tell attempts and time apart.
func sentHeaders(requests []*http.Request) []string {
	var sent []string
	for _, r := range requests {
		sent = append(sent, r.Header.Get("X-Amz-Date")+" "+r.Header.Get("Amz-Sdk-Request"))
	}
	return sent
}

func TestAttemptsAreTheSDKs(t *testing.T) {
	// The clock begins at midnight, and nothing takes time.
	at := func(d time.Duration) http.Header {
		return http.Header{"Date": {time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Format(http.TimeFormat)}, "X-Amzn-Requestid": {"req-1"}}
	}
	skewed := awsError(t, "InvalidSignatureException", "Signature expired")
	type reply struct {
		status int
		header http.Header
		body   string
	}
	const (
		right = "20000101T000000Z"
		hour  = "20000101T010000Z" // an hour later
		early = "19991231T230000Z"
		first = " attempt=1; max=3"
		again = " attempt=2; max=3"
		third = " attempt=3; max=3"
	)
	// Three calls, each of which ends with the first 200 or for good; then 200.
	tests := []struct {
		name      string
		responses []reply
		want      []string
	}{
		{"at once", nil, []string{right + first, right + first, right + first}},
		{"second attempt", []reply{{503, nil, ""}}, []string{right + first, right + again, right + first, right + first}},
		{"no attempt left", []reply{{503, nil, ""}, {500, nil, ""}, {502, nil, ""}}, []string{right + first, right + again, right + third, right + first, right + first}},
		{
			"clock is late", []reply{{400, at(time.Hour), skewed}, {200, at(time.Hour), `{}`}},
			[]string{right + first, hour + again + "; ttl=20000101T010030Z", hour + first + "; ttl=20000101T010030Z", right + first},
		},
		{
			"clock is early", []reply{{400, at(-time.Hour), skewed}, {200, at(-time.Hour), `{}`}, {200, at(-time.Hour), `{}`}},
			[]string{right + first, early + again, early + first, early + first},
		},
		{
			"signature is wrong anyway", []reply{{400, at(time.Hour), skewed}, {400, at(time.Hour), skewed}},
			[]string{right + first, hour + again + "; ttl=20000101T010030Z", hour + first + "; ttl=20000101T010030Z", right + first},
		},
		{"clock is right", []reply{{400, at(time.Minute), skewed}}, []string{right + first, "20000101T000100Z" + first + "; ttl=20000101T000130Z", right + first}},
		{"response from a cache", []reply{{400, http.Header{"Date": at(time.Hour)["Date"], "Age": {"1"}}, skewed}}, []string{right + first, right + first, right + first}},
		{"no date", []reply{{400, nil, skewed}}, []string{right + first, right + first, right + first}},
		{"no good date", []reply{{400, http.Header{"Date": {"today"}}, skewed}}, []string{right + first, right + first, right + first}},
		{
			"late, and not there", []reply{{503, at(time.Hour), ""}, {200, at(time.Hour), `{}`}},
			[]string{right + first, hour + again + "; ttl=20000101T010030Z", hour + first + "; ttl=20000101T010030Z", right + first},
		},
	}
	for _, tt := range tests {
		for _, name := range []string{"SDK", "ours"} {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					net := &fakeAWS{respond: func(attempt int, _ *http.Request) (*http.Response, error) {
						if attempt > len(tt.responses) {
							return response(http.StatusOK, at(0), strings.NewReader(`{}`))
						}
						r := tt.responses[attempt-1]
						return response(r.status, r.header, strings.NewReader(r.body))
					}}
					options := testOptions(net)
					client := clients(t, options)[name]
					perCall := map[string]int{}
					for range 3 {
						before := len(net.seen())
						_, _ = client.GetSecretValue(t.Context(), testInput)
						id := net.seen()[before].Header.Get("Amz-Sdk-Invocation-Id")
						for _, r := range net.seen()[before:] {
							assert.Equal(t, id, r.Header.Get("Amz-Sdk-Invocation-Id"), "one id for all attempts of a call")
							assertSigned(t, options, r)
							perCall[id]++
						}
					}
					assert.Len(t, perCall, 3)
					assert.Equal(t, tt.want, sentHeaders(net.seen()))
				})
			})
		}
	}
}

// slow responds to each attempt after d, unless the call ends before.
func slow(d time.Duration, status int) responses {
	return func(_ int, r *http.Request) (*http.Response, error) {
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(d):
			return response(status, nil, strings.NewReader(`{}`))
		}
	}
}

// hanging is a response whose body never ends by itself.
func hanging(_ int, r *http.Request) (*http.Response, error) {
	return response(http.StatusOK, nil, readFunc(func([]byte) (int, error) {
		<-r.Context().Done()
		return 0, r.Context().Err()
	}))
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestCallEndsInTime(t *testing.T) {
	tests := []struct {
		name     string
		do       responses
		backoff  time.Duration
		cancel   time.Duration // after which the caller gives up; 0: never
		attempts int
		took     time.Duration
	}{
		{"no response", slow(time.Hour, 200), 0, 0, 1, callTimeout},
		{"slow attempts", slow(12*time.Second, 503), 0, 0, 3, callTimeout},
		{"slow pauses", slow(time.Second, 503), 20 * time.Second, 0, 2, callTimeout},
		{"endless body", hanging, 0, 0, 1, callTimeout},
		{"cancelled before the response", slow(time.Hour, 200), 0, time.Second, 1, time.Second},
		{"cancelled at the second attempt", slow(2*time.Second, 503), 0, 3 * time.Second, 2, 3 * time.Second},
		{"cancelled in a pause", slow(time.Second, 503), time.Minute, 2 * time.Second, 1, 2 * time.Second},
		{"cancelled in the body", hanging, 0, time.Second, 1, time.Second},
	}
	for _, tt := range tests {
		var found []outcome
		for _, name := range []string{"SDK", "ours"} {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					net := &fakeAWS{respond: tt.do}
					options := testOptions(net)
					options.Retryer = retryAfter(tt.backoff)
					client := clients(t, options)[name]
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					if tt.cancel > 0 {
						time.AfterFunc(tt.cancel, cancel)
					}
					start := time.Now()
					_, err := client.GetSecretValue(ctx, testInput)
					require.Error(t, err)
					assert.Equal(t, tt.took, time.Since(start))
					o := outcomeOf(err, len(net.seen()))
					assert.Equal(t, tt.attempts, o.attempts)
					assert.Equal(t, tt.cancel > 0, o.cancelled)
					assert.Equal(t, tt.cancel == 0, o.deadline)
					o.status = 0 // the SDK's client makes a response up where there is none
					found = append(found, o)
				})
			})
		}
		require.Len(t, found, 2)
		assert.Len(t, slices.Compact(found), 1, tt.name)
	}
}

// tokens counts what a retryer hands out.
type tokens struct {
	aws.RetryerV2

	attempts, retries int
}

func (c *tokens) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	c.attempts++
	return c.RetryerV2.GetAttemptToken(ctx)
}

func (c *tokens) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	c.retries++
	return c.RetryerV2.GetRetryToken(ctx, err)
}

func TestEachAttemptTakesOneToken(t *testing.T) {
	for status, want := range map[int]tokens{200: {attempts: 1}, 400: {attempts: 1}, 503: {attempts: 3, retries: 2}} {
		counting := &tokens{RetryerV2: retryAfter(0).(aws.RetryerV2)}
		options := testOptions(always(status, `{}`))
		options.Retryer = counting
		client, err := New(options, callTimeout)
		require.NoError(t, err)
		_, _ = client.GetSecretValue(t.Context(), testInput)
		assert.Equal(t, want.attempts, counting.attempts, status)
		assert.Equal(t, want.retries, counting.retries, status)
	}
}
