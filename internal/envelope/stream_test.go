package envelope

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReaderAgreesWithEncode(t *testing.T) {
	c := newCipher(t)
	for _, length := range []int{
		0, 1, 15, 16, 17, 1000, chunkSize - 17, chunkSize - 16, chunkSize - 1, chunkSize, chunkSize + 1, chunkSize + 16,
		2 * chunkSize, 2*chunkSize + 5,
	} {
		t.Run(fmt.Sprint(length), func(t *testing.T) {
			plain := bytes.Repeat([]byte("0123456789a"), length/11+1)[:length]
			want := c.Encode(plain, Raw)
			r, size := c.NewReader(plain)
			assert.Equal(t, int64(len(want)), size)
			require.NoError(t, iotest.TestReader(r, want))

			back, err := c.DecodeInPlace(want)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(plain, back))
		})
	}
}

func TestReaderAgreesWithThePlatform(t *testing.T) {
	v, c := readVectors(t)
	for _, vector := range v.Messages {
		t.Run(vector.Name, func(t *testing.T) {
			r, _ := c.NewReader([]byte(vector.Plain))
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			assert.Equal(t, vector.Protocol2, hex.EncodeToString(got))
		})
	}
}

func TestReaderLeavesItsInputAlone(t *testing.T) {
	c := newCipher(t)
	plain := bytes.Repeat([]byte("x"), chunkSize+3)
	before := bytes.Clone(plain)
	r, _ := c.NewReader(plain)
	_, err := io.Copy(io.Discard, r)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(before, plain))
}

func TestReaderPrintsNoText(t *testing.T) {
	r, _ := newCipher(t).NewReader([]byte("planted"))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		assert.Equal(t, "envelope.Reader", fmt.Sprintf(verb, r), verb)
	}
}

func TestDecodeInPlaceRefuses(t *testing.T) {
	c := newCipher(t)
	for name, data := range map[string][]byte{
		"nothing": nil, "half a block": make([]byte, 8), "cut short": c.Encode(make([]byte, 40), Raw)[:32],
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.DecodeInPlace(data)
			require.ErrorIs(t, err, ErrDecode)
		})
	}
}

func FuzzReader(f *testing.F) {
	c := newCipher(f)
	f.Add([]byte(""), 1)
	f.Add([]byte("0123456789abcdef"), 3)
	f.Fuzz(func(t *testing.T, plain []byte, step int) {
		r, size := c.NewReader(plain)
		var got bytes.Buffer
		_, err := io.CopyBuffer(struct{ io.Writer }{&got}, r, make([]byte, 1+uint(step)%chunkSize))
		require.NoError(t, err)
		require.Equal(t, size, int64(got.Len()))
		back, err := c.Decode(got.Bytes(), Raw)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, back))
	})
}
