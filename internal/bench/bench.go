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
	plan       plan
	world      *world
	contenders []contender
	results    results
	progress   io.Writer
}

// measure measures everything. Of each thing the contenders take turns, so
// that what else the machine does hits them alike.
func (b *bench) measure(ctx context.Context) error {
	b.results = results{}
	for round := range b.plan.rounds {
		order := rotated(b.contenders, round)
		for _, at := range b.plan.loads {
			for _, c := range order {
				if err := b.speed(ctx, c, at); err != nil {
					return err
				}
			}
		}
		for _, c := range order {
			if err := errors.Join(b.coldStarts(ctx, c), b.latency(ctx, c)); err != nil {
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

// onLane runs a measurement with fresh queues and bounded time.
func (b *bench) onLane(ctx context.Context, at load, c contender, what string, run func(context.Context, *lane) error) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done within %s", limit))
	defer cancel()
	fmt.Fprintf(b.progress, "%-14s  %-24s", c.name, what)
	defer func() { fmt.Fprintln(b.progress) }()
	l, err := b.world.openLane(at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	if err := run(ctx, l); err != nil {
		return fmt.Errorf("%s, %s: %w", c.name, what, err)
	}
	return nil
}

// record notes a value and shows it.
func (b *bench) record(m metric, contender string, value float64) {
	b.results.add(m, contender, value)
	fmt.Fprintf(b.progress, "  %s", number(value))
}
