package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// limit ends a measurement that hangs.
const limit = 2 * time.Minute

// bench is one run.
type bench struct {
	plan        plan
	environment *environment
	subjects    []subject
	results     results
	progress    io.Writer
}

// measure measures everything. Of each thing the subjects take turns, so that
// what else the machine does hits them alike.
func (b *bench) measure(ctx context.Context) error {
	for round := range b.plan.rounds {
		order := rotated(b.subjects, round)
		for _, at := range b.plan.loads {
			for _, s := range order {
				if !s.runsUnder(at) {
					continue
				}
				if err := b.speed(ctx, s, at); err != nil {
					return err
				}
			}
		}
		for _, s := range order {
			if s.speedOnly {
				continue
			}
			if err := errors.Join(b.coldStarts(ctx, s), b.latency(ctx, s)); err != nil {
				return err
			}
		}
		if err := b.awsCall(ctx); err != nil {
			return err
		}
		fmt.Fprintf(b.progress, "round %d of %d is done\n", round+1, b.plan.rounds)
	}
	return errors.Join(b.flatness(ctx), b.images())
}

// withStep runs a measurement of a subject that starts with so many messages
// in a fresh queue, in bounded time.
func (b *bench) withStep(ctx context.Context, s subject, at load, waiting int, what string, measure func(context.Context, *step) error) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done within %s", limit))
	defer cancel()
	defer b.announce(s.name, what)()
	q, err := b.environment.openQueues(ctx, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, q.close(context.WithoutCancel(ctx))) }()
	if err := q.fill(ctx, waiting); err != nil {
		return err
	}
	p, err := b.environment.start(ctx, s, q)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := measure(ctx, &step{subject: s, queues: q, process: p}); err != nil {
		return fmt.Errorf("%s, %s: %w", s.name, what, err)
	}
	return nil
}

// announce begins a line of progress, which record continues.
func (b *bench) announce(name, what string) (done func()) {
	fmt.Fprintf(b.progress, "%-14s  %-24s", name, what)
	return func() { fmt.Fprintln(b.progress) }
}

// record notes a value and shows it.
func (b *bench) record(m metric, subject string, value float64) {
	b.results.add(m, subject, value)
	fmt.Fprintf(b.progress, "  %s", number(value))
}
