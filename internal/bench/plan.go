package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"time"
)

// plan says what is measured, and how much of it.
type plan struct {
	rounds     int
	messages   int           // that wait when a speed is measured
	warmUp     int           // of them are not counted, or those of warmUpTime
	warmUpTime time.Duration // where they take longer
	window     time.Duration // the longest that a speed is measured
	paced      int           // messages of a latency
	coldStarts int           // per round
	flat       int           // messages of the look at memory over time; 0 leaves it out
	loads      []load

	skipNode bool
	write    bool
	profile  string // directory for profiles, which replace the measurements
}

// load is what a step is put under.
type load struct{ protocol, prefetch int }

const (
	pacedRate   = 50 // messages/s
	pacedWarmUp = 50 // messages that are sent first and not counted
	// latencyPrefetch leaves room for a message that comes before the last is
	// done.
	latencyPrefetch = 10
	// peakPrefetch is the load at which memory is compared.
	peakPrefetch = 100
)

func parsePlan(args []string, help io.Writer) (plan, error) {
	p := plan{
		warmUp: 3000, warmUpTime: 4 * time.Second, window: 3 * time.Second,
		paced: 500, coldStarts: 2,
		loads: []load{{2, 1}, {2, 10}, {2, 100}, {1, 1}, {1, 10}, {1, 100}},
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.IntVar(&p.rounds, "rounds", 3, "rounds, each with all subjects")
	flags.IntVar(&p.messages, "messages", 20_000, "messages that wait when a speed is measured")
	flags.IntVar(&p.flat, "flat", 100_000, "messages of the look at memory over time; 0 leaves it out")
	flags.BoolVar(&p.skipNode, "skip-node", false, "leave out the Node.js step")
	flags.BoolVar(&p.write, "write", false, "put tables and picture into docs/")
	flags.StringVar(&p.profile, "profile", "", "profile the component instead, into this `directory`")
	quick := flags.Bool("quick", false, "one short round, for a first look")
	if err := flags.Parse(args); err != nil {
		return plan{}, err
	}
	if *quick {
		p.rounds, p.messages, p.flat = 1, min(p.messages, 10_000), 0
		p.warmUp, p.warmUpTime, p.window = 2000, 2*time.Second, 1500*time.Millisecond
		p.paced, p.coldStarts = 150, 3
		p.loads = []load{{2, 1}, {2, 10}, {2, 100}, {1, 100}}
	}
	return p, p.check(flags.Args())
}

func (p plan) check(rest []string) error {
	least := 2 * p.warmUp
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unknown argument %q", rest[0])
	case p.rounds < 1:
		return fmt.Errorf("-rounds must be at least 1, given was %d", p.rounds)
	case p.messages < least:
		return fmt.Errorf("-messages must be at least %d, given was %d", least, p.messages)
	case p.flat != 0 && p.flat < 2*flatFirst:
		return fmt.Errorf("-flat must be 0 or at least %d, given was %d", 2*flatFirst, p.flat)
	}
	return nil
}

// rotated is the order of a round: each begins with another subject, and
// every second one goes backwards.
func rotated[T any](all []T, round int) []T {
	first := round % len(all)
	order := slices.Concat(all[first:], all[:first])
	if round%2 == 1 {
		slices.Reverse(order)
	}
	return order
}
