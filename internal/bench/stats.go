package main

import (
	"math"
	"slices"
	"time"
)

// spread is what the rounds of one measurement have in common.
type spread struct{ lowest, median, highest float64 }

func spreadOf(values []float64) spread {
	sorted := slices.Sorted(slices.Values(values))
	return spread{sorted[0], median(sorted), sorted[len(sorted)-1]}
}

func median(sorted []float64) float64 {
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// percentile is the least of the times that p of them, 0 to 1, do not exceed,
// in ms.
func percentile(times []time.Duration, p float64) float64 {
	sorted := slices.Sorted(slices.Values(times))
	rank := int(math.Ceil(p * float64(len(sorted))))
	return milliseconds(sorted[max(rank, 1)-1])
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// results holds a value per round, by what was measured and of whom.
type results map[metric]map[string][]float64

func (r results) add(m metric, subject string, value float64) {
	if r[m] == nil {
		r[m] = map[string][]float64{}
	}
	r[m][subject] = append(r[m][subject], value)
}

func (r results) spread(m metric, subject string) (s spread, ok bool) {
	values := r[m][subject]
	if len(values) == 0 {
		return spread{}, false
	}
	return spreadOf(values), true
}

// median fails where there is no value.
func (r results) median(m metric, subject string) (float64, bool) {
	s, ok := r.spread(m, subject)
	return s.median, ok
}
