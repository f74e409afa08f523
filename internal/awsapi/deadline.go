package awsapi

import (
	"context"
	"sync"
	"time"
)

// deadline is a context that ends at a time, and has a timer only once somebody
// waits for its end. A transport does not: its connection keeps the time.
type deadline struct {
	context.Context // the parent

	at     time.Time
	mu     sync.Mutex
	timed  context.Context // the same with a timer, or the parent once nobody may wait any more
	cancel context.CancelFunc
}

func withTimeout(parent context.Context, timeout time.Duration) *deadline {
	d := &deadline{Context: parent, at: time.Now().Add(timeout)}
	if sooner, ok := parent.Deadline(); ok && sooner.Before(d.at) {
		d.at = sooner
	}
	return d
}

// Deadline implements context.Context.
func (d *deadline) Deadline() (time.Time, bool) { return d.at, true }

// Done implements context.Context.
func (d *deadline) Done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timed == nil {
		d.timed, d.cancel = context.WithDeadline(d.Context, d.at)
	}
	return d.timed.Done()
}

// Err implements context.Context. The time may be up before the timer knows.
func (d *deadline) Err() error {
	d.mu.Lock()
	timed := d.timed
	d.mu.Unlock()
	if timed == nil {
		timed = d.Context
	}
	if err := timed.Err(); err != nil {
		return err
	}
	if time.Now().Before(d.at) {
		return nil
	}
	return context.DeadlineExceeded
}

// stop ends the context, or spares its timer where nobody has waited.
func (d *deadline) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timed == nil {
		d.timed = d.Context
	}
	if d.cancel != nil {
		d.cancel()
	}
}
