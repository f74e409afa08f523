package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"aws-secrets-manager-connector/internal/rawjson"
)

const (
	maxStepTime     = 15 * time.Minute // that Lambda lets a function run
	maxStepResponse = 6 << 20          // bytes

	// maxRotationAttempts is our choice: a rotation is retried "multiple times"
	// (Rotation by Lambda function, in the user guide).
	maxRotationAttempts = 3
)

// lambdas invokes the functions of rotations.
type lambdas struct {
	endpoint *url.URL
	client   *http.Client
	now      func() time.Time
	log      *slog.Logger
}

// newLambdas invokes at an endpoint that Options.Check has passed.
func newLambdas(endpoint string, now func() time.Time, log *slog.Logger) *lambdas {
	u, _ := url.Parse(endpoint)
	// No proxy is asked, and no connection outlives its call.
	return &lambdas{u, &http.Client{Timeout: maxStepTime, Transport: &http.Transport{DisableKeepAlives: true}}, now, log}
}

func checkLambdaEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("lambda-endpoint must be an http or https URL, such as http://127.0.0.1:9001")
	}
	return nil
}

// errNotInvocable: there is no such function, or it may not be invoked.
var errNotInvocable = errors.New("the function cannot be invoked")

// stepEvent is what a rotation function gets.
type stepEvent struct{ Step, SecretId, ClientRequestToken, RotationToken string }

// rotate is a RotateFunc. A managed rotation, without a function, is built in.
func (l *lambdas) rotate(ctx context.Context, s RotationStep, builtIn func() error) error {
	if s.Lambda == "" {
		return builtIn()
	}
	start := l.now()
	status, err := l.invoke(ctx, s)
	failure := ""
	if err != nil {
		failure = err.Error()
	}
	l.log.LogAttrs(ctx, slog.LevelInfo, "rotation step",
		slog.String("step", s.Step), slog.String("secret", s.SecretID), slog.Int("status", status),
		slog.String("error", failure), slog.Duration("duration", l.now().Sub(start)))
	return err
}

// invoke calls the function by Lambda's API and waits for its end. Its errors
// show nothing of what the function returned, which may hold a secret.
func (l *lambdas) invoke(ctx context.Context, s RotationStep) (status int, err error) {
	event, err := rawjson.Marshal(stepEvent{s.Step, s.SecretID, s.Token, uuid.NewString()})
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.invocations(s.Lambda), bytes.NewReader(event))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Amz-Invocation-Type", "RequestResponse")
	response, err := l.client.Do(request)
	if err != nil {
		return 0, withoutURL(err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxStepResponse))
	switch {
	case err != nil:
		return response.StatusCode, errors.New("its response breaks off")
	case response.StatusCode == http.StatusNotFound, response.StatusCode == http.StatusForbidden:
		return response.StatusCode, errNotInvocable
	case response.StatusCode != http.StatusOK, response.Header.Get("X-Amz-Function-Error") != "", failed(body):
		return response.StatusCode, errors.New("the function failed")
	}
	return response.StatusCode, nil
}

// withoutURL keeps the reason, for a URL may hold a password.
func withoutURL(err error) error {
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return fmt.Errorf("%w: %w", errNotInvocable, dial)
	}
	return fmt.Errorf("no response: %w", errors.Unwrap(err))
}

// failed recognizes the responses by which the runtime interface emulator, which
// sets no header, tells that a function raised an error or took too long.
func failed(response []byte) bool {
	var thrown struct {
		Message *string `json:"errorMessage"`
		Type    *string `json:"errorType"`
	}
	return bytes.HasPrefix(response, []byte("Task timed out after ")) ||
		json.Unmarshal(response, &thrown) == nil && (thrown.Message != nil || thrown.Type != nil)
}

// invocations is the URL at which the function, an ARN or a name, is invoked:
// the endpoint's own path where it has one.
func (l *lambdas) invocations(function string) string {
	if strings.Trim(l.endpoint.Path, "/") != "" {
		return l.endpoint.String()
	}
	name, qualifier := function, ""
	if p := strings.Split(function, ":"); len(p) > 6 && p[5] == "function" {
		name = p[6]
		if len(p) > 7 {
			qualifier = p[7]
		}
	}
	u := l.endpoint.JoinPath("2015-03-31", "functions", url.PathEscape(name), "invocations")
	if qualifier != "" {
		u.RawQuery = url.Values{"Qualifier": {qualifier}}.Encode()
	}
	return u.String()
}
