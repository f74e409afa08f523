// Package sailor is the runtime inside a step's container: it connects to the
// broker, learns its step from the platform, hands each message to one
// function and publishes what the function emits.
//
// A message goes one way: delivery → dispatch → middleware → function →
// emitter → publisher → broker, and then its delivery is settled.
package sailor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/platform"
	"aws-secrets-manager-connector/internal/settings"
)

// Platform is the platform's REST API, as far as the runtime uses it.
type Platform interface {
	Step(ctx context.Context, flowID, stepID string) (platform.Step, error)
	// The startup data of a flow. CreateStartupData fails with
	// platform.ErrConflict where there are any.
	CreateStartupData(ctx context.Context, flowID string, data json.RawMessage) error
	StartupData(ctx context.Context, flowID string) (json.RawMessage, error)
	DeleteStartupData(ctx context.Context, flowID string) error
	UpdateKeys(ctx context.Context, accountID string, keys json.RawMessage) error
}

// Options is what a Sailor is made of. All of it is required, except where a
// field says otherwise.
type Options struct {
	Settings settings.Settings
	Registry *component.Registry
	Schemas  SchemaLoader
	// Platform defaults to the one that the settings name.
	Platform Platform
	// Storage defaults to the one that the settings name.
	Storage Storage
	Source  broker.Source
	// Sink publishes once per call; the Sailor adds the retries.
	Sink broker.Sink
	// Log is the runtime's own log, ComponentLog the function's.
	Log, ComponentLog *slog.Logger
	// Now and NewID default to the clock and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// mostInStorage bounds what a function may put into one message whose body goes
// to the object storage, in bytes: it goes through this process's memory.
const mostInStorage = 100 << 20

// tidyAfter the start, its memory is given back.
const tidyAfter = 200 * time.Millisecond

// Sailor serves one step. Make it with New, use it for one Run.
type Sailor struct {
	Options
	publisher    *publisher
	cipher       *envelope.Cipher
	identifiers  identifiers
	deduplicator *deduplicator
	handler      component.Handler
	step         platform.Step
	snapshot     snapshot
	stopping     <-chan struct{} // closed when a shutdown begins
	// resolveReferences: the function wants bodies, not references to them.
	resolveReferences bool
}

// New checks what can be checked without the network.
func New(o Options) (*Sailor, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	if o.Platform == nil {
		o.Platform = newPlatform(o.Settings, o.Log)
	}
	if o.Storage == nil {
		o.Storage = newStorage(o.Settings, o.Log)
	}
	var err error
	var cipher *envelope.Cipher
	if !o.Settings.HookShutdown { // then there are no messages, nor what they need
		if cipher, err = envelope.NewCipher(o.Settings.MessageCryptoPassword, o.Settings.MessageCryptoIV); err != nil {
			return nil, err
		}
	}
	identifiers, err := newIdentifiers(o.Settings)
	if err != nil {
		return nil, err
	}
	return &Sailor{
		Options:      o,
		cipher:       cipher,
		identifiers:  identifiers,
		deduplicator: newDeduplicator(rememberedMessages),
	}, nil
}

// Run serves the step until ctx ends; then it stops consuming, finishes the
// messages in work and returns nil. A failure to start is published as an
// error, where the broker can be reached, and returned.
func (s *Sailor) Run(ctx context.Context) (err error) {
	// Work that has begun is finished even though ctx has ended.
	work := context.WithoutCancel(ctx)
	s.stopping = ctx.Done()
	s.publisher = newPublisher(ctx, s.Options, s.cipher)
	defer func() { err = errors.Join(err, s.close()) }()

	// None of the three waits for another. What prepare fails with is published,
	// which takes the broker.
	var deps component.Deps
	var failure error
	group, beginning := errgroup.WithContext(ctx)
	group.Go(func() error { return s.connect(beginning, s.Source) })
	group.Go(func() error { return s.connect(beginning, s.Sink) })
	group.Go(func() error {
		deps, failure = s.prepare(beginning)
		return nil
	})
	if err := group.Wait(); err != nil {
		return unlessStopping(ctx, err)
	}
	if failure == nil {
		failure = s.start(ctx, deps)
	}
	if failure != nil {
		if unlessStopping(ctx, failure) == nil {
			return nil
		}
		s.reportStartFailure(work, failure)
		return failure
	}
	s.Log.Info("ready, waiting for messages", "function", s.Settings.Function, "prefetch", s.Settings.Prefetch)
	// Most containers idle most of the time: what only the start needed goes
	// back to the system, once a message that waits already need not wait for that.
	tidying := time.AfterFunc(tidyAfter, debug.FreeOSMemory)
	defer tidying.Stop()

	err = s.consume(ctx, work)
	s.Log.Info("stopped", "reason", context.Cause(ctx))
	return err
}

func (s *Sailor) connect(ctx context.Context, c broker.Connector) error {
	return broker.ConnectWithRetry(ctx, c, s.Settings.AMQPReconnectAttempts, s.Settings.AMQPReconnectTimeout, s.Log)
}

// start does what comes between connecting and the first message.
func (s *Sailor) start(ctx context.Context, deps component.Deps) error {
	function, err := s.Registry.Lookup(s.Settings.Function)
	if err != nil {
		return err
	}
	s.resolveReferences = function.AutoResolveObjectReferences == nil || *function.AutoResolveObjectReferences
	in, out, err := s.Schemas(function.Name)
	if err != nil {
		return fmt.Errorf("load the schemas of %s: %w", function.Name, err)
	}
	handler, err := function.New(deps)
	if err != nil {
		return fmt.Errorf("build %s: %w", function.Name, err)
	}
	s.handler = Guard{
		In: in, Out: out, StrictOutput: s.Settings.StrictOutput,
		Function: function.Spec, Config: deps.Config, References: !s.resolveReferences,
	}.Around(handler)
	if s.Settings.StartupRequired {
		if err := s.startup(ctx, function, deps); err != nil {
			return fmt.Errorf("startup hook of %s: %w", function.Name, err)
		}
	}
	if function.Init != nil {
		if err := function.Init(ctx, deps); err != nil {
			return fmt.Errorf("init hook of %s: %w", function.Name, err)
		}
	}
	return s.Source.Consume(ctx)
}

// prepare learns what the step is.
func (s *Sailor) prepare(ctx context.Context) (component.Deps, error) {
	step, err := s.Platform.Step(ctx, s.Settings.FlowID, s.Settings.StepID)
	if err != nil {
		return component.Deps{}, err
	}
	s.step = step
	s.snapshot.replace(step.Snapshot)
	deps := component.Deps{
		Config:           step.Config,
		Variables:        step.Variables,
		FlowID:           s.Settings.FlowID,
		IdempotencyToken: s.identifiers.token,
		SizeLimit:        s.Settings.OutgoingMessageSizeLimit,
		Log:              s.ComponentLog,
	}
	if s.Settings.EmitLightweightMessage { // what is large goes to the object storage
		deps.SizeLimit = max(deps.SizeLimit, mostInStorage)
	}
	return deps, nil
}

// consume starts work on each delivery; the prefetch bounds how many there are
// at once.
func (s *Sailor) consume(ctx, work context.Context) error {
	workers := newWorkers(func(d broker.Delivery) { s.dispatch(work, d) })
	var err error
	for err == nil {
		var d broker.Delivery
		if d, err = s.receive(ctx); err == nil {
			workers.do(d)
		}
	}
	s.finish(work, workers)
	return unlessStopping(ctx, err)
}

func (s *Sailor) receive(ctx context.Context) (broker.Delivery, error) {
	return broker.Receive(ctx, s.Source, broker.Reconnect{Log: s.Log})
}

func (s *Sailor) reportStartFailure(ctx context.Context, cause error) {
	if err := s.publisher.startFailure(ctx, cause); err != nil {
		s.Log.Error("could not publish the failed start", "err", err)
	}
}

func newPlatform(set settings.Settings, log *slog.Logger) *platform.Client {
	return platform.New(platform.Options{
		URI: set.APIURI, Username: set.APIUsername, Key: set.APIKey,
		RetryAttempts: set.APIRequestRetryAttempts, RetryDelay: set.APIRequestRetryDelay, Log: log,
	})
}
