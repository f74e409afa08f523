package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"aws-secrets-manager-connector/internal/apimodel"
	"aws-secrets-manager-connector/internal/emulator"
)

const account = "123456789012"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2025, 3, 14, 15, 9, 26, 535e6, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

const days = 24 * time.Hour

// random is deterministic randomness.
func random(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

// environment is an emulator on a port, with a clock and a client for it.
type environment struct {
	*secretsmanager.Client
	t        *testing.T
	emulator *emulator.Emulator
	clock    *clock
	server   *httptest.Server
}

// newEnvironment starts an emulator; the options' clock and randomness are set.
// Every answer to its clients is held against the API's model.
func newEnvironment(t *testing.T, tweaks ...func(*emulator.Options)) *environment {
	t.Helper()
	w := &environment{t: t, clock: newClock()}
	o := emulator.Options{Clock: w.clock.Now, Random: random(1)}
	for _, tweak := range tweaks {
		tweak(&o)
	}
	w.emulator = emulator.New(o)
	w.server = httptest.NewServer(modelChecked(t, w.emulator))
	t.Cleanup(w.server.Close)
	w.Client = w.client("eu-central-1")
	return w
}

func staticKeys(id, secret, token string) aws.CredentialsProviderFunc {
	return func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: token}, nil
	}
}

// whole reads a request's body before it sends it. The SDK closes the body as
// soon as the answer's headers are there; when net/http has not asked for its
// end by then, it takes the request for failed and cuts the answer off.
type whole struct{ *http.Client }

// Do implements aws.HTTPClient.
func (c whole) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return c.Client.Do(r)
}

// client returns an SDK client for a Region that tries each call once.
func (w *environment) client(region string, tweaks ...func(*secretsmanager.Options)) *secretsmanager.Client {
	return secretsmanager.New(secretsmanager.Options{
		Region:           region,
		BaseEndpoint:     aws.String(w.server.URL),
		Credentials:      staticKeys("AKIDTEST", "test", ""),
		HTTPClient:       whole{w.server.Client()},
		RetryMaxAttempts: 1,
	}, tweaks...)
}

// create makes a secret with a text value and returns its ARN and version.
func (w *environment) create(name, text string) (arn, version string) {
	w.t.Helper()
	in := &secretsmanager.CreateSecretInput{Name: &name}
	if text != "" {
		in.SecretString = &text
	}
	out, err := w.CreateSecret(w.t.Context(), in)
	require.NoError(w.t, err)
	return *out.ARN, aws.ToString(out.VersionId)
}

// put adds a version; without stages it becomes AWSCURRENT.
func (w *environment) put(name, text string, stages ...string) (version string) {
	w.t.Helper()
	out, err := w.PutSecretValue(w.t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: &name, SecretString: &text, VersionStages: stages,
	})
	require.NoError(w.t, err)
	return *out.VersionId
}

func (w *environment) describe(id string) *secretsmanager.DescribeSecretOutput {
	w.t.Helper()
	out, err := w.DescribeSecret(w.t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &id})
	require.NoError(w.t, err)
	return out
}

// stages are the labels by version.
func (w *environment) stages(id string) map[string][]string { return w.describe(id).VersionIdsToStages }

// text reads AWSCURRENT.
func (w *environment) text(id string) string {
	w.t.Helper()
	out, err := w.GetSecretValue(w.t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
	require.NoError(w.t, err)
	return aws.ToString(out.SecretString)
}

// raw sends a signed request with any body and returns status and body.
func (w *environment) raw(operation, body string) (int, map[string]any) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.server.URL, strings.NewReader(body))
	require.NoError(w.t, err)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "secretsmanager."+operation)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDTEST/20250314/eu-central-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=00")
	return w.do(req)
}

func (w *environment) do(req *http.Request) (int, map[string]any) {
	w.t.Helper()
	resp, err := w.server.Client().Do(req)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		out = nil
	}
	return resp.StatusCode, out
}

// requireCode wants an API error of that code, with each text in its message.
func requireCode(t *testing.T, err error, code string, texts ...string) {
	t.Helper()
	require.Error(t, err)
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, code, api.ErrorCode(), api.ErrorMessage())
	for _, text := range texts {
		require.Contains(t, api.ErrorMessage(), text)
	}
}

// token returns a valid request token, the same for the same n.
func token(n int) *string { return aws.String(fmt.Sprintf("00000000-0000-4000-8000-%012d", n)) }

func model(t testing.TB) map[string]apimodel.Operation {
	t.Helper()
	operations, err := apimodel.Operations()
	require.NoError(t, err)
	return operations
}

// modelChecked fails the test when an answer breaks the API's model.
func modelChecked(t *testing.T, next http.Handler) http.Handler {
	m := model(t)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r)
		op, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.")
		if !ok || rec.status != http.StatusOK {
			return
		}
		if err := checkOutput(m[op].Output, rec.body.Bytes()); err != nil {
			t.Errorf("answer of %s breaks the model: %v", op, err)
		}
	})
}

type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func checkOutput(s *apimodel.Shape, body []byte) error {
	if s == nil {
		if len(body) > 0 {
			return errors.New("there must be none")
		}
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	return checkValue(s, v, "")
}

func checkValue(s *apimodel.Shape, v any, path string) error {
	size := -1
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			of := s.Value
			if s.Type == "structure" {
				if of = s.Members[name]; of == nil {
					return fmt.Errorf("%s.%s is unknown", path, name)
				}
			}
			if err := checkValue(of, member, path+"."+name); err != nil {
				return err
			}
		}
		return isType(s, path, "structure", "map")
	case []any:
		size = len(v)
		for i, e := range v {
			if err := checkValue(s.Member, e, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case string:
		if s.Type == "string" {
			size = len([]rune(v))
		}
	case nil:
		return fmt.Errorf("%s is null", path)
	}
	if size >= 0 && (size < s.Min || s.Max > 0 && size > s.Max) {
		return fmt.Errorf("%s has the size %d", path, size)
	}
	return isType(s, path, map[string][]string{
		"string": {"string", "blob"}, "float64": {"integer", "long", "timestamp"}, "bool": {"boolean"}, "[]interface {}": {"list"},
	}[fmt.Sprintf("%T", v)]...)
}

func isType(s *apimodel.Shape, path string, types ...string) error {
	for _, t := range types {
		if s.Type == t {
			return nil
		}
	}
	return fmt.Errorf("%s must be a %s", path, s.Type)
}
