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

// assertData compares the data of a result with a file of testdata. With
// UPDATE_GOLDENS=1 it writes the file anew.
func assertData(t *testing.T, file, result string) {
	t.Helper()
	var got struct {
		Status string
		Data   json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(result), &got))
	require.Equal(t, "success", got.Status, result)
	file = filepath.Join("testdata", file)
	if os.Getenv("UPDATE_GOLDENS") != "" {
		var text bytes.Buffer
		require.NoError(t, json.Indent(&text, got.Data, "", "  "))
		text.WriteByte('\n')
		require.NoError(t, os.WriteFile(file, text.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(got.Data), "UPDATE_GOLDENS=1 writes it anew")
}
