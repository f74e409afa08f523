package emulator_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

func (w *environment) get(ctx context.Context) error {
	_, err := w.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("a")})
	return err
}

func TestFaults(t *testing.T) {
	tests := []struct {
		kind   string
		code   string
		status int
	}{
		{emulator.Throttle, "ThrottlingException", 400},
		{emulator.ServerError, "InternalServiceError", 500},
		{emulator.Unavailable, "ServiceUnavailable", 503},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			w := newEnvironment(t)
			w.create("a", "one")
			require.NoError(t, w.emulator.Inject(emulator.Fault{Kind: tt.kind, Operation: "GetSecretValue", Times: 2}))
			w.describe("a")
			for range 2 {
				err := w.get(t.Context())
				requireCode(t, err, tt.code)
				var resp *awshttp.ResponseError
				require.ErrorAs(t, err, &resp)
				require.Equal(t, tt.status, resp.HTTPStatusCode())
				require.NotEmpty(t, resp.ServiceRequestID())
			}
			require.NoError(t, w.get(t.Context()))
			require.Equal(t, 3, w.emulator.Calls()["GetSecretValue"])
		})
	}
}

func TestFaultsQueue(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "one")
	for _, f := range []emulator.Fault{
		{Kind: emulator.Throttle, Operation: "GetSecretValue", Times: 1},
		{Kind: emulator.ServerError, Times: 1},
		{Kind: emulator.Unavailable},
	} {
		require.NoError(t, w.emulator.Inject(f))
	}
	requireCode(t, w.get(t.Context()), "ThrottlingException")
	requireCode(t, w.get(t.Context()), "InternalServiceError")
	for range 3 {
		requireCode(t, w.get(t.Context()), "ServiceUnavailable")
	}
	require.NoError(t, w.emulator.Reset())
	requireCode(t, w.get(t.Context()), "ResourceNotFoundException")
}

func TestFaultsAreRetriedBySDKs(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "one")
	for _, kind := range []string{emulator.Throttle, emulator.ServerError, emulator.ResetConn} {
		require.NoError(t, w.emulator.Inject(emulator.Fault{Kind: kind, Times: 1}))
	}
	c := w.client("eu-central-1", func(o *secretsmanager.Options) {
		o.RetryMaxAttempts = 4
		o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
			s.MaxAttempts = 4
			s.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	})
	_, err := c.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("a")})
	require.NoError(t, err)
	require.Equal(t, 4, w.emulator.Calls()["GetSecretValue"])
}

func TestResetConnection(t *testing.T) {
	w := newEnvironment(t)
	require.NoError(t, w.emulator.Inject(emulator.Fault{Kind: emulator.ResetConn, Times: 1}))
	in := &secretsmanager.CreateSecretInput{Name: aws.String("a"), SecretString: aws.String("one"), ClientRequestToken: token(1)}
	_, err := w.CreateSecret(t.Context(), in)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	requireCode(t, w.get(t.Context()), "ResourceNotFoundException")

	require.NoError(t, w.emulator.Inject(emulator.Fault{Kind: emulator.LoseResponse, Times: 1}))
	_, err = w.CreateSecret(t.Context(), in)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.NoError(t, w.get(t.Context()), "the answer was lost, not the secret")
	_, err = w.CreateSecret(t.Context(), in)
	require.NoError(t, err, "the token makes the second try the same request")
	require.Len(t, w.stages("a"), 1)
}

func TestSlow(t *testing.T) {
	t.Run("waits", func(t *testing.T) {
		slept := make(chan time.Duration, 2)
		w := newEnvironment(t, func(o *emulator.Options) {
			o.Sleep = func(_ context.Context, d time.Duration) error {
				slept <- d
				return nil
			}
		})
		w.create("a", "one")
		require.NoError(t, w.emulator.Inject(emulator.Fault{Kind: emulator.Slow, Delay: 30 * time.Second, Times: 1}))
		require.NoError(t, w.get(t.Context()))
		require.NoError(t, w.get(t.Context()))
		require.Equal(t, 30*time.Second, <-slept)
		require.Empty(t, slept, "once")
	})
	t.Run("ends when the client gives up", func(t *testing.T) {
		asleep, awake := make(chan struct{}), make(chan error, 1)
		w := newEnvironment(t, func(o *emulator.Options) {
			o.Sleep = func(ctx context.Context, _ time.Duration) error {
				close(asleep)
				<-ctx.Done()
				awake <- ctx.Err()
				return ctx.Err()
			}
		})
		require.NoError(t, w.emulator.Inject(emulator.Fault{Kind: emulator.Slow, Delay: time.Minute, Times: 1}))
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-asleep
			cancel()
		}()
		require.ErrorIs(t, w.get(ctx), context.Canceled)
		require.ErrorIs(t, <-awake, context.Canceled)
	})
	t.Run("by the built-in timer", func(t *testing.T) {
		w := newEnvironment(t)
		w.create("a", "one")
		require.NoError(t, w.emulator.Inject(emulator.Fault{Kind: emulator.Slow, Delay: time.Millisecond, Times: 1}))
		require.NoError(t, w.get(t.Context()))
	})
}

func TestFaultsOfAssumeRole(t *testing.T) {
	w := newEnvironment(t)
	c := sts.New(sts.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(w.server.URL), HTTPClient: whole{w.server.Client()},
		Credentials: staticKeys("AKIDTEST", "test", ""), RetryMaxAttempts: 1,
	})
	in := &sts.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("flow")}
	for kind, code := range map[string]string{emulator.Throttle: "Throttling", emulator.ServerError: "InternalServiceError"} {
		require.NoError(t, w.emulator.Inject(emulator.Fault{Kind: kind, Operation: "AssumeRole", Times: 1}))
		_, err := c.AssumeRole(t.Context(), in)
		requireCode(t, err, code)
	}
}

func TestInjectRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		fault emulator.Fault
		text  string
	}{
		"kind":             {emulator.Fault{Kind: "rain"}, `kind of fault is "rain"`},
		"operation":        {emulator.Fault{Kind: emulator.Throttle, Operation: "GetSecret"}, `operation of fault is "GetSecret"`},
		"times":            {emulator.Fault{Kind: emulator.Throttle, Times: -1}, "times of fault is -1"},
		"no delay":         {emulator.Fault{Kind: emulator.Slow}, "delay of fault is 0s"},
		"delay":            {emulator.Fault{Kind: emulator.Slow, Delay: time.Hour}, "at most 1m0s"},
		"delayed throttle": {emulator.Fault{Kind: emulator.Throttle, Delay: time.Second}, "only a slow fault"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, emulator.New(emulator.Options{}).Inject(tt.fault), tt.text)
		})
	}
}

func (w *environment) control(method, path, body string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+"/_emulator/"+path, strings.NewReader(body))
	require.NoError(w.t, err)
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := w.server.Client().Do(req)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return resp.StatusCode, string(bytes.TrimSpace(b))
}

func TestControlOverHTTP(t *testing.T) {
	slept := make(chan time.Duration, 1)
	w := newEnvironment(t, func(o *emulator.Options) {
		o.Sleep = func(_ context.Context, d time.Duration) error {
			slept <- d
			return errors.New("woken up")
		}
	})
	w.create("a", "one")
	status, _ := w.control("POST", "faults", `{"kind":"throttle","operation":"GetSecretValue","times":1}`)
	require.Equal(t, http.StatusNoContent, status)
	requireCode(t, w.get(t.Context()), "ThrottlingException")
	require.NoError(t, w.get(t.Context()))

	_, body := w.control("GET", "calls", "")
	require.JSONEq(t, `{"calls":{"CreateSecret":1,"GetSecretValue":2}}`, body)
	status, _ = w.control("POST", "faults", `{"kind":"slow","delayMs":1500,"times":1}`)
	require.Equal(t, http.StatusNoContent, status)
	require.Error(t, w.get(t.Context()))
	require.Equal(t, 1500*time.Millisecond, <-slept)

	for name, tt := range map[string]struct{ method, path, body, text string }{
		"unknown kind":   {"POST", "faults", `{"kind":"rain"}`, "kind of fault"},
		"unknown member": {"POST", "faults", `{"kind":"reset","for":1}`, "unknown field"},
		"no JSON":        {"POST", "faults", `x`, "JSON object"},
		"long delay":     {"POST", "faults", `{"kind":"slow","delayMs":9223372036854775807}`, "delayMs"},
		"unknown path":   {"GET", "secrets", ``, "POST faults"},
		"wrong method":   {"GET", "reset", ``, "POST reset"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := w.control(tt.method, tt.path, tt.body)
			require.GreaterOrEqual(t, status, 400)
			require.Contains(t, body, tt.text)
		})
	}
	status, _ = w.control("POST", "reset", "")
	require.Equal(t, http.StatusNoContent, status)
	_, body = w.control("GET", "calls", "")
	require.JSONEq(t, `{"calls":{}}`, body)
	require.Empty(t, w.names(&secretsmanager.ListSecretsInput{}))
}
