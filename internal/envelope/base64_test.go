package envelope

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

// vectors were made by the platform's own runtime, see testdata/vectors.js.
type vectors struct {
	Password, IV string
	Messages     []struct{ Name, Plain, Protocol1, Protocol2 string }
	Base64       []struct{ Text, Bytes string }
}

func readVectors(t *testing.T) (vectors, *Cipher) {
	t.Helper()
	file, err := os.ReadFile("testdata/vectors.json")
	require.NoError(t, err)
	var v vectors
	require.NoError(t, json.Unmarshal(file, &v))
	require.NotEmpty(t, v.Messages)
	require.NotEmpty(t, v.Base64)
	c, err := NewCipher(component.NewSecret(v.Password), component.NewSecret(v.IV))
	require.NoError(t, err)
	return v, c
}

func TestBase64IsReadAsNodeReadsIt(t *testing.T) {
	v, _ := readVectors(t)
	for _, vector := range v.Base64 {
		t.Run(vector.Text, func(t *testing.T) {
			assert.Equal(t, vector.Bytes, hex.EncodeToString(decodeBase64([]byte(vector.Text))))
		})
	}
}
