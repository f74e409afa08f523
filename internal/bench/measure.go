package main

import (
	"context"
	"sync"
	"time"
)

// speed measures a step that never waits for messages.
func (b *bench) speed(ctx context.Context, c contender, at load) error {
	return b.onLane(ctx, at, c, string(rate(at)), func(ctx context.Context, l *lane) error {
		if err := l.fill(ctx, b.plan.messages); err != nil {
			return err
		}
		p, err := b.world.start(ctx, c, l)
		if err != nil {
			return err
		}
		defer p.stop()
		perSecond, perThousand, err := b.window(ctx, l, c, p)
		if err != nil {
			return err
		}
		b.record(rate(at), c.name, perSecond)
		b.record(cpu(at), c.name, perThousand)
		if at.protocol == headline && at.prefetch == peakPrefetch {
			peak, err := memory(p.cmd.Process.Pid, residentPeak)
			if err != nil {
				return err
			}
			b.record(peakMemory, c.name, peak)
		}
		return nil
	})
}

// window counts outputs and CPU time once the step is warm, until no message
// is left or the time is up.
func (b *bench) window(ctx context.Context, l *lane, c contender, p *process) (perSecond, cpuPerThousand float64, err error) {
	var first, warm time.Time
	var cpuWarm float64
	counted := 0
	for n := 1; n <= b.plan.messages; n++ {
		if _, err := l.next(ctx, c, p); err != nil {
			return 0, 0, err
		}
		switch {
		case n == 1:
			first = time.Now()
		case warm.IsZero() && (n >= b.plan.warmUp || time.Since(first) >= b.plan.warmUpTime):
			if cpuWarm, err = cpuSeconds(p.cmd.Process.Pid); err != nil {
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
	cpuEnd, err := cpuSeconds(p.cmd.Process.Pid)
	return float64(counted) / span, (cpuEnd - cpuWarm) / float64(counted) * 1000, err
}

// coldStarts measures from the start of the process to the first output, for a
// message that waits already.
func (b *bench) coldStarts(ctx context.Context, c contender) error {
	for range b.plan.coldStarts {
		err := b.onLane(ctx, load{headline, 1}, c, string(coldStart), func(ctx context.Context, l *lane) error {
			if err := l.fill(ctx, 1); err != nil {
				return err
			}
			p, err := b.world.start(ctx, c, l)
			if err != nil {
				return err
			}
			defer p.stop()
			if _, err := l.next(ctx, c, p); err != nil {
				return err
			}
			b.record(coldStart, c.name, milliseconds(time.Since(p.started)))
			return nil
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
func (b *bench) latency(ctx context.Context, c contender) error {
	return b.onLane(ctx, load{headline, latencyPrefetch}, c, "idle memory, latency", func(ctx context.Context, l *lane) error {
		p, err := b.world.start(ctx, c, l)
		if err != nil {
			return err
		}
		defer p.stop()
		if err := l.consumed(ctx, p); err != nil {
			return err
		}
		if err := wait(ctx, settling); err != nil {
			return err
		}
		idle, err := memory(p.cmd.Process.Pid, residentNow)
		if err != nil {
			return err
		}
		b.record(idleMemory, c.name, idle)
		times, err := b.pace(ctx, l, c, p)
		if err != nil {
			return err
		}
		b.record(latencyP50, c.name, percentile(times, 0.50))
		b.record(latencyP99, c.name, percentile(times, 0.99))
		return nil
	})
}

// pace sends messages at an even rate, whether or not the step keeps up, and
// returns the times from sending a message to its output.
func (b *bench) pace(ctx context.Context, l *lane, c contender, p *process) ([]time.Duration, error) {
	total := pacedWarmUp + b.plan.paced
	var sending sync.WaitGroup
	defer sending.Wait()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sending.Go(func() {
		if err := everyTick(ctx, total, l.send); err != nil {
			cancel(err)
		}
	})
	var times []time.Duration
	for range total {
		d, err := l.next(ctx, c, p)
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
	c := b.contenders[0]
	return b.onLane(ctx, load{headline, peakPrefetch}, c, "memory over time", func(ctx context.Context, l *lane) error {
		if err := l.fill(ctx, b.plan.flat); err != nil {
			return err
		}
		p, err := b.world.start(ctx, c, l)
		if err != nil {
			return err
		}
		defer p.stop()
		for n := 1; n <= b.plan.flat; n++ {
			if _, err := l.next(ctx, c, p); err != nil {
				return err
			}
			m := map[int]metric{flatFirst: earlyMemory, b.plan.flat: lateMemory}[n]
			if m == "" {
				continue
			}
			now, err := memory(p.cmd.Process.Pid, residentNow)
			if err != nil {
				return err
			}
			b.record(m, c.name, now)
		}
		return nil
	})
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
