package main

import (
	"context"
	"sync"
	"time"
)

// speed measures a step that never waits for messages.
func (b *bench) speed(ctx context.Context, s subject, at load) error {
	return b.withStep(ctx, s, at, b.plan.messages, string(rate(at)), func(ctx context.Context, s *step) error {
		perSecond, perThousand, err := b.window(ctx, s)
		if err != nil {
			return err
		}
		b.record(rate(at), s.name, perSecond)
		b.record(cpu(at), s.name, perThousand)
		if at == (load{headline, peakPrefetch}) {
			return b.recordMemory(peakMemory, s, residentPeak)
		}
		return nil
	})
}

// window counts outputs and CPU time once the step is warm, until no message
// is left or the time is up.
func (b *bench) window(ctx context.Context, s *step) (perSecond, cpuPerThousand float64, err error) {
	var first, warm time.Time
	var cpuWarm float64
	counted := 0
	for n := 1; n <= b.plan.messages; n++ {
		if _, err := s.next(ctx); err != nil {
			return 0, 0, err
		}
		switch {
		case n == 1:
			first = time.Now()
		case warm.IsZero() && (n >= b.plan.warmUp || time.Since(first) >= b.plan.warmUpTime):
			if cpuWarm, err = s.cpuSeconds(); err != nil {
				return 0, 0, err
			}
			warm = time.Now()
		case !warm.IsZero():
			counted++
		}
		if counted > 0 && time.Since(warm) >= b.plan.window {
			break
		}
	}
	span := time.Since(warm).Seconds()
	cpuEnd, err := s.cpuSeconds()
	return float64(counted) / span, (cpuEnd - cpuWarm) / float64(counted) * 1000, err
}

func (b *bench) recordMemory(m metric, s *step, member string) error {
	mib, err := s.memory(member)
	if err == nil {
		b.record(m, s.name, mib)
	}
	return err
}

// coldStarts measures from the start of the process to the first output, for a
// message that waits already.
func (b *bench) coldStarts(ctx context.Context, s subject) error {
	if s.caches { // starts as the one without
		return nil
	}
	for range b.plan.coldStarts {
		err := b.withStep(ctx, s, load{headline, 1}, 1, string(coldStart), func(ctx context.Context, s *step) error {
			_, err := s.next(ctx)
			if err == nil {
				b.record(coldStart, s.name, milliseconds(time.Since(s.started)))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// settling is how long an idle step is left alone before its memory is read.
const settling = time.Second

// latency measures a step that mostly waits, and its memory before the first
// message.
func (b *bench) latency(ctx context.Context, s subject) error {
	return b.withStep(ctx, s, load{headline, latencyPrefetch}, 0, "idle memory, latency", func(ctx context.Context, s *step) error {
		if err := s.consumes(ctx); err != nil {
			return err
		}
		if err := wait(ctx, settling); err != nil {
			return err
		}
		if err := b.recordMemory(idleMemory, s, residentNow); err != nil {
			return err
		}
		times, err := b.pace(ctx, s)
		if err != nil {
			return err
		}
		b.record(latencyP50, s.name, percentile(times, 0.50))
		b.record(latencyP99, s.name, percentile(times, 0.99))
		return nil
	})
}

// pace sends messages at an even rate, whether or not the step keeps up, and
// returns the times from sending a message to its output.
func (b *bench) pace(ctx context.Context, s *step) ([]time.Duration, error) {
	total := pacedWarmUp + b.plan.paced
	var sending sync.WaitGroup
	defer sending.Wait()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sending.Go(func() {
		if err := everyTick(ctx, total, s.send); err != nil {
			cancel(err)
		}
	})
	var times []time.Duration
	for range total {
		d, err := s.next(ctx)
		if err != nil {
			return nil, err
		}
		took, err := sinceSent(d)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	return times[pacedWarmUp:], nil
}

// everyTick does something n times, pacedRate times a second.
func everyTick(ctx context.Context, n int, do func(context.Context) error) error {
	tick := time.NewTicker(time.Second / pacedRate)
	defer tick.Stop()
	for range n {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// flatFirst is the number of messages after which memory is read the first
// time.
const flatFirst = 20_000

// flatness compares our memory early and late in a long run.
func (b *bench) flatness(ctx context.Context) error {
	if b.plan.flat == 0 {
		return nil
	}
	return b.withStep(ctx, b.subjects[0], load{headline, peakPrefetch}, b.plan.flat, "memory over time", func(ctx context.Context, s *step) error {
		for n := 1; n <= b.plan.flat; n++ {
			if _, err := s.next(ctx); err != nil {
				return err
			}
			if m, ok := map[int]metric{flatFirst: earlyMemory, b.plan.flat: lateMemory}[n]; ok {
				if err := b.recordMemory(m, s, residentNow); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
