package workbench

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"

	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/service"
)

// call calls a service method as the platform does: by environment variables,
// with a result that is posted. It returns {"status", "data"}.
func (w *Workbench) call(ctx context.Context, method, function, model string, config map[string]any) (json.RawMessage, error) {
	cfg, err := json.Marshal(w.config(config))
	if err != nil {
		return nil, err
	}
	url, result, forget := w.results.expect()
	defer forget()
	api := w.environment.Env(function)
	env := map[string]string{
		"ELASTICIO_CFG": string(cfg), "ELASTICIO_POST_RESULT_URL": url,
		"ELASTICIO_ACTION_OR_TRIGGER": function, "ELASTICIO_GET_MODEL_METHOD": model,
	}
	for _, name := range []string{"ELASTICIO_API_URI", "ELASTICIO_API_USERNAME", "ELASTICIO_API_KEY", "ELASTICIO_ALLOW_INSECURE_ENDPOINT"} {
		env[name] = api[name]
	}
	err = service.Run(ctx, method, service.Options{
		Env: func(name string) (string, bool) {
			value, ok := env[name]
			return value, ok
		},
		Methods: w.options.Methods, Log: w.options.Log,
	})
	if err != nil {
		return nil, err
	}
	select {
	case posted := <-result:
		return posted, nil
	default:
		return nil, errors.New("no result was posted")
	}
}

// results is where the results of service methods are posted to.
type results struct {
	*fake.Server
	mu      sync.Mutex
	waiting map[string]chan<- json.RawMessage // by path
}

func newResults(ctx context.Context) (*results, error) {
	r := &results{waiting: map[string]chan<- json.RawMessage{}}
	server, err := fake.Serve(ctx, "127.0.0.1:0", r)
	if err != nil {
		return nil, err
	}
	r.Server = server
	return r, nil
}

// Close ends the server; no results are no server.
func (r *results) Close() error {
	if r == nil {
		return nil
	}
	return r.Server.Close()
}

// expect returns where to post one result, and where it will come.
func (r *results) expect() (url string, result <-chan json.RawMessage, forget func()) {
	path, posted := "/"+rand.Text(), make(chan json.RawMessage, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting[path] = posted
	return r.URL + path, posted, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waiting, path)
	}
}

// ServeHTTP implements http.Handler.
func (r *results) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, req.Body, mostBody))
	r.mu.Lock()
	defer r.mu.Unlock()
	posted := r.waiting[req.URL.Path]
	if err != nil || posted == nil {
		rw.WriteHeader(http.StatusNotFound)
		return
	}
	delete(r.waiting, req.URL.Path)
	posted <- body
}
