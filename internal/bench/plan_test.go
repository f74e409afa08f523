package main

import (
	"flag"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParsePlan(t *testing.T) {
	p, err := parsePlan(nil, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, 3, p.rounds)
	assert.GreaterOrEqual(t, p.rounds*p.coldStarts, 5, "cold starts")
	for _, protocol := range []int{1, 2} {
		for _, prefetch := range []int{1, 10, 100} {
			assert.Contains(t, p.loads, load{protocol, prefetch})
		}
	}

	p, err = parsePlan([]string{"-quick", "-skip-node"}, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, 1, p.rounds)
	assert.True(t, p.skipNode)
	assert.False(t, p.write)

	for name, args := range map[string][]string{
		"no round":          {"-rounds", "0"},
		"too few messages":  {"-messages", "10"},
		"too few for flat":  {"-flat", "20000"},
		"unknown flag":      {"-fast"},
		"unknown argument":  {"quick"},
		"messages no count": {"-messages", "many"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parsePlan(args, io.Discard)
			assert.Error(t, err)
		})
	}
	_, err = parsePlan([]string{"-help"}, io.Discard)
	assert.ErrorIs(t, err, flag.ErrHelp)
}

func TestRotated(t *testing.T) {
	all := []string{"a", "b", "c"}
	first := map[string]bool{}
	for round := range 3 {
		order := rotated(all, round)
		assert.ElementsMatch(t, all, order)
		first[order[0]] = true
	}
	assert.Equal(t, []string{"a", "b", "c"}, rotated(all, 0))
	assert.Equal(t, []string{"a", "c", "b"}, rotated(all, 1))
	assert.Equal(t, []string{"c", "a", "b"}, rotated(all, 2))
	assert.Equal(t, []string{"a", "b"}, rotated([]string{"a", "b"}, 2))
	assert.Equal(t, []string{"a"}, rotated([]string{"a"}, 5))
	assert.Greater(t, len(first), 1, "the same subject is always first")
}
