package actions

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is an Emitter that keeps what it gets.
type recorder struct {
	component.Emitter // what an action does not use
	mu                sync.Mutex
	bodies            []json.RawMessage
	errs              []error
	order             []string // "data" and "error", as they came
	refuse            error    // what Data returns from the second message on
}

func (r *recorder) Data(_ context.Context, msg component.Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse != nil && len(r.bodies) > 0 {
		return r.refuse
	}
	r.bodies = append(r.bodies, msg.Body)
	r.order = append(r.order, "data")
	return nil
}

func (r *recorder) Error(_ context.Context, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
	r.order = append(r.order, "error")
	return nil
}

// newHandler makes the handler of one function.
func newHandler(t testing.TB, all []component.Spec, function string, deps component.Deps) component.Handler {
	t.Helper()
	for _, spec := range all {
		if spec.Name == function {
			h, err := spec.New(deps)
			require.NoError(t, err)
			return h
		}
	}
	t.Fatalf("there is no function %s", function)
	return nil
}

// fixed connects every step to api.
func fixed(api awsapi.API) []component.Spec {
	return specs(func(awsapi.Config) (awsapi.API, error) { return api, nil })
}

// newRequest is a message that nobody has seen before.
func newRequest(body string) component.Request {
	return component.Request{Message: component.NewMessage(json.RawMessage(body)), MessageID: uuid.NewString(), Log: slog.New(slog.DiscardHandler)}
}

const (
	testKeyID  = "AKIAPLANTEDKEYID0001"
	testSecret = "planted/secretAccessKey/qwertzuiop+asdfgh"
)

// testOptions reach loopback, and let nothing wait.
var testOptions = awsapi.Options{AllowInsecureEndpoint: true, MaxBackoff: 1}

// local is a Secrets Manager on loopback.
type local struct {
	*emulator.Emulator
	url string
}

// newLocal starts it, behind the given handlers.
func newLocal(t *testing.T, wraps ...func(http.Handler) http.Handler) local {
	t.Helper()
	e := emulator.New(emulator.Options{Credentials: map[string]emulator.Credential{
		testKeyID: {SecretKey: component.NewSecret(testSecret)},
	}})
	var handler http.Handler = e
	for _, wrap := range wraps {
		handler = wrap(handler)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return local{e, server.URL}
}

// deps has more fields of the step's configuration in extra, such as `"emitBehaviour":"emitAll"`.
func (l local) deps(extra string) component.Deps {
	if extra != "" {
		extra = "," + extra
	}
	return component.Deps{
		Config: json.RawMessage(fmt.Sprintf(`{"accessKeyId":%q,"accessKeySecret":%q,"region":"eu-central-1","endpoint":%q%s}`,
			testKeyID, testSecret, l.url, extra)),
		FlowID: "flow-1",
		IdempotencyToken: func(messageID string, input []byte) string {
			return uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%q%q", messageID, input)).String()
		},
	}
}

// run sends body to a function and returns the one message it emits.
func (l local) run(t *testing.T, function, body string) json.RawMessage {
	t.Helper()
	out := new(recorder)
	require.NoError(t, newHandler(t, Specs(testOptions), function, l.deps("")).Handle(t.Context(), newRequest(body), out))
	require.Len(t, out.bodies, 1)
	require.Empty(t, out.errs)
	return out.bodies[0]
}
