package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/internal/apimodel"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit"
)

// mapped is what the platform's mapper made of an expression, as recorded in
// schemas/testdata/mapper.json, and what is meant by it.
type mapped struct {
	Name, Function string
	Mapped, Want   json.RawMessage
	Error          string
}

// mappedFor returns the recorded cases by function.
func mappedFor(t *testing.T) map[string][]mapped {
	t.Helper()
	text, err := os.ReadFile("../../schemas/testdata/mapper.json")
	require.NoError(t, err)
	var recorded struct{ Cases []mapped }
	require.NoError(t, json.Unmarshal(text, &recorded))
	cases := map[string][]mapped{}
	for _, c := range recorded.Cases {
		cases[c.Function] = append(cases[c.Function], c)
	}
	return cases
}

// awsRecorder is an AWS that keeps what it is sent.
type awsRecorder struct {
	mu       sync.Mutex
	aws      http.Handler
	requests []json.RawMessage
}

func (r *awsRecorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	req.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, body)
	r.aws.ServeHTTP(w, req)
}

// reset begins anew, with two secrets.
func (r *awsRecorder) reset(t *testing.T) {
	t.Helper()
	aws := emulator.New(emulator.Options{})
	require.NoError(t, aws.Seed(strings.NewReader(`{"secrets": [{"name": "demo/a", "secretString": {"b": 1}}, {"name": "demo/b", "secretString": "b"}]}`)))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.aws, r.requests = aws, nil
}

func (r *awsRecorder) received() []json.RawMessage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

// TestWhatTheMapperMakes holds that whatever the mapper makes arrives at AWS as
// it is meant, or is one clear error without AWS being called.
func TestWhatTheMapperMakes(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	rabbit := testkit.RabbitMQ(t)
	operations, err := apimodel.Operations()
	require.NoError(t, err)
	var d component.Descriptor
	require.NoError(t, json.Unmarshal(connector.Descriptor, &d))
	cases := mappedFor(t)

	environment, err := fake.NewEnvironment(ctx, fake.OnRabbitMQ(rabbit.URI, "mapper", slog.New(slog.DiscardHandler)), functions(t))
	require.NoError(t, err)
	defer func() { assert.NoError(t, environment.Close(context.WithoutCancel(ctx))) }()
	recorder := &awsRecorder{}
	server := httptest.NewServer(recorder)
	defer server.Close()

	for function := range d.Actions {
		require.NotEmpty(t, cases[function], "%s has no case in schemas/testdata/mapper.json", function)
		environment.SetStep(function, map[string]any{"endpoint": server.URL})
		env := environment.Env(function)
		env["ELASTICIO_AMQP_URI"] = rabbit.URI.Reveal()
		container := testkit.Start(ctx, t, "", env, program)
		for _, c := range cases[function] {
			t.Run(function+"/"+c.Name, func(t *testing.T) {
				recorder.reset(t)
				_, err := environment.Send(ctx, function, c.Mapped, 2, nil)
				require.NoError(t, err)
				got, err := environment.Receive(ctx)
				require.NoError(t, err)
				requests := recorder.received()
				if c.Error != "" {
					require.Equal(t, "error", got.Kind)
					assert.Equal(t, component.InvalidInput, got.Failure.Name)
					rule, _, _ := strings.Cut(c.Error, " – ") // what to do may be more, with the step's fields
					assert.True(t, strings.HasPrefix(got.Failure.Message, rule), "%s\nis not\n%s", got.Failure.Message, rule)
					assert.NotContains(t, got.Failure.Message, "; ", "it is one error")
					assert.Empty(t, requests, "AWS was called")
					return
				}
				require.NotEmpty(t, requests, "AWS was not called, but: %s", got.Failure.Message)
				assert.NotEqual(t, component.InvalidInput, got.Failure.Name)
				if _, ok := operations[function]; ok {
					assertRequest(t, c.Want, requests[0])
				}
			})
		}
		container.Stop(t)
	}
}

// assertRequest holds that AWS got what is meant; a token may be added.
func assertRequest(t *testing.T, want, got json.RawMessage) {
	t.Helper()
	var members map[string]any
	require.NoError(t, json.Unmarshal(got, &members))
	delete(members, "ClientRequestToken")
	rest, err := json.Marshal(members)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(rest))
}
