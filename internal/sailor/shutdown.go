package sailor

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
)

// A shutdown begins when the context of Run ends: the step stops consuming,
// finishes the messages in work without waiting for anything but them, closes
// its connections and returns.

func (s *Sailor) isStopping() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}

// untilShutdown returns ctx made to end when a shutdown begins, too.
func (s *Sailor) untilShutdown(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-s.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// finish stops the consumer and waits for the messages in work.
func (s *Sailor) finish(ctx context.Context, w *workers) {
	s.Log.Info("stopping, finishing what is in work")
	if err := s.Source.Stop(ctx); err != nil {
		s.Log.Warn("could not stop the consumer", "err", err)
	}
	w.wait()
}

// close closes both connections at once, for each may have to wait for a silent
// broker.
func (s *Sailor) close() error {
	var group errgroup.Group
	group.Go(s.Source.Close)
	group.Go(s.Sink.Close)
	return group.Wait()
}

// unlessStopping turns the error that a wanted end causes into none.
func unlessStopping(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, broker.ErrStopped)) {
		return nil
	}
	return err
}

// leftToNext reports whether a message whose work failed is another container's
// to do, for the shutdown leaves no time: its work was given up, or the broker has
// not taken what came of it.
func (s *Sailor) leftToNext(err error) bool {
	return s.isStopping() &&
		(errors.Is(err, component.ErrStopping) || errors.Is(err, broker.ErrNotConnected) || errors.Is(err, broker.ErrNacked))
}
