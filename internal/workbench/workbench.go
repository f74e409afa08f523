// Package workbench shows a function of the component in the browser as the
// flow's designer sees it, and runs it: in the sailor, with a broker, the
// platform and AWS around it that are the fakes of package fake unless the
// options say otherwise.
//
// The data flows one way: guard.go lets a request in, page.go serves what is
// seen first, api.go reads what the page asks for, run.go
// sends a message through a step, and watch.go tells what becomes of it. What
// the designer asks for goes through service.go.
package workbench

import (
	"bytes"
	"context"
	_ "embed" // for the seed
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/sailor"
	"aws-secrets-manager-connector/internal/service"
	"aws-secrets-manager-connector/internal/settings"
)

// Options say what a workbench shows.
type Options struct {
	Descriptor []byte // component.json
	// Specs are the functions; they call AWS through transport.
	Specs   func(transport http.RoundTripper) []component.Spec
	Schemas sailor.SchemaLoader
	// SchemaFiles are the schemas as they are written, by base name.
	SchemaFiles fs.FS
	// Methods are the service methods.
	Methods func(settings.Service) service.Methods
	Version string
	// AMQPURI names a real broker; empty means one in memory. What is declared
	// there is removed at the end.
	AMQPURI component.Secret
	// AWS is where calls go.
	AWS AWS
	// Seed has the secrets that the emulator starts with, in its format; nil
	// means those of the examples in the schemas.
	Seed io.Reader
	Log  *slog.Logger // of the sailors
}

// AWS is where the calls of a workbench go. The zero value is the emulator.
type AWS struct {
	Real     bool   // AWS itself, or the endpoint that the page gives
	Endpoint string // a server that speaks the same API; implies Real
}

// Workbench is a page's other half. Make it with New and close it.
type Workbench struct {
	options     Options
	environment *fake.Environment
	registry    *component.Registry
	steps       *fake.Steps
	results     *results
	token       string
	page        page
	first       string // the function that the page opens with

	watcher watcher
	turn    chan struct{} // holds one value: runs are one after the other
	outputs chan fake.Received
	stop    context.CancelFunc
	ended   chan struct{} // closed when nothing is received any more

	started   map[string]*started       // by function
	snapshots map[string]map[string]any // by function
	emits     emits
	story     story
}

// New starts what a workbench needs. Close it.
func New(ctx context.Context, o Options) (_ *Workbench, err error) {
	o.AWS.Real = o.AWS.Real || o.AWS.Endpoint != ""
	w := &Workbench{
		options: o, turn: make(chan struct{}, 1), outputs: make(chan fake.Received), ended: make(chan struct{}),
		started: map[string]*started{}, snapshots: map[string]map[string]any{}, token: newToken(),
	}
	w.registry, err = component.NewRegistry(o.Descriptor, w.watcher.specs(o.Specs(&watchedTransport{watcher: &w.watcher}))...)
	if err != nil {
		return nil, err
	}
	if w.first, err = firstAction(o.Descriptor); err != nil {
		return nil, err
	}
	if w.page, err = readPage(); err != nil {
		return nil, err
	}
	var queues fake.Queues
	if !o.AMQPURI.IsZero() {
		queues = fake.OnRabbitMQ(o.AMQPURI, "connector-workbench", o.Log)
	}
	if w.environment, err = fake.NewEnvironment(ctx, queues, w.registry.Names()); err != nil {
		return nil, err
	}
	if w.results, err = newResults(ctx); err == nil {
		err = w.seed()
	}
	if err != nil {
		return nil, errors.Join(err, w.results.Close(), w.environment.Close(context.WithoutCancel(ctx)))
	}
	w.steps = &fake.Steps{Environment: w.environment, New: w.newSailor}
	receiving, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop = stop
	go w.receive(receiving)
	return w, nil
}

//go:embed seed.json
var examples []byte

func (w *Workbench) seed() error {
	seed := w.options.Seed
	if seed == nil {
		seed = bytes.NewReader(examples)
	}
	return w.environment.AWS.Seed(seed)
}

// Token is what a request must carry; it is in the address that a person opens.
func (w *Workbench) Token() string { return w.token }

// closeTimeout bounds the wait for a run that is still going on.
const closeTimeout = 10 * time.Second

// Close ends the steps and all around them.
func (w *Workbench) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	select {
	case w.turn <- struct{}{}: // no run begins any more
	case <-ctx.Done():
	}
	err := w.steps.Stop()
	w.stop()
	<-w.ended
	return errors.Join(err, w.results.Close(), w.environment.Close(ctx))
}
