package emulator

import "slices"

const (
	// maxStored is how many bytes all secrets may take, about.
	maxStored = 1 << 30
	// overhead is what a secret or a version takes beside its texts, about.
	overhead = 1 << 10
)

// storing are the operations that may store more than was stored before.
var storing = []string{
	"AssociateCrossAccountReplica", "CreateSecret", "PutResourcePolicy", "PutSecretValue", "ReplicateSecretToRegions", "RotateSecret",
	"TagResource", "UpdateSecret",
}

// admit refuses a request of so many bytes when it could store more than there
// is room for. What was admitted counts in full until the secrets are measured,
// which they are when that seems to be too much.
func (s *service) admit(operation string, size int) error {
	if !slices.Contains(storing, operation) {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	size += 2 * overhead
	if s.stored+size > s.mostStored {
		s.stored = 0
		for _, sec := range s.secrets {
			s.stored += sec.size()
		}
	}
	if s.stored+size > s.mostStored {
		return limitExceeded("The emulator stores no more than %d MiB. Delete secrets, or reset it.", s.mostStored>>20)
	}
	s.stored += size
	return nil
}

// size is what the secret takes of memory, about.
func (s *secret) size() int {
	n := overhead
	if s.primary != nil {
		return n
	}
	n += len(s.description) + len(s.policy) + len(s.crossAccountPrimary)
	if r := s.crossAccountReplica; r != nil {
		n += len(r.arn) + len(r.role)
	}
	for _, t := range s.tags {
		n += len(t.Key) + len(t.Value)
	}
	for _, v := range s.versions {
		n += overhead + v.value.size()
	}
	return n
}
