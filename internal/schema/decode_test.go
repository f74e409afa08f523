package schema

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/rawjson"
)

// FuzzDecode holds what decode accepts to encoding/json.
func FuzzDecode(f *testing.F) {
	for _, doc := range []string{
		`{"a": {"b": [1, "x:{[", true, null]}, "c": 1e3}`, `{"a": 1, "a": 2}`, `[[[]]]`, `"\\\""`, `1e999`, `{"a":{"a":1}}`, `{} x`, `"\ud83d\ude00"`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		read := decode(doc, nil)
		if !read.readable || len(read.errs) > 0 || read.value == nil {
			return
		}
		again, err := rawjson.Marshal(read.value)
		require.NoError(t, err)
		require.Equal(t, plainly(t, doc), plainly(t, again))
	})
}

func plainly(t *testing.T, doc []byte) (value any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	require.NoError(t, d.Decode(&value))
	return value
}
