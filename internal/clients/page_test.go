package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestThePageHasTheSnippets, for a renamed heading would otherwise show in make
// clients alone.
func TestThePageHasTheSnippets(t *testing.T) {
	text, err := os.ReadFile("../../" + pageFile)
	require.NoError(t, err)
	for _, c := range clients() {
		code, err := page(text).snippet(c.heading)
		require.NoError(t, err)
		assert.Contains(t, code, pageURL)
	}
	_, err = page(text).snippet("### COBOL")
	require.EqualError(t, err, `the page has no heading "### COBOL"`)
	_, err = page("\n### A\ntext\n### B\n```sh\n```\n").snippet("### A")
	require.EqualError(t, err, `the page has no code below "### A"`)
}
