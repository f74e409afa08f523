package emulator

import (
	"reflect"
	"slices"
	"time"
)

// late is what ListSecrets knows: the secrets as they were some time ago.
type late struct {
	by       time.Duration
	isRandom bool
	listed   map[location]*secret
	changes  []change             // that are not in listed yet, oldest first
	newest   map[location]*secret // with those changes
	touched  map[location]bool    // what the operation at work may have changed
}

// change is a secret as an operation left it, nil when it is gone.
type change struct {
	due    time.Time // when it is listed
	where  location
	secret *secret
}

func newLate(by time.Duration, isRandom bool) *late {
	return &late{
		by: by, isRandom: isRandom, listed: make(map[location]*secret), newest: make(map[location]*secret), touched: make(map[location]bool),
	}
}

// touch tells that the operation at work may change the secret, and so those
// that share its content.
func (s *service) touch(sec *secret) {
	if s.late.by == 0 {
		return
	}
	s.late.touched[location{sec.region, sec.name}] = true
	if sec.primary != nil {
		sec = sec.primary
	}
	for _, region := range append(sec.replicaRegions(), sec.region) {
		s.late.touched[location{region, sec.name}] = true
	}
}

// record keeps what the operation changed until ListSecrets may know it.
func (s *service) record() {
	for at := range s.late.touched {
		var now *secret
		if sec := s.secrets[at]; sec != nil {
			now = sec.withoutValues()
		}
		if reflect.DeepEqual(now, s.late.newest[at]) {
			continue
		}
		s.late.changes = append(s.late.changes, change{s.now().Add(s.lag()), at, now})
		if s.late.newest[at] = now; now == nil {
			delete(s.late.newest, at)
		}
	}
	clear(s.late.touched)
	s.late.apply(s.now())
}

func (s *service) lag() time.Duration {
	if !s.late.isRandom {
		return s.late.by
	}
	return time.Duration(s.random.Int64N(int64(s.late.by) + 1))
}

// apply lets ListSecrets know the changes that are due. Of those of one secret the
// newest counts, and makes those before it obsolete.
func (l *late) apply(now time.Time) {
	if !slices.ContainsFunc(l.changes, func(c change) bool { return !c.due.After(now) }) {
		return // as nearly always
	}
	done := make(map[location]bool)
	var waiting []change
	for _, c := range slices.Backward(l.changes) {
		switch {
		case done[c.where]:
		case c.due.After(now):
			waiting = append(waiting, c)
		case c.secret == nil:
			delete(l.listed, c.where)
			done[c.where] = true
		default:
			l.listed[c.where] = c.secret
			done[c.where] = true
		}
	}
	slices.Reverse(waiting)
	l.changes = waiting
}

// listable are the secrets as ListSecrets knows them.
func (s *service) listable() map[location]*secret {
	if s.late.by == 0 {
		return s.secrets
	}
	s.late.apply(s.now())
	return s.late.listed
}

// settle lets ListSecrets know everything at once.
func (s *service) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late.apply(s.now().Add(s.late.by))
}

// withoutValues is a copy of the secret for listing it.
func (s *secret) withoutValues() *secret {
	n := *s
	n.content, n.replicas = s.content.clone(), slices.Clone(s.replicas)
	for _, v := range n.versions {
		v.value = value{}
	}
	return &n
}
