package broker_test

import (
	"context"
	"sync"
)

// noticed returns a context that tells, by closing waits, when somebody first
// waits for its end. A test that breaks off such a wait knows from it that the
// wait has begun.
func noticed(parent context.Context) (ctx context.Context, waits <-chan struct{}) {
	seen := make(chan struct{})
	return &noticedContext{Context: parent, notice: sync.OnceFunc(func() { close(seen) })}, seen
}

type noticedContext struct {
	context.Context
	notice func()
}

func (c *noticedContext) Done() <-chan struct{} {
	c.notice()
	return c.Context.Done()
}
