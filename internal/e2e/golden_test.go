package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const updating = "UPDATE_GOLDENS=1 writes it anew"

// golden returns a file of testdata; with UPDATE_GOLDENS=1 it writes the text there first.
func golden(t *testing.T, file string, text []byte) []byte {
	t.Helper()
	file = filepath.Join("testdata", file)
	if os.Getenv("UPDATE_GOLDENS") != "" {
		require.NoError(t, os.WriteFile(file, text, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, updating)
	return want
}

// assertGolden compares a text with a file of testdata.
func assertGolden(t *testing.T, file, text string) {
	t.Helper()
	assert.Equal(t, string(golden(t, file, []byte(text))), text, updating)
}

// assertData compares the data of a result with a file of testdata.
func assertData(t *testing.T, file, result string) {
	t.Helper()
	got := data(t, result)
	var text bytes.Buffer
	require.NoError(t, json.Indent(&text, got, "", "  "))
	text.WriteByte('\n')
	assert.JSONEq(t, string(golden(t, file, text.Bytes())), string(got), updating)
}

// data returns that of a result, which is a success.
func data(t *testing.T, result string) json.RawMessage {
	t.Helper()
	var got struct {
		Status string
		Data   json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(result), &got))
	require.Equal(t, "success", got.Status, result)
	return got.Data
}
