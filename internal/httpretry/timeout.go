package httpretry

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"
)

const never = time.Duration(math.MaxInt64) // 292 years

// timeouts end the context of an attempt.
type timeouts struct {
	idleTimeout time.Duration
	idle        *time.Timer
	stop        func()
}

// withTimeouts returns a context that ends after timeout, or when for idle no
// byte has been read from any of the readers of t. Its cause says which.
func withTimeouts(ctx context.Context, timeout, idle time.Duration) (_ context.Context, t *timeouts) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no response within %s", timeout))
	ctx, cancelIdle := context.WithCancelCause(ctx)
	t = &timeouts{idleTimeout: idle}
	t.idle = time.AfterFunc(idle, func() { cancelIdle(fmt.Errorf("no byte within %s", idle)) })
	t.stop = func() {
		t.idle.Stop()
		cancel()
	}
	return ctx, t
}

// reader returns r made to begin the idle timeout anew with each byte.
func (t *timeouts) reader(r io.Reader) io.Reader { return activeReader{r, t} }

type activeReader struct {
	io.Reader
	timeouts *timeouts
}

// Read implements io.Reader.
func (r activeReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 {
		r.timeouts.idle.Reset(r.timeouts.idleTimeout)
	}
	return n, err
}
