package main

import "fmt"

// target is a ratio or a figure that is to be reached.
type target struct {
	what   string
	wanted float64
	atMost bool   // else at least
	unit   string // behind the figures
	got    func(results) (float64, bool)
}

// targets are those of the project. All but two are ratios within one
// run, so that they hold on other machines, too.
func targets() []target {
	var all []target
	for _, prefetch := range []int{1, 10, 100} {
		all = append(all, target{
			what: fmt.Sprintf("less CPU per message than the Node.js sailor, prefetch %d", prefetch), wanted: 5, unit: "×",
			got: ratio(cpu(load{headline, prefetch}), reference, ours),
		})
	}
	for _, speed := range []struct {
		prefetch int
		wanted   float64
	}{{1, 4}, {10, 3.5}, {100, 4}} {
		all = append(all, target{
			what: fmt.Sprintf("more messages/s than the Node.js sailor, prefetch %d", speed.prefetch), wanted: speed.wanted, unit: "×",
			got: ratio(rate(load{headline, speed.prefetch}), ours, reference),
		})
	}
	peak := load{headline, peakPrefetch}
	return append(all,
		target{what: "cached: CPU per message over that of the bare relay, prefetch 100", wanted: 1.6, atMost: true, unit: "×", got: ratio(cpu(peak), oursCached, floor)},
		target{what: "cached: less CPU per message than the Node.js sailor, prefetch 100", wanted: 10, unit: "×", got: ratio(cpu(peak), reference, oursCached)},
		target{what: "cached: less CPU per message than the Node.js sailor, cached, prefetch 100", wanted: 5, unit: "×", got: ratio(cpu(peak), referenceCached, oursCached)},
		target{what: "cached: messages/s over those of the bare relay, prefetch 100", wanted: 0.667, unit: "×", got: ratio(rate(peak), oursCached, floor)},
		target{what: "cached: p50 over that of the bare relay", wanted: 1.3, atMost: true, unit: "×", got: ratio(latencyP50, oursCached, floor)},
		target{what: "less peak memory than the Node.js sailor, prefetch 100", wanted: 6, unit: "×", got: ratio(peakMemory, reference, ours)},
		target{what: "shorter p99 than the Node.js sailor", wanted: 2, unit: "×", got: ratio(latencyP99, reference, ours)},
		target{what: "faster cold start than the Node.js sailor", wanted: 10, unit: "×", got: ratio(coldStart, reference, ours)},
		target{what: "p50, less one AWS call, over that of the bare relay", wanted: 1.6, atMost: true, unit: "×", got: overFloor},
		target{what: "memory after all messages over that after 20,000", wanted: 1.1, atMost: true, unit: "×", got: growth},
		target{what: "idle memory", wanted: 15, atMost: true, unit: "MiB", got: figure(idleMemory)},
		target{what: "image, compressed", wanted: 8, atMost: true, unit: "MB", got: figure(imageSize)},
	)
}

// ratio divides the medians of two subjects.
func ratio(m metric, over, under string) func(results) (float64, bool) {
	return func(r results) (float64, bool) {
		a, okA := r.median(m, over)
		b, okB := r.median(m, under)
		return a / b, okA && okB
	}
}

func figure(m metric) func(results) (float64, bool) {
	return func(r results) (float64, bool) { return r.median(m, ours) }
}

// overFloor is how often our part of the latency holds the relay's.
func overFloor(r results) (float64, bool) {
	own, ok1 := r.median(latencyP50, ours)
	call, ok2 := r.median(latencyP50, awsCall)
	relay, ok3 := r.median(latencyP50, floor)
	return (own - call) / relay, ok1 && ok2 && ok3
}

func growth(r results) (float64, bool) {
	early, ok1 := r.median(earlyMemory, ours)
	late, ok2 := r.median(lateMemory, ours)
	return late / early, ok1 && ok2
}

func (t target) met(got float64) bool {
	if t.atMost {
		return got <= t.wanted
	}
	return got >= t.wanted
}

func (t target) rule() string {
	bound := "at least"
	if t.atMost {
		bound = "at most"
	}
	return fmt.Sprintf("%s %s %s", bound, number(t.wanted), t.unit)
}
