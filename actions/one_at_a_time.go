package actions

import (
	"context"
	"sync"

	"aws-secrets-manager-connector/internal/component"
)

// oneAtATime lets the messages of a container that change the same secret do so
// one after the other, instead of all but one in vain. The zero value is ready.
type oneAtATime struct {
	mu   sync.Mutex
	busy map[string]chan struct{} // closed when the work on it is done
}

// begin waits for its turn. The function that it returns ends it.
func (o *oneAtATime) begin(ctx context.Context, stopping <-chan struct{}, key string) (end func(), err error) {
	for {
		busy, end := o.take(key)
		if end != nil {
			return end, nil
		}
		select {
		case <-busy:
		case <-stopping:
			return nil, component.ErrStopping
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take returns what ends the turn, or what to wait for until it is free.
func (o *oneAtATime) take(key string) (busy <-chan struct{}, end func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if busy, ok := o.busy[key]; ok {
		return busy, nil
	}
	if o.busy == nil {
		o.busy = map[string]chan struct{}{}
	}
	done := make(chan struct{})
	o.busy[key] = done
	return nil, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.busy, key)
		close(done)
	}
}
