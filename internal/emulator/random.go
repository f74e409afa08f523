package emulator

import (
	"bytes"
	crand "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
	"sync"

	"github.com/google/uuid"
)

const (
	lowercase   = "abcdefghijklmnopqrstuvwxyz"
	uppercase   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	numbers     = "0123456789"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

	alphanumeric = lowercase + uppercase + numbers
)

// random draws from a source; safe for concurrent use.
type random struct{ *rand.Rand }

func newRandom(source rand.Source) random { return random{rand.New(&lockedSource{source: source})} }

func (r random) uuid() string {
	b := binary.BigEndian.AppendUint64(nil, r.Uint64())
	b = binary.BigEndian.AppendUint64(b, r.Uint64())
	return uuid.Must(uuid.NewRandomFromReader(bytes.NewReader(b))).String()
}

// text returns n characters of alphabet, which is ASCII.
func (r random) text(n int, alphabet string) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}

// lockedSource lets several goroutines draw from one source.
type lockedSource struct {
	mu     sync.Mutex
	source rand.Source
}

// Uint64 implements rand.Source.
func (s *lockedSource) Uint64() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Uint64()
}

// cryptoSource is seeded by crypto/rand.
func cryptoSource() rand.Source {
	var seed [32]byte
	_, _ = crand.Read(seed[:]) // never returns an error
	return rand.NewChaCha8(seed)
}
