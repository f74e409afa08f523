package schemas

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLoad(t *testing.T) {
	for _, name := range functions(t) {
		in, out, err := Load(name)
		require.NoError(t, err)
		assert.NotNil(t, in)
		assert.NotNil(t, out)
	}
	_, _, err := Load("NoSuchFunction")
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

// functions returns the names of all functions that have a file here.
func functions(t *testing.T) []string {
	t.Helper()
	files, err := fs.Glob(FS, "*.in.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file, ".in.json"))
	}
	return names
}

func TestFilesAreFormatted(t *testing.T) {
	files, err := fs.Glob(FS, "*.json")
	require.NoError(t, err)
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			text, err := FS.ReadFile(file)
			require.NoError(t, err)
			var want bytes.Buffer
			require.NoError(t, json.Indent(&want, bytes.TrimSpace(text), "", "  "))
			want.WriteByte('\n')
			assert.Equal(t, want.String(), string(text))
		})
	}
}

func TestStartFlow(t *testing.T) {
	in, out, err := Load("startFlow")
	require.NoError(t, err)
	for _, body := range []string{``, `null`, `{}`, `"text"`, `[1]`, `{"any": {"thing": 1}}`} {
		_, err := in.Check(json.RawMessage(body))
		assert.NoError(t, err, body)
	}
	_, err = out.Check(json.RawMessage(`{"now":"2030-01-31T12:00:00.000Z","snapshot":{"any":["thing"]}}`))
	assert.NoError(t, err)
	_, err = out.Check(json.RawMessage(`{"now":"noon","cfg":{}}`))
	assert.EqualError(t, err, `body: has an unknown property (given: a name of 3 characters, not one of now, snapshot); `+
		`body.now: must be a date and time in ISO 8601, such as 2030-01-31T12:00:00Z (given: a string of 4 characters); body.snapshot: is missing – map a value`)
}
