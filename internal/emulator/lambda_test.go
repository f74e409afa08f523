package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

// function is a rotation function behind Lambda's API, written after the four
// steps in the user guide. It rotates through the emulator's endpoint.
type function struct {
	*environment
	invoked  sync.Mutex // one invocation at a time; one whose connection is lost may still be ending
	steps    []string   // that it was called for
	database string     // the password that is set there
	path     string     // of its last invocation
	// fail spoils a response; nil spoils none.
	fail func(step string, w http.ResponseWriter) bool
}

type rotationEvent struct{ Step, SecretId, ClientRequestToken, RotationToken string }

// newFunction returns a function and the environment that invokes it.
func newFunction(t *testing.T, tweaks ...func(*emulator.Options)) *function {
	t.Helper()
	f := &function{}
	lambda := httptest.NewServer(f)
	t.Cleanup(lambda.Close)
	f.environment = newEnvironment(t, append(tweaks, func(o *emulator.Options) {
		o.LambdaEndpoint = lambda.URL + o.LambdaEndpoint // a path, in one test
		require.NoError(t, o.Check())
	})...)
	return f
}

// ServeHTTP implements http.Handler.
func (f *function) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.invoked.Lock()
	defer f.invoked.Unlock()
	var e rotationEvent
	err := json.NewDecoder(r.Body).Decode(&e)
	f.path = r.Method + " " + r.URL.String()
	f.steps = append(f.steps, e.Step)
	if err == nil && e.RotationToken == "" {
		err = errors.New("no RotationToken")
	}
	if err == nil && (f.fail == nil || !f.fail(e.Step, w)) {
		err = f.step(context.WithoutCancel(r.Context()), e)
		fmt.Fprint(w, "null")
	}
	if err != nil {
		f.t.Error(e.Step, err)
	}
}

func (f *function) step(ctx context.Context, e rotationEvent) error {
	get := &secretsmanager.GetSecretValueInput{SecretId: &e.SecretId, VersionId: &e.ClientRequestToken, VersionStage: aws.String("AWSPENDING")}
	if e.Step == emulator.StepCreate {
		if _, err := f.GetSecretValue(ctx, get); err == nil {
			return nil // of an attempt before
		}
		_, err := f.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
			SecretId: &e.SecretId, ClientRequestToken: &e.ClientRequestToken, SecretString: aws.String("next"), VersionStages: []string{"AWSPENDING"},
		})
		return err
	}
	out, err := f.GetSecretValue(ctx, get)
	if err != nil {
		return err
	}
	switch e.Step {
	case emulator.StepSet:
		f.database = *out.SecretString
	case emulator.StepTest:
		if f.database != *out.SecretString {
			return errors.New("the database has another password")
		}
	case emulator.StepFinish:
		old, err := f.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &e.SecretId})
		if err != nil {
			return err
		}
		_, err = f.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
			SecretId: &e.SecretId, VersionStage: aws.String("AWSCURRENT"), MoveToVersionId: &e.ClientRequestToken, RemoveFromVersionId: old.VersionId,
		})
		return err
	}
	return nil
}

func once() []string { return []string{"createSecret", "setSecret", "testSecret", "finishSecret"} }

func TestRotationFunction(t *testing.T) {
	var log bytes.Buffer
	f := newFunction(t, func(o *emulator.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	_, first := f.create("a", "one")
	_, err := f.rotate(withToken(1))
	require.NoError(t, err)
	require.Equal(t, once(), f.steps)
	require.Equal(t, "POST /2015-03-31/functions/rotate/invocations", f.path)
	require.Equal(t, map[string][]string{first: {"AWSPREVIOUS"}, *token(1): {"AWSCURRENT", "AWSPENDING"}}, f.stages("a"))
	require.Equal(t, "next", f.text("a"))
	require.Equal(t, "next", f.database)
	require.Equal(t, f.clock.Now(), f.describe("a").LastRotatedDate.UTC())
	require.Contains(t, log.String(), `msg="rotation step" step=finishSecret secret=arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-`)
	require.NotContains(t, log.String(), "next")

	_, err = f.rotate(withToken(1))
	require.NoError(t, err)
	require.Equal(t, once(), f.steps, "the same request again")
}

// TestRotationFunctionFails lets one step fail in each way in which a function
// and its runtime do: the whole rotation is tried again.
func TestRotationFunctionFails(t *testing.T) {
	for name, spoil := range map[string]func(http.ResponseWriter){
		"raises an error": func(w http.ResponseWriter) {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			fmt.Fprint(w, `"hush"`)
		},
		"raises an error in the runtime emulator": func(w http.ResponseWriter) {
			fmt.Fprint(w, `{"errorMessage":"hush","errorType":"ValueError","stackTrace":[]}`)
		},
		"takes too long in the runtime emulator": func(w http.ResponseWriter) { fmt.Fprint(w, "Task timed out after 3.00 seconds") },
		"ends":                                   func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) },
		"loses the connection":                   func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			for i, step := range once() {
				var log bytes.Buffer
				f := newFunction(t, func(o *emulator.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
				failures := 1
				f.fail = func(s string, w http.ResponseWriter) bool {
					if s != step || failures == 0 {
						return false
					}
					failures--
					spoil(w)
					return true
				}
				f.create("a", "one")
				_, err := f.rotate(withToken(1))
				require.NoError(t, err)
				require.Equal(t, append(once()[:i+1], once()...), f.steps)
				require.Equal(t, "next", f.text("a"))
				require.NotContains(t, log.String(), "hush")
			}
		})
	}
}

func TestRotationFunctionFailsForGood(t *testing.T) {
	f := newFunction(t)
	broken := true
	f.fail = func(step string, w http.ResponseWriter) bool {
		if broken && step == emulator.StepSet {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}
		return false
	}
	_, first := f.create("a", "one")
	_, err := f.rotate(withToken(1))
	require.NoError(t, err, "rotation is asynchronous: its failure is not the call's")
	require.Equal(t, strings.Repeat("createSecret setSecret ", 3), strings.Join(f.steps, " ")+" ")
	require.Equal(t, map[string][]string{first: {"AWSCURRENT"}, *token(1): {"AWSPENDING"}}, f.stages("a"))
	require.Nil(t, f.describe("a").LastRotatedDate)

	broken, f.steps = false, nil
	_, err = f.rotate(withToken(2))
	requireCode(t, err, "InvalidRequestException", "A previous rotation isn't complete. That rotation will be reattempted.")
	require.Equal(t, once(), f.steps, "it is reattempted")
	require.Equal(t, map[string][]string{first: {"AWSPREVIOUS"}, *token(1): {"AWSCURRENT", "AWSPENDING"}}, f.stages("a"))
	_, err = f.rotate(withToken(2))
	require.NoError(t, err)
}

// TestRotationIsAbandoned: what CancelRotateSecret ends is not tried again.
func TestRotationIsAbandoned(t *testing.T) {
	f := newFunction(t)
	f.fail = func(_ string, w http.ResponseWriter) bool {
		w.WriteHeader(http.StatusInternalServerError)
		_, err := f.CancelRotateSecret(t.Context(), &secretsmanager.CancelRotateSecretInput{SecretId: aws.String("a")})
		return err == nil
	}
	f.create("a", "one")
	_, err := f.rotate()
	require.NoError(t, err)
	require.Equal(t, []string{"createSecret"}, f.steps)
	_, err = f.rotate()
	requireCode(t, err, "InvalidRequestException")
	require.Equal(t, []string{"createSecret"}, f.steps)
}

func TestRotationFunctionIsTested(t *testing.T) {
	f := newFunction(t)
	f.fail = func(_ string, w http.ResponseWriter) bool {
		w.WriteHeader(http.StatusInternalServerError)
		return true
	}
	_, first := f.create("a", "one")
	_, err := f.rotate(func(in *secretsmanager.RotateSecretInput) { in.RotateImmediately = aws.Bool(false) })
	require.NoError(t, err)
	require.Equal(t, []string{"testSecret"}, f.steps)
	require.Equal(t, []string{first}, f.versions("a", true))
}

// TestRotationFunctionIsMissing: then nothing is configured.
func TestRotationFunctionIsMissing(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, tweak := range map[string]func(*secretsmanager.RotateSecretInput){
		"to be run":    func(*secretsmanager.RotateSecretInput) {},
		"to be tested": func(in *secretsmanager.RotateSecretInput) { in.RotateImmediately = aws.Bool(false) },
	} {
		t.Run(name, func(t *testing.T) {
			unknown := newFunction(t)
			unknown.fail = func(_ string, w http.ResponseWriter) bool {
				w.WriteHeader(http.StatusNotFound)
				return true
			}
			away := newEnvironment(t, func(o *emulator.Options) { o.LambdaEndpoint = gone.URL })
			for _, w := range []*environment{unknown.environment, away} {
				_, first := w.create("a", "one")
				before := w.describe("a")
				w.clock.Advance(days)
				_, err := w.rotate(tweak)
				requireCode(t, err, "AccessDeniedException", "Secrets Manager cannot invoke the specified Lambda function.")
				after := w.describe("a")
				after.ResultMetadata = before.ResultMetadata
				require.Equal(t, before, after)
				require.Equal(t, []string{first}, w.versions("a", true))
			}
			require.Len(t, unknown.steps, 1)
		})
	}
}

func TestRotationFunctionsAreNamed(t *testing.T) {
	for _, tt := range []struct{ endpoint, function, want string }{
		{"", lambda, "/2015-03-31/functions/rotate/invocations"},
		{"/", lambda + ":live", "/2015-03-31/functions/rotate/invocations?Qualifier=live"},
		{"", "rotate/me?", "/2015-03-31/functions/rotate%2Fme%3F/invocations"},
		{"/2015-03-31/functions/function/invocations", lambda, "/2015-03-31/functions/function/invocations"},
	} {
		t.Run(tt.endpoint+" "+tt.function, func(t *testing.T) {
			f := newFunction(t, func(o *emulator.Options) { o.LambdaEndpoint = tt.endpoint })
			f.create("a", "one")
			_, err := f.rotate(func(in *secretsmanager.RotateSecretInput) { in.RotationLambdaARN = &tt.function })
			require.NoError(t, err)
			require.Equal(t, "POST "+tt.want, f.path)
		})
	}
	for _, endpoint := range []string{"127.0.0.1:9001", "ftp://lambda", "http://", "http://%zz"} {
		require.ErrorContains(t, emulator.Options{LambdaEndpoint: endpoint}.Check(), "lambda-endpoint must be")
	}
}
