package service_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"aws-secrets-manager-connector/internal/bunyan"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/service"
	"aws-secrets-manager-connector/internal/settings"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const descriptor = `{"actions": {"Get": {"title": "Get"}, "Plain": {"title": "Plain"}}}`

var errModel = errors.New("boom")

// registry has a function with models of all kinds, and one without any.
func registry() (*component.Registry, error) {
	build := func(component.Deps) (component.Handler, error) { return component.HandlerFunc(nil), nil }
	returning := func(data string) func(context.Context, component.Deps) (json.RawMessage, error) {
		return func(context.Context, component.Deps) (json.RawMessage, error) { return json.RawMessage(data), nil }
	}
	return component.NewRegistry([]byte(descriptor),
		component.Spec{Kind: component.Action, Name: "Plain", New: build},
		component.Spec{
			Kind: component.Action, Name: "Get", New: build,
			MetaModel: returning(`{"in":{"type":"object"},"out":{}}`),
			Models: map[string]func(context.Context, component.Deps) (json.RawMessage, error){
				"things":  returning(`{"a":"A <&>"}`),
				"nothing": returning(""),
				"garbage": returning("{" + planted),
				"config": func(_ context.Context, deps component.Deps) (json.RawMessage, error) {
					deps.Log.Info("asked")
					return deps.Config, nil
				},
				"fails":  func(context.Context, component.Deps) (json.RawMessage, error) { return nil, errModel },
				"panics": func(context.Context, component.Deps) (json.RawMessage, error) { panic(planted) },
				"slips": func(context.Context, component.Deps) (json.RawMessage, error) {
					var none []string
					return json.RawMessage(none[1]), nil
				},
			},
		})
}

// planted stands for all that must not be shown.
const planted = "pl4nted"

// post is a request to the result URL.
type post struct {
	*http.Request
	body string
}

// receiver is the platform that waits for a result. Its responses are made by
// turns; the last one stays.
type receiver struct {
	*httptest.Server
	turns []http.HandlerFunc

	mu    sync.Mutex
	posts []post
}

func receive(t *testing.T, turns ...http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{turns: turns}
	r.Server = httptest.NewUnstartedServer(r)
	r.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	r.Start()
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	turn := r.turns[min(len(r.posts), len(r.turns)-1)]
	r.posts = append(r.posts, post{req, string(body)})
	r.mu.Unlock()
	turn(w, req)
}

func (r *receiver) received() []post {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.posts
}

// only returns the body of the one post there was.
func (r *receiver) only(t *testing.T) string {
	t.Helper()
	posts := r.received()
	require.Len(t, posts, 1)
	return posts[0].body
}

func respond(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, planted)
	}
}

// hangUp closes the connection without a response.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// tell sends bytes that need not be HTTP.
func tell(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}
}

// harness is one call with everything around it.
type harness struct {
	env    map[string]string
	verify func(context.Context, json.RawMessage) (service.Verification, error)
	log    bytes.Buffer
}

func newHarness(url string) *harness {
	return &harness{env: map[string]string{
		"ELASTICIO_POST_RESULT_URL":         url,
		"ELASTICIO_CFG":                     `{"password":"` + planted + `"}`,
		"ELASTICIO_API_URI":                 "http://127.0.0.1:1",
		"ELASTICIO_API_USERNAME":            "user",
		"ELASTICIO_API_KEY":                 planted,
		"ELASTICIO_ACTION_OR_TRIGGER":       "Get",
		"ELASTICIO_GET_MODEL_METHOD":        "things",
		"ELASTICIO_API_REQUEST_RETRY_DELAY": "1",
	}}
}

func (r *harness) with(pairs ...string) *harness {
	for i := 0; i < len(pairs); i += 2 {
		r.env["ELASTICIO_"+pairs[i]] = pairs[i+1]
	}
	return r
}

func (r *harness) run(ctx context.Context, method string) error {
	log := bunyan.New(&r.log, bunyan.Options{Name: "sailor", Level: bunyan.LevelTrace})
	return service.Run(ctx, method, service.Options{
		Env: func(name string) (string, bool) {
			value, set := r.env[name]
			return value, set
		},
		Log: log,
		Methods: func(settings.Service) service.Methods {
			return service.Methods{
				Verify: r.verify, Registry: registry, Log: log,
				ComponentLog: bunyan.New(&r.log, bunyan.Options{Name: "component"}),
			}
		},
	})
}
