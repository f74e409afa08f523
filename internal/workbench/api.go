package workbench

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"path"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/sailor"
	"aws-secrets-manager-connector/internal/schema"
	"aws-secrets-manager-connector/internal/service"
)

// Handler serves the page and what it asks for.
func (w *Workbench) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", w.servePage)
	mux.HandleFunc("GET /icon.svg", w.serveIcon)
	mux.Handle("POST /api/metadata", answer(w.metadata))
	mux.Handle("POST /api/model", answer(w.model))
	mux.Handle("POST /api/verify", answer(w.verify))
	mux.Handle("POST /api/check", answer(w.check))
	mux.Handle("POST /api/reveal", answer(w.reveal))
	mux.Handle("POST /api/story", answer(w.headings))
	mux.Handle("POST /api/play", stream(w.play))
	mux.Handle("POST /api/aws", answer(w.changeAWS))
	mux.Handle("POST /api/run", stream(func(ctx context.Context, m message, tell func(event)) error {
		_, err := w.run(ctx, m, tell)
		return err
	}))
	return w.guard(mux)
}

// answer serves JSON for JSON.
func answer[Q, R any](do func(context.Context, Q) (R, error)) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		query, err := decode[Q](req)
		var result any
		if err == nil {
			result, err = do(req.Context(), query)
		}
		rw.Header().Set("Content-Type", "application/json")
		if err != nil {
			rw.WriteHeader(http.StatusUnprocessableEntity)
			result = map[string]string{"error": err.Error()}
		}
		_ = json.NewEncoder(rw).Encode(result)
	})
}

// stream serves one line of JSON for each event. What has begun goes on to its
// end when the page is closed.
func stream[Q any](do func(context.Context, Q, func(event)) error) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		rw.Header().Set("Content-Type", "application/x-ndjson")
		lines, control := json.NewEncoder(rw), http.NewResponseController(rw)
		tell := func(e event) {
			_ = lines.Encode(e)
			_ = control.Flush()
		}
		query, err := decode[Q](req)
		if err == nil {
			err = do(context.WithoutCancel(req.Context()), query, tell)
		}
		if err != nil {
			tell(event{Failed: err.Error()})
		}
	})
}

// decode reads a request. Its error does not repeat what came.
func decode[Q any](req *http.Request) (query Q, err error) {
	if json.NewDecoder(req.Body).Decode(&query) != nil {
		return query, errors.New("the request is not the JSON that belongs here")
	}
	return query, nil
}

// configured names a function with its configuration.
type configured struct {
	Function string         `json:"function"`
	Config   map[string]any `json:"config"`
	Model    string         `json:"model"` // of a drop-down
	// Body is what check looks at.
	Body json.RawMessage `json:"body"`
}

// metadata returns {"status", "data": {"in", "out"}}: from the function where
// its schemas depend on the configuration, else from its files.
func (w *Workbench) metadata(ctx context.Context, c configured) (json.RawMessage, error) {
	function, err := w.registry.Lookup(c.Function)
	if err != nil {
		return nil, err
	}
	if function.DynamicMetadata {
		return w.call(ctx, service.GetMetaModel, c.Function, "", c.Config)
	}
	schemas := map[string]json.RawMessage{}
	for _, direction := range []string{"in", "out"} {
		if schemas[direction], err = fs.ReadFile(w.options.SchemaFiles, path.Base(c.Function+"."+direction+".json")); err != nil {
			return nil, err
		}
	}
	return json.Marshal(map[string]any{"status": "success", "data": schemas})
}

func (w *Workbench) model(ctx context.Context, c configured) (json.RawMessage, error) {
	return w.call(ctx, service.SelectModel, c.Function, c.Model, c.Config)
}

func (w *Workbench) verify(ctx context.Context, c configured) (json.RawMessage, error) {
	return w.call(ctx, service.VerifyCredentials, "", "", c.Config)
}

// violation is a broken rule at its member.
type violation struct {
	Path  string `json:"path"`
	Rule  string `json:"rule"`
	Given string `json:"given,omitempty"`
	Hint  string `json:"hint,omitempty"`
}

// check lists what the schema finds wrong with a body, as the step would.
func (w *Workbench) check(ctx context.Context, c configured) ([]violation, error) {
	function, err := w.registry.Lookup(c.Function)
	if err != nil {
		return nil, err
	}
	in, out, err := w.options.Schemas(function.Name)
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(w.config(c.Config))
	if err != nil {
		return nil, err
	}
	guard := sailor.Guard{In: in, Out: out, Function: function.Spec, Config: config}
	nothing := component.HandlerFunc(func(context.Context, component.Request, component.Emitter) error { return nil })
	err = guard.Around(nothing).Handle(ctx, component.Request{Message: component.NewMessage(c.Body), Log: w.options.Log}, nil)
	found := []violation{}
	var violations *schema.Violations
	switch {
	case errors.As(err, &violations):
		for _, v := range violations.List {
			found = append(found, violation{Path: v.Path, Rule: v.Rule, Given: v.Given, Hint: v.Hint})
		}
	case err != nil:
		found = append(found, violation{Path: "body", Rule: err.Error()})
	}
	return found, nil
}

type revelation struct {
	ID   string   `json:"id"`
	Path []string `json:"path"`
}

func (w *Workbench) reveal(_ context.Context, r revelation) (json.RawMessage, error) {
	return w.emits.reveal(r.ID, r.Path)
}

// awsChange is what the page does to the emulator.
type awsChange struct {
	Reset bool   `json:"reset"`
	Fault string `json:"fault"` // a kind of the emulator's faults
	Times int    `json:"times"`
}

func (w *Workbench) changeAWS(_ context.Context, c awsChange) (struct{}, error) {
	aws := w.environment.AWS
	switch {
	case w.options.AWS.Real:
		return struct{}{}, errors.New("only the emulator can be told so")
	case c.Reset:
		return struct{}{}, aws.Reset()
	default:
		return struct{}{}, aws.Inject(emulator.Fault{Kind: c.Fault, Times: c.Times})
	}
}
