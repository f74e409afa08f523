package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/semaphore"
)

// retryHeader counts the repetitions of a publish; the first try has none.
const retryHeader = "retry"

// maxReconnectDelay bounds the wait for a connection, in place of a MaxDelay
// that is meant for a full queue.
const maxReconnectDelay = 30 * time.Second

// shutdownGrace is how long a publish may take when the process is to end.
const shutdownGrace = 10 * time.Second

var errGraceOver = fmt.Errorf("%w: no answer within %s of the end", ErrNotConnected, shutdownGrace)

// RetryOptions say how long and how often to try a publish. Between two tries
// passes Delay, doubled each time up to MaxDelay.
type RetryOptions struct {
	Delay    time.Duration // 0 means 100 ms
	MaxDelay time.Duration // 0 means 5 min
	Attempts int           // tries in all, and one more to find a fault; 0 means no limit
	Log      *slog.Logger  // may be nil
	// Stopping tells by its end that the process is to end. A publish is then
	// tried once more, and has 10 s in all: nothing waits for a broker that is
	// gone or silent, or for a queue that is full.
	Stopping context.Context // may be nil
}

// RetrySink is a Sink that does not give up at the first nack or lost
// connection.
type RetrySink struct {
	Sink
	opts RetryOptions
	away atomic.Bool // the outage is in the log
	// tries are many at once, or one alone: that takes all of the semaphore.
	tries *semaphore.Weighted
}

// alone is more than there can be tries.
const alone = math.MaxInt64

// Retry wraps sink so that a message that was nacked, or lost together with the
// connection, is published again with the header retry = 1, 2, …. This is what
// makes a queue's policy reject-publish slow a publisher down instead of
// failing it.
//
// When the broker closes the channel with a *ProtocolError that may be a
// message's fault, all who were publishing try again, one after the other. The
// message that has the channel closed once more is given up as ErrUnsendable.
//
// All other errors, *ReturnedError among them, are final.
func Retry(sink Sink, opts RetryOptions) *RetrySink {
	opts.Delay = orDefault(opts.Delay, 100*time.Millisecond)
	opts.MaxDelay = orDefault(opts.MaxDelay, 5*time.Minute)
	opts.Log = orDiscard(opts.Log)
	if opts.Stopping == nil {
		opts.Stopping = context.Background()
	}
	return &RetrySink{Sink: sink, opts: opts, tries: semaphore.NewWeighted(alone)}
}

// Publish implements Sink. It connects where there is no connection.
func (r *RetrySink) Publish(ctx context.Context, p Publication) error {
	ctx, cancel := r.withGrace(ctx)
	defer cancel()
	err := r.publish(ctx, p)
	if err != nil && errors.Is(context.Cause(ctx), errGraceOver) {
		return errGraceOver
	}
	return err
}

// withGrace returns ctx with the end that a publish has when the process ends.
func (r *RetrySink) withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(r.opts.Stopping, func() {
		time.AfterFunc(shutdownGrace, func() { cancel(errGraceOver) })
	})
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

func (r *RetrySink) publish(ctx context.Context, p Publication) error {
	delays := doubling(r.opts.Delay, r.opts.MaxDelay)
	weight := int64(1)
	for n := 0; ; n++ {
		last := r.opts.Stopping.Err() != nil
		err := r.try(ctx, withRetryHeader(p, n), weight)
		if !errors.Is(err, ErrNacked) && !errors.Is(err, ErrNotConnected) {
			return err
		}
		fault, suspect := messageFault(err)
		if suspect && weight == alone {
			return fmt.Errorf("%w: broker closed the channel for it: %w", ErrUnsendable, fault)
		}
		noneLeft := r.opts.Attempts > 0 && n+1 >= r.opts.Attempts && !suspect
		if noneLeft || last {
			return fmt.Errorf("publish failed %d times: %w", n+1, err)
		}
		if suspect {
			weight = alone
		}
		delay := delays.NextBackOff()
		if errors.Is(err, ErrNotConnected) {
			delay = min(delay, maxReconnectDelay)
		}
		r.report(ctx, p, err, n+1, delay)
		if err := sleep(ctx, delay, r.opts.Stopping.Done()); err != nil {
			return err
		}
	}
}

// messageFault finds the *ProtocolError that a message can have caused by what
// it is. An exchange that is missing or forbidden is so for all messages.
func messageFault(err error) (*ProtocolError, bool) {
	fault, ok := errors.AsType[*ProtocolError](err)
	return fault, ok && fault.Code != amqp.NotFound && fault.Code != amqp.AccessRefused
}

// withRetryHeader returns p as its n-th repetition. The caller's headers stay as
// they are.
func withRetryHeader(p Publication, n int) Publication {
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
func (r *RetrySink) try(ctx context.Context, p Publication, weight int64) error {
	if err := r.tries.Acquire(ctx, weight); err != nil {
		return err
	}
	defer r.tries.Release(weight)
	if err := r.Connect(ctx); err != nil {
		return err
	}
	if r.away.CompareAndSwap(true, false) {
		r.opts.Log.Info("publishing again")
	}
	return r.Sink.Publish(ctx, p)
}

// report logs an outage once as a warning and its retries by their length.
func (r *RetrySink) report(ctx context.Context, p Publication, err error, attempt int, delay time.Duration) {
	level := retryLevel(delay)
	if errors.Is(err, ErrNotConnected) && r.away.CompareAndSwap(false, true) {
		level = slog.LevelWarn
	}
	r.opts.Log.Log(ctx, level, "publish failed, trying again", "error", err, "attempt", attempt, "wait", delay,
		"exchange", p.Exchange, "routingKey", p.RoutingKey, "messageId", p.Headers["messageId"])
}
