package triggers

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
	"time"

	"aws-secrets-manager-connector/internal/component"
)

// position is where a change comes among all: by its time, and at the same time
// by what its secret's ARN hashes to.
type position struct {
	at  int64 // ms since 1970
	key uint64
}

func positionOf(arn string, at time.Time) position {
	return position{at.UnixMilli(), hash(arn) & maxKey}
}

// maxKey has the bits of a key: enough that two changes of the same millisecond
// do not share one.
const maxKey = 1<<48 - 1

func (p position) compare(o position) int {
	if p.at != o.at {
		return compareInts(p.at, o.at)
	}
	return compareInts(p.key, o.key)
}

func compareInts[T int64 | uint64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func hash(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:])
}

// cursor is how far the polling has come. ListSecrets may show a change up to
// lookBack late, so only what is older than the horizon is known to be complete.
type cursor struct {
	// until: all changes up to here were emitted.
	until position
	// emitted are the changes beyond until that were emitted, in order.
	emitted []position
	// since: all secrets that were created up to here were emitted at some time.
	since int64
	// newest is the time of the newest change that was seen. AWS's clock is not
	// behind it.
	newest int64
	// versions are the current versions of the secrets that were emitted last,
	// the latest at the end.
	versions []knownVersion
}

// knownVersion is the AWSCURRENT version of a secret as it was emitted, both as
// hashes. A wrong one could only name a change wrongly.
type knownVersion struct {
	secret  uint32
	version uint16
}

const (
	// lookBack is how late ListSecrets may be: five minutes, as AWS documents,
	// and a second, for dates that are cut to it.
	lookBack = 5*time.Minute + time.Second
	// maxSkew is how far the clock of the host may be off, for AWS refuses
	// signatures beyond.
	maxSkew = 5 * time.Minute
	// maxEmitted and maxVersions keep a snapshot below 5 KB. What changes beyond
	// the horizon and does not fit into emitted waits until the horizon passes it.
	maxEmitted  = 240
	maxVersions = 240
)

// horizon is the time up to which all changes are listed by now, in ms.
func (c *cursor) horizon(now time.Time) int64 {
	return max(c.newest, now.Add(-maxSkew).UnixMilli()) - lookBack.Milliseconds()
}

func (c *cursor) isEmitted(p position) bool {
	_, ok := slices.BinarySearchFunc(c.emitted, p, position.compare)
	return ok || p.compare(c.until) <= 0
}

// fit returns how many of these changes, which come next and are in order, can be
// emitted so that the cursor still knows them.
func (c *cursor) fit(next []position, horizon int64) int {
	final, _ := slices.BinarySearchFunc(next, position{horizon, maxKey}, position.compare)
	kept, _ := slices.BinarySearchFunc(c.emitted, position{horizon, maxKey}, position.compare)
	return min(len(next), final+maxEmitted-(len(c.emitted)-kept))
}

// add takes in that these changes, which came next and are in order, were emitted.
func (c *cursor) add(emitted []position, horizon int64) {
	for _, p := range emitted {
		if p.at <= horizon {
			c.moveTo(p)
			continue
		}
		c.moveTo(position{horizon, maxKey})
		i, _ := slices.BinarySearchFunc(c.emitted, p, position.compare)
		c.emitted = slices.Insert(c.emitted, i, p)
	}
}

// moveTo takes in that all changes up to p were emitted.
func (c *cursor) moveTo(p position) {
	if p.compare(c.until) <= 0 {
		return
	}
	c.until = p
	i := 0
	for i < len(c.emitted) && c.emitted[i].compare(p) <= 0 {
		i++
	}
	c.emitted = c.emitted[i:]
}

// finish takes in that no change is left that could be emitted by now.
func (c *cursor) finish(horizon int64) {
	c.moveTo(position{horizon, maxKey})
	c.since = c.until.at
}

// version returns what is known of a secret's current version.
func (c *cursor) version(arn string) (v uint16, known bool) {
	for _, k := range c.versions {
		if k.secret == uint32(hash(arn)) {
			return k.version, true
		}
	}
	return 0, false
}

// setVersion forgets the one that was emitted longest ago, if need be.
func (c *cursor) setVersion(arn string, v uint16) {
	secret := uint32(hash(arn))
	c.versions = slices.DeleteFunc(c.versions, func(k knownVersion) bool { return k.secret == secret })
	c.versions = append(c.versions, knownVersion{secret, v})
	c.versions = c.versions[max(0, len(c.versions)-maxVersions):]
}

// deleted stands for the version of a secret that is scheduled for deletion.
const deleted = 0

func hashVersion(id string) uint16 { return uint16(hash(id)%0xffff) + 1 }

// snapshot is a cursor in JSON. The two lists are base64: for each emitted change
// the time since the one before, as a varint, and six bytes of key; for each
// version six bytes.
type snapshot struct {
	Until    int64  `json:"until"`
	Key      uint64 `json:"key"`
	Since    int64  `json:"since"`
	Newest   int64  `json:"newest"`
	Emitted  []byte `json:"emitted"`
	Versions []byte `json:"versions"`
}

func (c *cursor) encode() (json.RawMessage, error) {
	s := snapshot{Until: c.until.at, Key: c.until.key, Since: c.since, Newest: c.newest, Emitted: []byte{}, Versions: []byte{}}
	last := c.until.at
	for _, p := range c.emitted {
		s.Emitted = binary.AppendUvarint(s.Emitted, uint64(p.at-last))
		s.Emitted = append(s.Emitted, bigEndian(p.key)[2:]...)
		last = p.at
	}
	for _, v := range c.versions {
		s.Versions = append(s.Versions, bigEndian(uint64(v.secret)<<16 | uint64(v.version))[2:]...)
	}
	return json.Marshal(s)
}

func bigEndian(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

// decodeCursor reads a snapshot. One that has nothing of a cursor begins at start, in
// ms.
func decodeCursor(raw json.RawMessage, start int64) (*cursor, error) {
	s := snapshot{Until: start - 1, Key: maxKey, Since: start - 1}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &s); err != nil { // its text may repeat a value
			return nil, errSnapshot()
		}
	}
	c := &cursor{until: position{s.Until, s.Key}, since: s.Since, newest: s.Newest}
	last := s.Until
	for rest := s.Emitted; len(rest) > 0; {
		delta, n := binary.Uvarint(rest)
		if n <= 0 || len(rest) < n+6 || delta > maxKey {
			return nil, errSnapshot()
		}
		last += int64(delta)
		c.emitted = append(c.emitted, position{last, keyOf(rest[n:])})
		rest = rest[n+6:]
	}
	if len(s.Versions)%6 != 0 || !slices.IsSortedFunc(c.emitted, position.compare) {
		return nil, errSnapshot()
	}
	for v := range slices.Chunk(s.Versions, 6) {
		c.versions = append(c.versions, knownVersion{uint32(keyOf(v) >> 16), uint16(keyOf(v))})
	}
	return c, nil
}

// keyOf reads six bytes.
func keyOf(b []byte) uint64 { return binary.BigEndian.Uint64(append([]byte{0, 0}, b[:6]...)) }

func errSnapshot() error {
	return component.Errorf(component.InvalidConfig, "the snapshot of the step is not one of this trigger: reset it, and the polling begins anew")
}
