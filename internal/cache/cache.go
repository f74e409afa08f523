// Package cache keeps answers in memory for a while, and has equal questions that
// are asked at once answered together. Nothing of it comes onto a disk.
package cache

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"

	"aws-secrets-manager-connector/internal/component"
)

// The most that a Cache keeps. What was asked for longest ago goes first.
const (
	MaxAnswers = 1024
	MaxBytes   = 8 << 20
)

// Key is what an answer is kept by: a keyed hash, so that it tells nothing of the
// question.
type Key [sha256.Size]byte

// Answer is what a call returned.
type Answer struct {
	Value any // shared by all who ask: nobody may change it
	Size  int // in memory, in bytes
	Keep  bool
}

// Call asks for an answer. With an error, Keep tells whether an earlier answer stays.
type Call func(context.Context) (Answer, error)

// Cache keeps answers. It is safe for concurrent use, and prints without what it
// holds.
type Cache struct {
	ttl     time.Duration
	flights singleflight.Group

	mu    sync.Mutex
	table *simplelru.LRU[Key, *entry]
	bytes int // of all answers
	calls int // that began
}

// entry is an answer in the table.
type entry struct {
	Answer
	call  int         // its number
	timer *time.Timer // takes it out of the table
}

// New returns a Cache that keeps each answer for ttl, counted from when it was
// asked for.
func New(ttl time.Duration) *Cache {
	c := &Cache{ttl: ttl}
	c.table, _ = simplelru.NewLRU(MaxAnswers, func(_ Key, e *entry) { // fails without a size only
		e.timer.Stop()
		c.bytes -= e.Size
	})
	return c
}

// Get returns the answer that is kept, or else that of call, which several may
// share. It outlives the context of whoever asked first, for others may wait for
// it.
func (c *Cache) Get(ctx context.Context, key Key, call Call) (any, error) {
	if value, ok := c.lookUp(key); ok {
		return value, nil
	}
	flight := c.flights.DoChan(string(key[:]), func() (value any, err error) {
		defer func() { // singleflight would end the program
			if panicked := recover(); panicked != nil {
				err = &component.Error{Name: component.InternalError, Message: component.PanicText(panicked)}
			}
		}()
		return c.Renew(context.WithoutCancel(ctx), key, call)
	})
	select {
	case done := <-flight:
		return done.Val, done.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Renew returns the answer of call, and keeps it.
func (c *Cache) Renew(ctx context.Context, key Key, call Call) (any, error) {
	number, began := c.begin(), time.Now()
	answer, err := call(ctx)
	if err != nil {
		if !answer.Keep {
			c.store(key, &entry{call: number}, 0)
		}
		return nil, err
	}
	c.store(key, &entry{Answer: answer, call: number}, c.ttl-time.Since(began))
	return answer.Value, nil
}

func (c *Cache) lookUp(key Key) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.table.Get(key)
	if !ok {
		return nil, false
	}
	return e.Value, true
}

func (c *Cache) begin() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	return c.calls
}

// store puts an answer into the table, unless that of a later call is there.
func (c *Cache) store(key Key, e *entry, ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.table.Peek(key); ok {
		if old.call > e.call {
			return
		}
		c.table.Remove(key)
	}
	if !e.Keep || ttl <= 0 || e.Size > MaxBytes {
		return
	}
	e.timer = time.AfterFunc(ttl, func() { c.expire(key, e) })
	c.bytes += e.Size
	c.table.Add(key, e)
	for c.bytes > MaxBytes {
		c.table.RemoveOldest()
	}
}

func (c *Cache) expire(key Key, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now, ok := c.table.Peek(key); ok && now == e {
		c.table.Remove(key)
	}
}

// Format prints how many answers there are, for every verb.
func (c *Cache) Format(s fmt.State, _ rune) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = fmt.Fprintf(s, "cache with %d answers, %d bytes", c.table.Len(), c.bytes)
}

// LogValue is Format, for slog.
func (c *Cache) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }
