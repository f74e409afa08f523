package broker

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeChannel settles as a broker does that has handed out the tags from 1 to
// delivered.
type fakeChannel struct {
	delivered uint64
	wait      func(frame string) // before it is sent, may be nil
	err       error

	mu      sync.Mutex
	frames  []string
	settled map[uint64]string
}

func (c *fakeChannel) Ack(tag uint64, multiple bool) error {
	if multiple {
		return c.settle("ack to", tag, 1)
	}
	return c.settle("ack", tag, tag)
}

func (c *fakeChannel) Reject(tag uint64, requeue bool) error {
	if requeue {
		return c.settle("requeue", tag, tag)
	}
	return c.settle("reject", tag, tag)
}

func (c *fakeChannel) settle(how string, tag, from uint64) error {
	frame := fmt.Sprint(how, " ", tag)
	if c.wait != nil {
		c.wait(frame)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frames = append(c.frames, frame)
	if c.err != nil {
		return c.err
	}
	if tag > c.delivered || c.settled[tag] != "" {
		return fmt.Errorf("unknown delivery tag %d", tag)
	}
	if c.settled == nil {
		c.settled = map[uint64]string{}
	}
	for ; from <= tag; from++ {
		if c.settled[from] == "" {
			c.settled[from] = how
		}
	}
	return nil
}

// newAcks has handed out as many deliveries as ch says.
func newAcks(ch *fakeChannel) *acks {
	a := &acks{ch: ch}
	for tag := range ch.delivered {
		a.expect(tag + 1)
	}
	return a
}

func TestAcks(t *testing.T) {
	type step struct {
		ack    []uint64
		reject uint64
	}
	for name, tc := range map[string]struct {
		steps []step
		want  []string
	}{
		"nothing":               {[]step{{}}, nil},
		"one":                   {[]step{{ack: []uint64{1}}}, []string{"ack to 1"}},
		"many":                  {[]step{{ack: []uint64{1, 2, 3}}}, []string{"ack to 3"}},
		"in any order":          {[]step{{ack: []uint64{3, 1, 2}}}, []string{"ack to 3"}},
		"beyond a gap":          {[]step{{ack: []uint64{4, 3}}}, []string{"ack 4", "ack 3"}},
		"on both sides of gaps": {[]step{{ack: []uint64{6, 2, 1, 4}}}, []string{"ack 6", "ack 4", "ack to 2"}},
		"a gap that closes":     {[]step{{ack: []uint64{2, 3}}, {ack: []uint64{1}}, {ack: []uint64{4}}}, []string{"ack 2", "ack 3", "ack to 1", "ack to 4"}},
		"a gap that closes last": {
			[]step{{ack: []uint64{2}}, {ack: []uint64{1, 4, 3}}}, []string{"ack 2", "ack to 4"},
		},
		"a rejected one closes a gap": {
			[]step{{reject: 1}, {ack: []uint64{2, 3}}}, []string{"reject 1", "ack to 3"},
		},
		"a rejected one at the end": {
			[]step{{ack: []uint64{1, 2}}, {reject: 3}, {ack: []uint64{4}}}, []string{"ack to 2", "reject 3", "ack to 4"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ch := &fakeChannel{delivered: 6}
			a := newAcks(ch)
			for _, step := range tc.steps {
				if step.reject > 0 {
					require.NoError(t, a.reject(step.reject, false))
				}
				for _, tag := range step.ack {
					a.add(tag)
				}
				require.NoError(t, a.flush())
			}
			assert.Equal(t, tc.want, ch.frames)
		})
	}
}

func TestAcksGatherWhileOneIsSent(t *testing.T) {
	sending, send := make(chan string, 2), make(chan struct{})
	ch := &fakeChannel{delivered: 4, wait: func(frame string) {
		sending <- frame
		<-send
	}}
	a := newAcks(ch)
	var all sync.WaitGroup
	all.Go(func() { assert.NoError(t, a.ack(1)) })
	assert.Equal(t, "ack to 1", <-sending)
	all.Go(func() { assert.NoError(t, a.ack(2)) })
	require.Eventually(t, func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.pending) == 1
	}, time.Minute, time.Millisecond)
	require.NoError(t, a.ack(4), "the one before it sends for it")
	require.NoError(t, a.ack(3))
	close(send)
	all.Wait()
	assert.Equal(t, []string{"ack to 1", "ack to 4"}, ch.frames)
}

func TestAcksDoNotIncludeARejectThatIsNotSentYet(t *testing.T) {
	sending, send := make(chan struct{}), make(chan struct{})
	ch := &fakeChannel{delivered: 2, wait: func(frame string) {
		if frame == "requeue 1" {
			close(sending)
			<-send
		}
	}}
	a := newAcks(ch)
	var rejecting sync.WaitGroup
	rejecting.Go(func() { assert.NoError(t, a.reject(1, true)) })
	<-sending
	require.NoError(t, a.ack(2))
	close(send)
	rejecting.Wait()
	assert.Equal(t, map[uint64]string{1: "requeue", 2: "ack"}, ch.settled)
}

func TestAcksTellAFailure(t *testing.T) {
	broken := errors.New("broken")
	for name, call := range map[string]func(*acks) error{
		"to acknowledge one":  func(a *acks) error { return a.ack(2) },
		"to acknowledge many": func(a *acks) error { return a.ack(1) },
		"to reject":           func(a *acks) error { return a.reject(1, false) },
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, call(newAcks(&fakeChannel{delivered: 2, err: broken})), broken)
		})
	}
}

// TestAcksOfManyAtOnce has a window of deliveries, settled in any order.
func TestAcksOfManyAtOnce(t *testing.T) {
	const deliveries, window = 5000, 100
	ch := &fakeChannel{delivered: deliveries}
	a := &acks{ch: ch}
	settle := map[uint64]func(tag uint64) error{
		0: func(tag uint64) error { return a.reject(tag, false) },
		1: func(tag uint64) error { return a.reject(tag, true) },
	}
	var all sync.WaitGroup
	places := make(chan struct{}, window)
	for n := range uint64(deliveries) {
		tag := n + 1
		places <- struct{}{}
		a.expect(tag)
		all.Go(func() {
			how, special := settle[tag%50]
			if !special {
				how = a.ack
			}
			for range rand.IntN(100) {
				runtime.Gosched()
			}
			assert.NoError(t, how(tag))
			<-places
		})
	}
	all.Wait()
	require.Len(t, ch.settled, deliveries)
	for tag, how := range ch.settled {
		switch tag % 50 {
		case 0:
			require.Equal(t, "reject", how)
		case 1:
			require.Equal(t, "requeue", how)
		default:
			require.Contains(t, how, "ack")
		}
	}
	assert.Empty(t, a.open)
	assert.LessOrEqual(t, cap(a.open), 4*window, "it is as large as the window")
}
