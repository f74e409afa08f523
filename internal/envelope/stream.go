package envelope

import (
	"crypto/cipher"
	"fmt"
	"io"
)

const chunkSize = 32 << 10 // bytes; whole blocks

// Reader encrypts while it is read, so that a large text is never in memory
// twice. Make it with Cipher.NewReader.
type Reader struct {
	mode  cipher.BlockMode
	plain []byte // not encrypted yet
	ready []byte // encrypted, not read yet
	last  bool   // the padding is in ready, or was
	chunk [chunkSize]byte
}

// NewReader returns a reader of what Encode makes of plain in protocol Raw, and
// how many bytes that will be. plain must not change before it is read.
func (c *Cipher) NewReader(plain []byte) (r *Reader, size int64) {
	return &Reader{mode: cipher.NewCBCEncrypter(c.block, c.iv[:]), plain: plain}, int64(paddedLen(len(plain)))
}

// Read implements io.Reader. Its only error is io.EOF.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.ready) == 0 {
		if r.last {
			return 0, io.EOF
		}
		r.fill()
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}

// fill encrypts the next chunk. One that is not full is the last, and has room
// for the padding.
func (r *Reader) fill() {
	n := copy(r.chunk[:], r.plain)
	r.plain = r.plain[n:]
	r.ready = r.chunk[:n]
	if n < chunkSize {
		r.ready = pad(r.ready)
		r.last = true
	}
	r.mode.CryptBlocks(r.ready, r.ready)
}

// Format hides the text for every verb.
func (r *Reader) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "envelope.Reader") }

// DecodeInPlace is Decode in protocol Raw for whoever has no further use for
// data: it is overwritten, and the result is a part of it.
func (c *Cipher) DecodeInPlace(data []byte) ([]byte, error) { return c.open(data) }
