package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestSpread(t *testing.T) {
	for name, test := range map[string]struct {
		values []float64
		want   spread
	}{
		"one":          {[]float64{3}, spread{3, 3, 3}},
		"odd number":   {[]float64{9, 1, 2}, spread{1, 2, 9}},
		"even number":  {[]float64{4, 1, 9, 2}, spread{1, 3, 9}},
		"equal values": {[]float64{2, 2}, spread{2, 2, 2}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, spreadOf(test.values)) })
	}
}

func TestPercentile(t *testing.T) {
	var times []time.Duration
	for i := 100; i > 0; i-- {
		times = append(times, time.Duration(i)*time.Millisecond)
	}
	assert.InDelta(t, 50, percentile(times, 0.50), 1e-9)
	assert.InDelta(t, 99, percentile(times, 0.99), 1e-9)
	assert.InDelta(t, 100, percentile(times, 1), 1e-9)
	assert.InDelta(t, 1, percentile(times, 0), 1e-9)
	assert.InDelta(t, 0.5, percentile([]time.Duration{500 * time.Microsecond}, 0.99), 1e-9)
}

func TestResults(t *testing.T) {
	r := results{}
	_, ok := r.median("m", ours)
	assert.False(t, ok, "nothing was measured")
	for _, v := range []float64{5, 1, 3} {
		r.add("m", ours, v)
	}
	got, ok := r.median("m", ours)
	assert.True(t, ok)
	assert.InDelta(t, 3, got, 1e-9)
	_, ok = r.median("m", reference)
	assert.False(t, ok, "nothing was measured of the other")
}

func TestNumber(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "0.0245": 0.02447, "0.560": 0.56, "1.4": 1.4, "15": 15, "12.6": 12.6, "277": 277.4, "999": 999.4,
		"1,390": 1391, "20,000": 20015, "1,000,000": 1e6, "-2.5": -2.5, "NaN": nan(),
	} {
		t.Run(want, func(t *testing.T) { assert.Equal(t, want, number(v)) })
	}
}

func nan() float64 { zero := 0.0; return zero / zero }
