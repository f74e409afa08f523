// Package envelope is the wire form of messages: what is encrypted, how it is
// encoded, and which AMQP headers go with it.
package envelope

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"

	"aws-secrets-manager-connector/internal/component"
)

// ErrDecode tells that something cannot be decoded, and never how far that came.
// Whoever can send ciphertexts and learns whether the padding or the JSON in it
// was wrong can decrypt any message, byte by byte (a padding oracle).
var ErrDecode = errors.New("cannot be decoded: damaged, or encrypted with another MESSAGE_CRYPTO_PASSWORD or MESSAGE_CRYPTO_IV")

// Protocol versions of a message, as the AMQP header protocolVersion has them.
const (
	Base64 = 1 // the ciphertext travels as base64 text; so do versions below
	Raw    = 2 // the ciphertext travels as it is; so do versions above
)

// Cipher encrypts and decrypts with AES-256-CBC and PKCS#7 padding. It is safe
// for concurrent use.
type Cipher struct {
	block cipher.Block
	iv    [aes.BlockSize]byte
	// Pools of modes, for each takes half a kilobyte.
	encrypters, decrypters *sync.Pool
}

// mode is a block mode that can begin anew, as those of AES can.
type mode interface {
	cipher.BlockMode
	SetIV(iv []byte)
}

// NewCipher returns the cipher whose key is the SHA-256 of password. The text
// of iv must be 16 bytes long.
func NewCipher(password, iv component.Secret) (*Cipher, error) {
	if password.IsZero() {
		return nil, errors.New("MESSAGE_CRYPTO_PASSWORD is empty")
	}
	var c Cipher
	if n := copy(c.iv[:], iv.Reveal()); n != len(c.iv) || n != len(iv.Reveal()) {
		return nil, fmt.Errorf("MESSAGE_CRYPTO_IV must be %d bytes long, but has %d", len(c.iv), len(iv.Reveal()))
	}
	key := sha256.Sum256([]byte(password.Reveal()))
	var err error
	if c.block, err = aes.NewCipher(key[:]); err != nil {
		return nil, fmt.Errorf("set up AES: %w", err)
	}
	c.encrypters = &sync.Pool{New: func() any { return cipher.NewCBCEncrypter(c.block, c.iv[:]) }}
	c.decrypters = &sync.Pool{New: func() any { return cipher.NewCBCDecrypter(c.block, c.iv[:]) }}
	return &c, nil
}

// String hides the key, which would otherwise be printed with the struct.
func (c Cipher) String() string { return "envelope.Cipher" }

// GoString is String, for %#v.
func (c Cipher) GoString() string { return c.String() }

// Format prints String for every verb.
func (c Cipher) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// Encode encrypts plain for the protocol version. It leaves plain alone.
func (c *Cipher) Encode(plain []byte, protocol int) []byte {
	buf := make([]byte, len(plain), paddedLen(len(plain)))
	copy(buf, plain)
	return c.seal(buf, protocol)
}

// Decode reverses Encode. It leaves data alone, and fails with ErrDecode.
// Base64 is read as leniently as the platform's runtime reads it.
func (c *Cipher) Decode(data []byte, protocol int) ([]byte, error) {
	if protocol < Raw {
		data = decodeBase64(data)
	} else {
		data = append([]byte(nil), data...)
	}
	return c.open(data)
}

// seal is Encode in place: it may use and overwrite the buffer.
func (c *Cipher) seal(buf []byte, protocol int) []byte {
	buf = pad(buf)
	c.crypt(c.encrypters, buf)
	if protocol >= Raw {
		return buf
	}
	text := make([]byte, base64.StdEncoding.EncodedLen(len(buf)))
	base64.StdEncoding.Encode(text, buf)
	return text
}

// open decrypts in place.
func (c *Cipher) open(buf []byte) ([]byte, error) {
	if len(buf) == 0 || len(buf)%aes.BlockSize != 0 {
		return nil, ErrDecode
	}
	c.crypt(c.decrypters, buf)
	return unpad(buf)
}

// crypt encrypts or decrypts in place.
func (c *Cipher) crypt(modes *sync.Pool, buf []byte) {
	m, _ := modes.Get().(mode)
	defer modes.Put(m)
	m.SetIV(c.iv[:])
	m.CryptBlocks(buf, buf)
}

func paddedLen(n int) int { return n + aes.BlockSize - n%aes.BlockSize }

func pad(buf []byte) []byte {
	n := paddedLen(len(buf)) - len(buf)
	for range n {
		buf = append(buf, byte(n))
	}
	return buf
}

func unpad(buf []byte) ([]byte, error) {
	n := int(buf[len(buf)-1])
	if n == 0 || n > aes.BlockSize {
		return nil, ErrDecode
	}
	text, padding := buf[:len(buf)-n], buf[len(buf)-n:]
	for _, b := range padding {
		if int(b) != n {
			return nil, ErrDecode
		}
	}
	return text, nil
}

// decodeBase64 reads the standard and the URL alphabet, with or without
// padding, up to the first "=". It skips all else, as Node.js does.
func decodeBase64(text []byte) []byte {
	buf := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	if n, err := base64.StdEncoding.Decode(buf, text); err == nil {
		return buf[:n]
	}
	clean := make([]byte, 0, len(text))
	for _, b := range text {
		switch {
		case 'A' <= b && b <= 'Z', 'a' <= b && b <= 'z', '0' <= b && b <= '9', b == '+', b == '/':
			clean = append(clean, b)
		case b == '-':
			clean = append(clean, '+')
		case b == '_':
			clean = append(clean, '/')
		case b == '=':
			return decodeClean(clean)
		}
	}
	return decodeClean(clean)
}

// decodeClean decodes unpadded base64. A single character at the end says
// nothing and is dropped; it is the only fault that can be.
func decodeClean(text []byte) []byte {
	buf := make([]byte, base64.RawStdEncoding.DecodedLen(len(text)))
	n, _ := base64.RawStdEncoding.Decode(buf, text)
	return buf[:n]
}
