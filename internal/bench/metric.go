package main

import "fmt"

// metric is what is measured, with its unit, as a table's row names it.
type metric string

const (
	latencyP50  metric = "latency p50 at 50 messages/s, ms"
	latencyP99  metric = "latency p99 at 50 messages/s, ms"
	peakMemory  metric = "peak memory at prefetch 100, MiB"
	idleMemory  metric = "idle memory, MiB"
	earlyMemory metric = "memory after 20,000 messages, MiB"
	lateMemory  metric = "memory after all messages, MiB"
	coldStart   metric = "cold start to first emit, ms"
	imageSize   metric = "image, compressed, MB"
)

// headline is the protocol that counts; see docs/benchmark.md.
const headline = 2

func rate(at load) metric {
	if at.protocol != headline {
		return metric(fmt.Sprintf("messages/s, prefetch %d, protocol %d", at.prefetch, at.protocol))
	}
	return metric(fmt.Sprintf("messages/s, prefetch %d", at.prefetch))
}

func cpu(at load) metric {
	if at.protocol != headline {
		return metric(fmt.Sprintf("CPU s per 1,000 messages, prefetch %d, protocol %d", at.prefetch, at.protocol))
	}
	return metric(fmt.Sprintf("CPU s per 1,000 messages, prefetch %d", at.prefetch))
}

// metrics are the rows of the table.
func metrics(loads []load) []metric {
	var rows []metric
	for _, of := range []func(load) metric{rate, cpu} {
		for _, at := range loads {
			rows = append(rows, of(at))
		}
	}
	return append(rows, latencyP50, latencyP99, peakMemory, idleMemory, earlyMemory, lateMemory, coldStart, imageSize)
}
