package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCompressed(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "a", "b"), 0o755))
	zeros := make([]byte, 1<<20)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a", "b", "zeros"), zeros, 0o644))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "a", "link")))

	nothing, err := compressed([]string{filepath.Join(dir, "absent")})
	require.NoError(t, err)
	assert.Positive(t, nothing)
	one, err := compressed([]string{dir})
	require.NoError(t, err)
	assert.Greater(t, one, nothing)
	assert.Less(t, one, int64(len(zeros)/10))
	two, err := compressed([]string{dir, filepath.Join(dir, "a", "b", "zeros")})
	require.NoError(t, err)
	assert.Greater(t, two, one)
}
