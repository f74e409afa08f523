package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// retryHeader counts the repetitions of a publish; the first try has none.
const retryHeader = "retry"

// reconnectLimit bounds the wait for a connection, in place of a MaxDelay that
// is meant for a full queue.
const reconnectLimit = 30 * time.Second

// lastWords is how long a publish may take when the process is to end.
const lastWords = 10 * time.Second

var errNoTime = fmt.Errorf("%w: no answer within %s of the end", ErrNotConnected, lastWords)

// RetryOptions say how long and how often to try a publish. Between two tries
// passes Delay, doubled each time up to MaxDelay.
type RetryOptions struct {
	Delay    time.Duration // 0 means 100 ms
	MaxDelay time.Duration // 0 means 5 min
	Attempts int           // tries in all; 0 means no limit
	Log      *slog.Logger  // may be nil
	// Stopping tells by its end that the process is to end. A publish is then
	// tried once more, and has 10 s in all: nothing waits for a broker that is
	// gone or silent, or for a queue that is full.
	Stopping context.Context // may be nil
}

// RetrySink is a Sink that does not give up at the first nack or lost
// connection.
type RetrySink struct {
	sink    Sink
	opts    RetryOptions
	log     *slog.Logger
	end     context.Context // ends lastWords after Stopping; nil without Stopping
	connect singleflight.Group
	away    atomic.Bool // the outage is in the log
}

var _ Sink = (*RetrySink)(nil)

// Retry wraps sink so that a message that was nacked, or lost together with the
// connection, is published again with the header retry = 1, 2, …. This is what
// makes a queue's policy reject-publish slow a publisher down instead of
// failing it. Concurrent publishes share one attempt to connect again.
//
// All other errors, *ReturnedError among them, are final.
func Retry(sink Sink, opts RetryOptions) *RetrySink {
	r := &RetrySink{sink: sink, opts: opts, log: orDiscard(opts.Log)}
	if opts.Stopping != nil {
		r.end = endAfter(opts.Stopping)
	}
	return r
}

// endAfter returns a context that ends lastWords after stopping.
func endAfter(stopping context.Context) context.Context {
	end, cancel := context.WithCancelCause(context.Background())
	context.AfterFunc(stopping, func() {
		time.AfterFunc(lastWords, func() { cancel(errNoTime) })
	})
	return end
}

// Connect connects the sink inside, in one attempt.
func (r *RetrySink) Connect(ctx context.Context) error { return r.sink.Connect(ctx) }

// Close closes the sink inside, which ends all tries with ErrClosed.
func (r *RetrySink) Close() error { return r.sink.Close() }

// Publish implements Sink.
func (r *RetrySink) Publish(ctx context.Context, p Publication) error {
	ctx, cancel := r.bounded(ctx)
	defer cancel()
	err := r.publish(ctx, p)
	if err != nil && errors.Is(context.Cause(ctx), errNoTime) {
		return errNoTime
	}
	return err
}

// bounded returns ctx with the end that a publish has when the process ends.
func (r *RetrySink) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	switch {
	case r.opts.Stopping == nil:
		return ctx, func() {}
	case r.stopping():
		return context.WithTimeoutCause(ctx, lastWords, errNoTime)
	case ctx.Done() == nil:
		return until{r.end, ctx}, func() {}
	default:
		ctx, cancel := context.WithCancelCause(ctx)
		stop := context.AfterFunc(r.end, func() { cancel(errNoTime) })
		return ctx, func() {
			stop()
			cancel(nil)
		}
	}
}

// until has the end of one context and the values of another, which has no end.
type until struct {
	context.Context
	values context.Context
}

// Value asks the end first: its cause is a value.
func (u until) Value(key any) any {
	if value := u.Context.Value(key); value != nil {
		return value
	}
	return u.values.Value(key)
}

func (r *RetrySink) publish(ctx context.Context, p Publication) error {
	delays := doubling(orDefault(r.opts.Delay, 100*time.Millisecond), orDefault(r.opts.MaxDelay, 5*time.Minute))
	var err error
	for n := 0; ; n++ {
		last := r.stopping()
		err = r.try(ctx, numbered(p, n), errors.Is(err, ErrNotConnected))
		if !errors.Is(err, ErrNacked) && !errors.Is(err, ErrNotConnected) {
			return err
		}
		if r.opts.Attempts > 0 && n+1 >= r.opts.Attempts || last {
			return fmt.Errorf("publish failed %d times: %w", n+1, err)
		}
		delay := delays.NextBackOff()
		if errors.Is(err, ErrNotConnected) {
			delay = min(delay, reconnectLimit)
		}
		r.report(ctx, p, err, n+1, delay)
		if err := r.pause(ctx, delay); err != nil {
			return err
		}
	}
}

// pause waits between two tries.
func (r *RetrySink) pause(ctx context.Context, delay time.Duration) error {
	if r.opts.Stopping == nil {
		return sleep(ctx, delay, nil)
	}
	return sleep(ctx, delay, r.opts.Stopping.Done())
}

func (r *RetrySink) stopping() bool {
	return r.opts.Stopping != nil && r.opts.Stopping.Err() != nil
}

// numbered returns p as its n-th repetition. The caller's headers stay as they
// are.
func numbered(p Publication, n int) Publication {
	if n == 0 {
		return p
	}
	headers := maps.Clone(p.Headers)
	if headers == nil {
		headers = make(map[string]any, 1)
	}
	headers[retryHeader] = int64(n)
	p.Headers = headers
	return p
}

// try publishes once, on a connection that it has seen to.
func (r *RetrySink) try(ctx context.Context, p Publication, lost bool) error {
	if lost || !r.connected() {
		if err := r.reconnect(ctx); err != nil {
			return err
		}
	}
	return r.sink.Publish(ctx, p)
}

// connected spares a publish on a connection that is known to be lost. A sink
// that cannot tell is asked to publish.
func (r *RetrySink) connected() bool {
	sink, ok := r.sink.(interface{ Connected() bool })
	return !ok || sink.Connected()
}

// reconnect shares one attempt among all publishes that need it.
func (r *RetrySink) reconnect(ctx context.Context) error {
	attempt := r.connect.DoChan("", func() (any, error) { return nil, r.sink.Connect(ctx) })
	select {
	case result := <-attempt:
		return r.connectedAgain(ctx, result.Err)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *RetrySink) connectedAgain(ctx context.Context, err error) error {
	switch {
	case err == nil:
		if r.away.CompareAndSwap(true, false) {
			r.log.Info("publishing again")
		}
		return nil
	case ctx.Err() == nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)):
		// The attempt was another publish's, and ended with that one's context.
		return fmt.Errorf("%w: attempt was abandoned", ErrNotConnected)
	default:
		return err
	}
}

// report logs an outage once as a warning and its retries by their length.
func (r *RetrySink) report(ctx context.Context, p Publication, err error, attempt int, delay time.Duration) {
	level := retryLevel(delay)
	if errors.Is(err, ErrNotConnected) && r.away.CompareAndSwap(false, true) {
		level = slog.LevelWarn
	}
	r.log.Log(ctx, level, "publish failed, trying again", "error", err, "attempt", attempt, "wait", delay,
		"exchange", p.Exchange, "routingKey", p.RoutingKey, "messageId", p.Headers["messageId"])
}
