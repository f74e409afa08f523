// Package idempotency makes identifiers that are the same whenever and wherever
// the same thing is done again, so that whoever receives them does it once.
package idempotency

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"

	"aws-secrets-manager-connector/internal/component"
)

// Key makes identifiers that nobody can make, or test a guess with, who does
// not have the secret that it comes from. It is safe to print.
type Key struct{ secret component.Secret }

// NewKey derives the key of one purpose from a secret, by HKDF (RFC 5869) with
// SHA-256. Keys of other purposes tell nothing of it.
func NewKey(secret component.Secret, purpose string) (Key, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret.Reveal()), nil, purpose, sha256.Size)
	if err != nil {
		return Key{}, fmt.Errorf("derive the key for %s: %w", purpose, err)
	}
	return Key{component.NewSecret(string(key))}, nil
}

// UUID returns the identifier of these parts, in this order: their HMAC as a
// UUID of version 8 (RFC 9562).
func (k Key) UUID(parts ...[]byte) uuid.UUID {
	mac := hmac.New(sha256.New, []byte(k.secret.Reveal()))
	var length [8]byte
	for _, part := range parts { // with their lengths, so that "ab","c" is not "a","bc"
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		mac.Write(length[:])
		mac.Write(part)
	}
	var sum [sha256.Size]byte
	id := uuid.UUID(mac.Sum(sum[:0])[:16])
	id[6] = id[6]&0x0f | 8<<4
	id[8] = id[8]&0x3f | 0x80 // the variant of RFC 9562
	return id
}
