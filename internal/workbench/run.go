package workbench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"
	"time"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/sailor"
	"aws-secrets-manager-connector/internal/settings"
)

// runTimeout bounds a run; a function that goes on for longer is stopped.
const runTimeout = 2 * time.Minute

// message is what somebody sends to a function.
type message struct {
	Function string          `json:"function"`
	Config   map[string]any  `json:"config"`
	Body     json.RawMessage `json:"body"`
	// ReplyTo says that a caller waits for an answer by HTTP.
	ReplyTo  bool `json:"replyTo"`
	protocol int
	headers  map[string]any
}

// event is one line of what the page is told of a run. All of it is safe to
// show: bodies are masked.
type event struct {
	Hop   string  `json:"hop,omitempty"`
	At    float64 `json:"at"` // ms since the message was sent
	Text  string  `json:"text,omitempty"`
	State int     `json:"status,omitempty"`
	Took  float64 `json:"took,omitempty"` // ms

	Sent *exchanged `json:"sent,omitempty"`
	Emit *exchanged `json:"emit,omitempty"`
	// Failed says why a run could not end.
	Failed string `json:"failed,omitempty"`
}

// exchanged is a message that was sent or emitted.
type exchanged struct {
	Kind     string          `json:"kind"`
	ID       string          `json:"id,omitempty"` // what Reveal asks for
	Function string          `json:"function"`
	Headers  map[string]any  `json:"headers"`
	Body     json.RawMessage `json:"body,omitempty"`
	Error    *failure        `json:"error,omitempty"`
}

type failure struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

// outcome is what came of a run.
type outcome struct {
	sent    fake.Sent
	outputs []fake.Received
}

// run sends a message through the function's step and tells of each hop, to its end.
func (w *Workbench) run(ctx context.Context, m message, tell func(event)) (outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-ctx.Done():
		return outcome{}, errors.New("another message is still on its way")
	}
	hops, end := w.watcher.observe()
	defer end()
	result, err := w.follow(ctx, m, hops, tell)
	if err != nil {
		delete(w.started, m.Function) // the next run starts a step of its own
	}
	return result, err
}

func (w *Workbench) follow(ctx context.Context, m message, hops <-chan hop, tell func(event)) (outcome, error) {
	function, err := w.registry.Lookup(m.Function)
	if err != nil {
		return outcome{}, err
	}
	in, out, err := w.options.Schemas(function.Name)
	if err != nil {
		return outcome{}, err
	}
	if err := w.configure(ctx, m); err != nil {
		return outcome{}, err
	}
	headers := map[string]any{}
	maps.Copy(headers, m.headers)
	if m.ReplyTo {
		headers["reply_to"] = w.environment.ReplyKey()
	}
	sent, err := w.environment.Send(ctx, m.Function, m.Body, max(m.protocol, 2), headers)
	if err != nil {
		return outcome{}, err
	}
	since := func(at time.Time) float64 { return milliseconds(at.Sub(sent.At)) }
	tell(event{Hop: hopQueued, Sent: &exchanged{
		Kind: "in", Function: m.Function, Headers: telling(sent.Headers), ID: w.emits.keep(sent.Body), Body: in.Mask(sent.Body),
	}})

	result := outcome{sent: sent}
	settled, pending := false, 0
	for !settled || pending > 0 {
		select {
		case h := <-hops:
			if h.err != nil {
				return result, fmt.Errorf("the step has ended: %w", h.err)
			}
			switch h.name {
			case hopPublished:
				pending++
			case hopSettled:
				settled = true
			}
			tell(event{Hop: h.name, At: since(h.at), Text: h.text, State: h.status, Took: milliseconds(h.took)})
		case got := <-w.outputs:
			pending--
			result.outputs = append(result.outputs, got)
			tell(event{At: since(time.Now()), Emit: w.emitted(got, out)})
		case <-w.ended:
			return result, errors.New("the broker is away: start the workbench anew")
		case <-ctx.Done():
			return result, fmt.Errorf("the message did not come to its end within %v", runTimeout)
		}
	}
	return result, nil
}

// configure starts the step of a function, unless one with this configuration runs.
func (w *Workbench) configure(ctx context.Context, m message) error {
	config := w.config(m.Config)
	key, err := json.Marshal(config)
	if err != nil {
		return err
	}
	if step := w.started[m.Function]; step != nil && step.config == string(key) && !step.ended.Load() {
		return nil
	}
	step := &started{config: string(key)}
	w.started[m.Function] = step
	w.environment.SetStepWithSnapshot(m.Function, config, w.snapshots[m.Function])
	return w.steps.Restart(ctx, m.Function)
}

// started is a step that was started with a configuration.
type started struct {
	config string
	ended  atomic.Bool
}

// config completes what the page gives: the emulator has keys of its own, and
// an endpoint that cannot be changed.
func (w *Workbench) config(given map[string]any) map[string]any {
	config := map[string]any{}
	for name, value := range given {
		if value != "" && value != nil {
			config[name] = value
		}
	}
	if !w.options.AWS.Real {
		delete(config, "endpoint")
		return w.environment.Config(config)
	}
	if config["endpoint"] == nil {
		config["endpoint"] = w.options.AWS.Endpoint
	}
	for name := range w.environment.Config(nil) { // the emulator's keys are not AWS's
		if config[name] == nil {
			config[name] = ""
		}
	}
	return config
}

func (w *Workbench) newSailor(set settings.Settings, source broker.Source, sink broker.Sink) (fake.Runtime, error) {
	log := w.options.Log.With("function", set.Function)
	runtime, err := sailor.New(sailor.Options{
		Settings: set, Registry: w.registry, Schemas: w.options.Schemas, Log: log, ComponentLog: log,
		Source: watchedSource{source, &w.watcher}, Sink: watchedSink{sink, &w.watcher},
	})
	if err != nil {
		return nil, err
	}
	return watchedRuntime{runtime, &w.watcher, w.started[set.Function]}, nil
}

// receive takes what the steps emit, until ctx ends.
func (w *Workbench) receive(ctx context.Context) {
	defer close(w.ended)
	for {
		got, err := w.environment.Receive(ctx)
		if err != nil {
			return
		}
		select {
		case w.outputs <- got:
		case <-ctx.Done():
			return
		}
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
