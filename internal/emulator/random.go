package emulator

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/google/uuid"
)

const (
	lowercase   = "abcdefghijklmnopqrstuvwxyz"
	uppercase   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	numbers     = "0123456789"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

// source draws from the injected randomness; safe for concurrent use.
type source struct {
	mu sync.Mutex
	r  io.Reader
}

// Read fills p or fails.
func (s *source) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := io.ReadFull(s.r, p)
	if err != nil {
		return n, fmt.Errorf("draw randomness: %w", err)
	}
	return n, nil
}

func (s *source) uuid() (string, error) {
	id, err := uuid.NewRandomFromReader(s)
	return id.String(), err
}

// below returns a number from 0 to n-1. Draws from the incomplete last
// multiple of n are thrown away, so that each number is equally likely.
func (s *source) below(n int) (int, error) {
	limit := math.MaxUint32 - (math.MaxUint32%uint32(n)+1)%uint32(n)
	for {
		var b [4]byte
		if _, err := s.Read(b[:]); err != nil {
			return 0, err
		}
		if x := binary.BigEndian.Uint32(b[:]); x <= limit {
			return int(x % uint32(n)), nil
		}
	}
}

// text returns n characters of alphabet, which is ASCII.
func (s *source) text(n int, alphabet string) (string, error) {
	out := make([]byte, n)
	for i := range out {
		k, err := s.below(len(alphabet))
		if err != nil {
			return "", err
		}
		out[i] = alphabet[k]
	}
	return string(out), nil
}

// shuffle puts b into a random order, each equally likely.
func (s *source) shuffle(b []byte) error {
	for i := len(b) - 1; i > 0; i-- {
		k, err := s.below(i + 1)
		if err != nil {
			return err
		}
		b[i], b[k] = b[k], b[i]
	}
	return nil
}
