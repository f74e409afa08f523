package main

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample is a report with values of which every target has been reached.
func sample() report {
	r := report{results: results{}, machine: "2 cores of A & B; Go 1.26", plan: plan{rounds: 3, loads: []load{{2, 1}, {2, 10}, {2, 100}, {1, 1}}}}
	add := func(m metric, own, node, relay float64) {
		r.results.add(m, ours, own)
		r.results.add(m, reference, node)
		r.results.add(m, floor, relay)
	}
	for _, at := range r.plan.loads {
		add(rate(at), 8000, 2000, 20_000)
		add(cpu(at), 0.09, 0.56, 0.024)
	}
	for _, name := range []string{oursCached, referenceCached} {
		r.results.add(rate(load{2, 100}), name, 15_000)
		r.results.add(cpu(load{2, 100}), name, map[string]float64{oursCached: 0.035, referenceCached: 0.2}[name])
		r.results.add(latencyP50, name, 1.5)
	}
	add(latencyP50, 2.2, 6, 1.4)
	r.results.add(latencyP50, awsCall, 0.3)
	add(latencyP99, 4, 9, 3)
	add(peakMemory, 25, 186, 12)
	add(idleMemory, 14, 73, 6)
	add(coldStart, 30, 330, 13)
	add(imageSize, 6.4, 41, 2.2)
	r.results.add(earlyMemory, ours, 24)
	r.results.add(lateMemory, ours, 25)
	return r
}

func TestMarkdown(t *testing.T) {
	r := sample()
	r.results.add(coldStart, ours, 20)
	r.results.add(coldStart, ours, 40)
	text := r.markdown()
	assert.Contains(t, text, "|  | this component | this component, cached | Node.js sailor | Node.js sailor, cached | bare relay | AWS call alone |")
	assert.Contains(t, text, "| cold start to first emit, ms | 30 (20–40) | – | 330 | – | 13 | – |")
	assert.Contains(t, text, "| messages/s, prefetch 1, protocol 1 |")
	assert.Contains(t, text, "| more messages/s than the Node.js sailor, prefetch 100 | at least 4 × | 4 × | met |")
	assert.Contains(t, text, "| p50, less one AWS call, over that of the bare relay | at most 1.6 × | 1.36 × | met |")
	assert.Equal(t, len(targets()), strings.Count(text, "| met |"))

	r.results[idleMemory][ours][0] = 15.2
	assert.Contains(t, r.markdown(), "| idle memory | at most 15 MiB | 15.2 MiB | missed |")
}

func TestMarkdownWithoutNode(t *testing.T) {
	r := sample()
	for _, by := range r.results {
		delete(by, reference)
		delete(by, referenceCached)
	}
	text := r.markdown()
	assert.Contains(t, text, "|  | this component | this component, cached | bare relay | AWS call alone |")
	assert.NotContains(t, text, reference)
	assert.Contains(t, text, "| image, compressed | at most 8 MB | 6.4 MB | met |")
}

func TestPicture(t *testing.T) {
	for name, r := range map[string]report{"full": sample(), "empty": {results: results{}}} {
		t.Run(name, func(t *testing.T) {
			picture, err := r.picture()
			require.NoError(t, err)
			require.NoError(t, xml.Unmarshal(picture, new(struct{})))
		})
	}
	picture, err := sample().picture()
	require.NoError(t, err)
	assert.Contains(t, string(picture), ">8,000</text>")
	assert.Contains(t, string(picture), "2 cores of A &amp; B<")
	assert.Equal(t, 3*6+2*3, strings.Count(string(picture), `height="16" rx="2"/>`), "bars")
}

func TestWriteDocs(t *testing.T) {
	dir := t.TempDir()
	page := filepath.Join(dir, "benchmark.md")
	assert.Error(t, sample().writeDocs(dir), "there is no page")
	require.NoError(t, os.WriteFile(page, []byte("before\n"), 0o644))
	assert.ErrorContains(t, sample().writeDocs(dir), "mark")

	require.NoError(t, os.WriteFile(page, []byte("before\n\n"+beginTables+"old"+endTables+"\n\nafter\n"), 0o644))
	for range 2 { // writing again changes nothing
		require.NoError(t, sample().writeDocs(dir))
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		assert.Equal(t, "before\n\n"+beginTables+sample().markdown()+endTables+"\n\nafter\n", string(text))
	}
	assert.FileExists(t, filepath.Join(dir, "benchmark.svg"))
}

// TestDocsHaveTheirMarks looks at the page that `make bench` writes to.
func TestDocsHaveTheirMarks(t *testing.T) {
	text, err := os.ReadFile("../../docs/benchmark.md")
	require.NoError(t, err)
	for _, mark := range []string{beginTables, endTables, beginStages, endStages} {
		assert.Equal(t, 1, strings.Count(string(text), mark), mark)
	}
}
