package workbench

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/fake"
)

// The hops of a message on its way through a step.
const (
	hopQueued    = "queued"    // it is sent to the step's queue
	hopDelivered = "delivered" // the step has it
	hopHandled   = "handled"   // it was decrypted and is valid, the function has it
	hopAWS       = "aws"       // a call of AWS has been answered
	hopAnswered  = "answered"  // the function emits something
	hopPublished = "published" // what was emitted is valid, encrypted, and in the next queue
	hopSettled   = "settled"   // the message's end
)

// hop is one of them, at a time.
type hop struct {
	name string
	at   time.Time
	text string // of hopAWS the operation, of hopSettled the outcome
	// status and took are of hopAWS; status 0 means that there was no answer.
	status int
	took   time.Duration
	err    error // the step has ended with it
}

// watcher tells the run that is going on what becomes of its message. Its zero
// value is ready.
type watcher struct{ current atomic.Pointer[observation] }

type observation struct {
	hops chan hop
	done chan struct{} // closed when nobody listens any more
}

// observe makes the watcher tell of all hops until end is called.
func (w *watcher) observe() (hops <-chan hop, end func()) {
	o := &observation{hops: make(chan hop), done: make(chan struct{})}
	w.current.Store(o)
	return o.hops, func() {
		w.current.Store(nil)
		close(o.done)
	}
}

func (w *watcher) see(h hop) {
	o := w.current.Load()
	if o == nil {
		return
	}
	h.at = time.Now()
	select {
	case o.hops <- h:
	case <-o.done:
	}
}

// specs returns the functions with an eye on each message that they get.
func (w *watcher) specs(all []component.Spec) []component.Spec {
	watched := make([]component.Spec, len(all))
	for i, spec := range all {
		newHandler := spec.New
		spec.New = func(deps component.Deps) (component.Handler, error) {
			handler, err := newHandler(deps)
			if err != nil {
				return nil, err
			}
			return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
				w.see(hop{name: hopHandled})
				return handler.Handle(ctx, req, watchedEmitter{out, w})
			}), nil
		}
		watched[i] = spec
	}
	return watched
}

type watchedEmitter struct {
	component.Emitter
	watcher *watcher
}

func (e watchedEmitter) Data(ctx context.Context, msg component.Message) error {
	e.watcher.see(hop{name: hopAnswered})
	return e.Emitter.Data(ctx, msg)
}

type watchedSource struct {
	broker.Source
	watcher *watcher
}

func (s watchedSource) Receive(ctx context.Context) (broker.Delivery, error) {
	d, err := s.Source.Receive(ctx)
	if err == nil {
		s.watcher.see(hop{name: hopDelivered})
		d.Settler = watchedSettler{d.Settler, s.watcher}
	}
	return d, err
}

type watchedSettler struct {
	broker.Settler
	watcher *watcher
}

func (s watchedSettler) Ack(ctx context.Context) error {
	return s.settled("acknowledged", s.Settler.Ack(ctx))
}

func (s watchedSettler) Reject(ctx context.Context) error {
	return s.settled("rejected", s.Settler.Reject(ctx))
}

func (s watchedSettler) Requeue(ctx context.Context) error {
	return s.settled("requeued", s.Settler.Requeue(ctx))
}

func (s watchedSettler) settled(outcome string, err error) error {
	if err == nil {
		s.watcher.see(hop{name: hopSettled, text: outcome})
	}
	return err
}

type watchedSink struct {
	broker.Sink
	watcher *watcher
}

func (s watchedSink) Publish(ctx context.Context, p broker.Publication) error {
	err := s.Sink.Publish(ctx, p)
	if err == nil {
		s.watcher.see(hop{name: hopPublished})
	}
	return err
}

type watchedRuntime struct {
	fake.Runtime
	watcher *watcher
	step    *started
}

func (r watchedRuntime) Run(ctx context.Context) error {
	err := r.Runtime.Run(ctx)
	r.step.ended.Store(true)
	if err != nil {
		r.watcher.see(hop{err: err})
	}
	return err
}

// watchedTransport carries requests to AWS.
type watchedTransport struct{ watcher *watcher }

func (t *watchedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	started := time.Now()
	resp, err := http.DefaultTransport.RoundTrip(req)
	_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	seen := hop{name: hopAWS, text: operation, took: time.Since(started)}
	if err == nil {
		seen.status = resp.StatusCode
	}
	t.watcher.see(seen)
	return resp, err
}

// CloseIdleConnections lets a client that is done close its connections.
func (t *watchedTransport) CloseIdleConnections() {
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport.CloseIdleConnections()
	}
}
