package emulator

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"aws-secrets-manager-connector/internal/rawjson"
)

// location is where a secret lives: names are unique within a Region.
type location struct{ region, name string }

// service holds the secrets and the rules over them. It knows nothing of HTTP.
type service struct {
	account string
	now     func() time.Time
	random  random
	pageKey []byte // authenticates page tokens

	maxVersions int // of a secret
	rotate      RotateFunc

	rotationAttempts int

	mu      sync.Mutex // guards everything below
	secrets map[location]*secret
	seq     int64
	late    *late
	// stored is how many bytes the secrets take, or more; see admit.
	stored, mostStored int
	// nextPurge is when purge has to look; zero: nothing is to be purged.
	nextPurge time.Time
}

// call is what the rules know of a request besides its body.
type call struct {
	operation string
	region    string
	keyID     string // the access key that signed it
	caller    string // ARN of the key's owner
	denies    func(keyID, action string) bool
	policy    *IdentityPolicy // nil allows everything
	members   map[string]any  // of the request
}

// operation carries out one operation of the API. It returns the encoded
// response, empty for an operation that has none.
type operation func(ctx context.Context, c call, in map[string]any) ([]byte, error)

// locked makes an operation of a rule that holds the service's lock. The
// response is encoded under the lock too, for it may share slices with a secret.
func locked[In, Out any](s *service, rule func(call, *In) (*Out, error)) operation {
	return unlocked(func(_ context.Context, c call, in *In) (json.RawMessage, error) {
		s.lock()
		defer s.unlock()
		out, err := rule(c, in)
		if err != nil || out == nil {
			return nil, err
		}
		return rawjson.Marshal(out)
	})
}

// unlocked makes an operation of a rule that takes the lock itself.
func unlocked[In any](rule func(context.Context, call, *In) (json.RawMessage, error)) operation {
	return func(ctx context.Context, c call, m map[string]any) ([]byte, error) {
		in := new(In)
		if err := bind(m, in); err != nil {
			return nil, err
		}
		return rule(ctx, c, in)
	}
}

// lock begins an operation.
func (s *service) lock() {
	s.mu.Lock()
	s.purge()
}

// unlock ends an operation.
func (s *service) unlock() {
	s.record()
	s.mu.Unlock()
}

// purge deletes the secrets whose recovery window is over (DeleteSecret).
func (s *service) purge() {
	now := s.now()
	if s.nextPurge.IsZero() || now.Before(s.nextPurge) {
		return
	}
	s.nextPurge = time.Time{}
	for _, sec := range s.secrets {
		if sec.primary == nil && !sec.purge.IsZero() && !now.Before(sec.purge) {
			s.remove(sec)
		} else {
			s.expectPurge(sec)
		}
	}
}

// expectPurge lets purge look at the secrets when this one is due.
func (s *service) expectPurge(sec *secret) {
	if !sec.purge.IsZero() && (s.nextPurge.IsZero() || sec.purge.Before(s.nextPurge)) {
		s.nextPurge = sec.purge
	}
}

const nameCharacters = alphanumeric + "/_+=.@-"

// consistsOf reports whether s, which is not empty, has no other characters.
func consistsOf(s, characters string) bool { return s != "" && strings.Trim(s, characters) == "" }

// findSecret looks a secret up for an operation.
func (s *service) findSecret(c call, id string) (*secret, error) {
	sec, err := s.lookUp(c, id)
	if err == nil {
		s.touch(sec)
	}
	return sec, err
}

// lookUp looks a secret up by name, ARN, or ARN without the six random
// characters. A partial ARN that ends like a complete one is taken for
// complete, which is why names should not end with a hyphen and six characters.
func (s *service) lookUp(c call, id string) (*secret, error) {
	if !strings.HasPrefix(id, "arn:") {
		if !consistsOf(id, nameCharacters+"!") { // secrets of other AWS services have it
			return nil, errInvalidName()
		}
		return orNotFound(s.secrets[location{c.region, id}])
	}
	region, account, resource, ok := splitARN(id)
	if !ok {
		return nil, fail("ValidationException", "Invalid ARN. Must have the form arn:partition:secretsmanager:region:account:secret:name.")
	}
	if account != s.account {
		return nil, c.refused("secretsmanager:"+c.operation, id, "resource-based")
	}
	if region != c.region {
		return nil, errNoSecret()
	}
	if name, ok := cutRandom(resource); ok {
		sec := s.secrets[location{region, name}]
		if sec != nil && sec.arn == id {
			return sec, nil
		}
		return nil, errNoSecret()
	}
	return orNotFound(s.secrets[location{region, resource}])
}

func orNotFound(sec *secret) (*secret, error) {
	if sec == nil {
		return nil, errNoSecret()
	}
	return sec, nil
}

// readable finds a secret that is not scheduled for deletion.
func (s *service) readable(c call, id string) (*secret, error) {
	sec, err := s.findSecret(c, id)
	if err == nil && !sec.deleted.IsZero() {
		return nil, errDeleted()
	}
	return sec, err
}

// primary finds a secret that is not a replica, whether or not it is scheduled
// for deletion: a replica cannot be changed on its own.
func (s *service) primary(c call, id string) (*secret, error) {
	sec, err := s.findSecret(c, id)
	if err == nil && sec.isReplica() {
		return nil, errReplica()
	}
	return sec, err
}

// writable finds a secret that is neither a replica nor scheduled for deletion.
func (s *service) writable(c call, id string) (*secret, error) {
	sec, err := s.primary(c, id)
	if err == nil && !sec.deleted.IsZero() {
		return nil, errDeleted()
	}
	return sec, err
}

const randomLength = 6

// cutRandom takes the hyphen and the random characters off the end of an ARN.
func cutRandom(resource string) (name string, ok bool) {
	at := len(resource) - randomLength - 1
	if at < 0 || resource[at] != '-' || !consistsOf(resource[at+1:], alphanumeric) {
		return resource, false
	}
	return resource[:at], true
}

// newARN draws the six random characters after the name (CreateSecret).
func (s *service) newARN(region, name string) string {
	return partialARN(region, s.account, name) + "-" + s.random.text(randomLength, alphanumeric)
}

func partialARN(region, account, name string) string {
	return "arn:" + partition(region) + ":secretsmanager:" + region + ":" + account + ":secret:" + name
}

// partition of the AWS Regions.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func splitARN(arn string) (region, account, resource string, ok bool) {
	p := strings.SplitN(arn, ":", 7)
	if len(p) != 7 || p[2] != "secretsmanager" || p[5] != "secret" || p[6] == "" || p[1] != partition(p[3]) {
		return "", "", "", false
	}
	return p[3], p[4], p[6], true
}

// day cuts t to its day, as LastAccessedDate is.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
