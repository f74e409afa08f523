package maester

import (
	"context"
	"errors"
	"io"
	"time"
)

// watch ends a context when nothing has been read for a while.
type watch struct {
	timer   *time.Timer
	silence time.Duration
	cancel  context.CancelCauseFunc
}

func watchFor(ctx context.Context, silence time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watch{
		timer:   time.AfterFunc(silence, func() { cancel(errSilent) }),
		silence: silence,
		cancel:  cancel,
	}
}

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// cause returns err, or that it was silence that caused it.
func (w *watch) cause(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errSilent) {
		return errSilent
	}
	return err
}

func (w *watch) reader(r io.Reader) io.Reader { return watched{Reader: r, watch: w} }

type watched struct {
	io.Reader
	watch *watch
}

// Read implements io.Reader.
func (w watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if n > 0 {
		w.watch.timer.Reset(w.watch.silence)
	}
	return n, err
}
