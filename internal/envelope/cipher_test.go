package envelope

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func newCipher(t testing.TB) *Cipher {
	t.Helper()
	c, err := NewCipher(component.NewSecret("a password"), component.NewSecret("0123456789abcdef"))
	require.NoError(t, err)
	return c
}

func TestCipherAgreesWithThePlatform(t *testing.T) {
	v, c := readVectors(t)
	for _, vector := range v.Messages {
		t.Run(vector.Name, func(t *testing.T) {
			raw, err := hex.DecodeString(vector.Protocol2)
			require.NoError(t, err)

			assert.Equal(t, vector.Protocol1, string(c.Encode([]byte(vector.Plain), Base64)))
			assert.Equal(t, raw, c.Encode([]byte(vector.Plain), Raw))

			plain, err := c.Decode([]byte(vector.Protocol1), Base64)
			require.NoError(t, err)
			assert.Equal(t, vector.Plain, string(plain))
			plain, err = c.Decode(raw, Raw)
			require.NoError(t, err)
			assert.Equal(t, vector.Plain, string(plain))
		})
	}
}

func TestNewCipherRefuses(t *testing.T) {
	for _, test := range []struct{ name, password, iv, want string }{
		{"no password", "", "0123456789abcdef", "MESSAGE_CRYPTO_PASSWORD is empty"},
		{"no IV", "hunter2", "", "MESSAGE_CRYPTO_IV must be 16 bytes long, but has 0"},
		{"short IV", "hunter2", "0123456789abcde", "MESSAGE_CRYPTO_IV must be 16 bytes long, but has 15"},
		{"long IV", "hunter2", "0123456789abcdefg", "MESSAGE_CRYPTO_IV must be 16 bytes long, but has 17"},
		{"16 letters, but more bytes", "hunter2", "0123456789abcdeé", "MESSAGE_CRYPTO_IV must be 16 bytes long, but has 17"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewCipher(component.NewSecret(test.password), component.NewSecret(test.iv))
			require.EqualError(t, err, test.want)
		})
	}
}

func TestEveryLengthComesBack(t *testing.T) {
	c := newCipher(t)
	for n := range 3*aes.BlockSize + 1 {
		plain := []byte(strings.Repeat("x", n))
		for _, protocol := range []int{-1, 0, 1, 2, 3} {
			back, err := c.Decode(c.Encode(plain, protocol), protocol)
			require.NoError(t, err)
			require.Equal(t, plain, append([]byte{}, back...), "length %d, protocol %d", n, protocol)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	c := newCipher(t)
	other, err := NewCipher(component.NewSecret("another password"), component.NewSecret("0123456789abcdef"))
	require.NoError(t, err)
	sealed := c.Encode([]byte("some text that is two blocks"), Raw)

	for _, test := range []struct {
		name     string
		data     []byte
		protocol int
	}{
		{"nothing", nil, Raw},
		{"nothing as base64", nil, Base64},
		{"white space as base64", []byte(" \n"), Base64},
		{"not whole blocks", sealed[:31], Raw},
		{"the last block is missing", sealed[:16], Raw},
		{"raw bytes where base64 is due", sealed, Base64},
		{"base64 where raw bytes are due", []byte(base64.StdEncoding.EncodeToString(sealed) + "12"), Raw},
		{"another key", other.Encode([]byte("some text that is two blocks"), Raw), Raw},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.Decode(test.data, test.protocol)
			require.ErrorIs(t, err, ErrDecode)
			assert.Equal(t, ErrDecode.Error(), err.Error())
		})
	}
}

func TestPaddingIsCheckedInFull(t *testing.T) {
	c := newCipher(t)
	for _, test := range []struct {
		name    string
		block   string
		refused bool
	}{
		{"one byte", strings.Repeat("a", 15) + "\x01", false},
		{"a whole block", strings.Repeat("\x10", 16), false},
		{"zero", strings.Repeat("a", 15) + "\x00", true},
		{"more than a block", strings.Repeat("\x11", 16), true},
		{"first byte of it differs", strings.Repeat("a", 13) + "\x02\x03\x03", true},
		{"last byte but one differs", strings.Repeat("a", 13) + "\x03\x02\x03", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			sealed := make([]byte, len(test.block))
			cipher.NewCBCEncrypter(c.block, c.iv[:]).CryptBlocks(sealed, []byte(test.block))

			_, err := c.Decode(sealed, Raw)
			if test.refused {
				require.ErrorIs(t, err, ErrDecode)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

func TestCipherLeavesItsInputAlone(t *testing.T) {
	c := newCipher(t)
	backing := []byte("plain text|beyond, where padding might go")
	plain := backing[:10]
	sealed := c.Encode(plain, Raw)
	assert.Equal(t, "plain text|beyond, where padding might go", string(backing))

	before := bytes.Clone(sealed)
	_, err := c.Decode(sealed, Raw)
	require.NoError(t, err)
	assert.Equal(t, before, sealed)
}

func TestCipherIsSafeForConcurrentUse(t *testing.T) {
	c := newCipher(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			plain := []byte(strings.Repeat(fmt.Sprint(i), 1000+i))
			for range 50 {
				back, err := c.Decode(c.Encode(plain, i%3), i%3)
				assert.NoError(t, err)
				assert.Equal(t, plain, back)
			}
		})
	}
	wg.Wait()
}

func TestCipherPrintsNoKey(t *testing.T) {
	c := newCipher(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		assert.Equal(t, "envelope.Cipher", fmt.Sprintf(verb, c), verb)
		assert.Equal(t, "envelope.Cipher", fmt.Sprintf(verb, *c), verb)
	}
}

func FuzzDecode(f *testing.F) {
	c := newCipher(f)
	f.Add([]byte(""), 1)
	f.Add([]byte("some text"), 2)
	f.Add(c.Encode([]byte("some text"), 1), 1)
	f.Add(c.Encode([]byte("some text"), 2), 2)
	f.Fuzz(func(t *testing.T, data []byte, protocol int) {
		if _, err := c.Decode(data, protocol); err != nil {
			require.ErrorIs(t, err, ErrDecode)
		}
		back, err := c.Decode(c.Encode(data, protocol), protocol)
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, back))
	})
}

func BenchmarkCipher(b *testing.B) {
	c := newCipher(b)
	for _, size := range []int{1 << 10, 64 << 10} {
		plain := bytes.Repeat([]byte("x"), size)
		for _, protocol := range []int{Base64, Raw} {
			b.Run(fmt.Sprintf("Encode/%dK/protocol%d", size>>10, protocol), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					c.Encode(plain, protocol)
				}
			})
			sealed := c.Encode(plain, protocol)
			b.Run(fmt.Sprintf("Decode/%dK/protocol%d", size>>10, protocol), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := c.Decode(sealed, protocol); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
