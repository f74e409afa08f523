package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// longWait parts the retries that nobody needs to see from those that an
// operator wants to know of.
const longWait = 10 * time.Second

// Connector is what Source and Sink have in common.
type Connector interface {
	Connect(ctx context.Context) error
}

// ConnectWithRetry connects at the start: once, and attempts times more after
// delay. It returns the last error. ErrURI is not tried again.
func ConnectWithRetry(ctx context.Context, c Connector, attempts int, delay time.Duration, log *slog.Logger) error {
	for retries := 0; ; retries++ {
		err := c.Connect(ctx)
		if err == nil {
			return nil
		}
		if retries >= attempts || errors.Is(err, ErrURI) {
			return fmt.Errorf("connect to the broker: %w", err)
		}
		orDiscard(log).Warn("cannot connect to the broker, trying again", "error", err, "wait", delay)
		if err := sleep(ctx, delay, nil); err != nil {
			return fmt.Errorf("connect to the broker: %w", err)
		}
	}
}

// Reconnect says how to get a lost connection back. There is no last attempt:
// a step whose broker is away waits for it.
type Reconnect struct {
	Delay    time.Duration // before the first attempt, doubled for each further one; 0 means 100 ms
	MaxDelay time.Duration // 0 means 30 s
	Log      *slog.Logger  // may be nil
}

// Receive waits for the next delivery of src and gets its connection and
// consumer back whenever they are lost, or were never there. It returns
// ErrStopped, the context's error or ErrURI.
//
// The context ends the wait between two attempts; Source.Stop alone is noticed
// at the next attempt.
func Receive(ctx context.Context, src Source, r Reconnect) (Delivery, error) {
	for {
		d, err := src.Receive(ctx)
		if !errors.Is(err, ErrNotConnected) {
			return d, err
		}
		if err := r.restore(ctx, src, err); err != nil {
			return Delivery{}, err
		}
	}
}

func (r Reconnect) restore(ctx context.Context, src Source, cause error) error {
	log := orDiscard(r.Log)
	log.Warn("consumer lost, connecting again", "error", cause)
	began := time.Now()
	delays := doubling(orDefault(r.Delay, 100*time.Millisecond), orDefault(r.MaxDelay, 30*time.Second))
	for attempt := 1; ; attempt++ {
		delay := delays.NextBackOff()
		if err := sleep(ctx, delay, nil); err != nil {
			return err
		}
		err := consume(ctx, src)
		switch {
		case err == nil:
			log.Info("consuming again", "attempts", attempt, "away", time.Since(began))
			return nil
		case errors.Is(err, ErrStopped), errors.Is(err, ErrURI), ctx.Err() != nil:
			return err
		}
		log.Log(ctx, retryLevel(delay), "cannot consume yet", "error", err, "attempt", attempt)
	}
}

func consume(ctx context.Context, src Source) error {
	if err := src.Connect(ctx); err != nil {
		return err
	}
	return src.Consume(ctx)
}

// retryLevel keeps quick retries out of the log, and slow ones in.
func retryLevel(delay time.Duration) slog.Level {
	if delay >= longWait {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

func doubling(delay, limit time.Duration) *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: min(delay, limit),
		Multiplier:      2,
		MaxInterval:     limit,
	}
}

// sleep waits for d, or less when enough is closed before.
func sleep(ctx context.Context, d time.Duration, enough <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-enough:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

func orDiscard(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}
