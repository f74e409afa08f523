package fake

import (
	"context"
	"errors"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/settings"
)

// Runtime serves a step until the context ends.
type Runtime interface {
	Run(ctx context.Context) error
}

// Steps run the functions of an environment inside this process, each in a runtime of
// its own that starts when it is first needed. It is used from one goroutine.
type Steps struct {
	Environment *Environment
	// New makes the runtime of a step from its settings.
	New func(set settings.Settings, source broker.Source, sink broker.Sink) (Runtime, error)

	running map[string]running
}

type running struct {
	cancel context.CancelFunc
	ended  chan error
}

// Start starts the step of a function unless it runs already.
func (s *Steps) Start(ctx context.Context, function string) error {
	if _, ok := s.running[function]; ok {
		return nil
	}
	env := s.Environment.Env(function)
	set, err := settings.Read(func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	})
	if err != nil {
		return err
	}
	queues := s.Environment.queues
	runtime, err := s.New(set, queues.Source(set.ListenMessagesOn, set.Prefetch), queues.Sink())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := running{cancel: cancel, ended: make(chan error, 1)}
	go func() { r.ended <- runtime.Run(ctx) }()
	if s.running == nil {
		s.running = map[string]running{}
	}
	s.running[function] = r
	return nil
}

// Restart starts the step of a function anew, so that it reads its settings again.
func (s *Steps) Restart(ctx context.Context, function string) error {
	if r, ok := s.running[function]; ok {
		delete(s.running, function)
		if err := r.stop(); err != nil {
			return err
		}
	}
	return s.Start(ctx, function)
}

func (r running) stop() error {
	r.cancel()
	return <-r.ended
}

// Stop ends all steps and waits for them.
func (s *Steps) Stop() error {
	var errs []error
	for _, r := range s.running {
		errs = append(errs, r.stop())
	}
	s.running = nil
	return errors.Join(errs...)
}
