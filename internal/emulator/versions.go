package emulator

import (
	"slices"
	"time"
)

// The staging labels that the service itself moves.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
	pending  = "AWSPENDING"
)

// Quotas of Secrets Manager.
const (
	maxVersions = 100 // unless the options have another number
	maxStages   = 20  // across all versions of a secret
	keepFor     = 24 * time.Hour
)

func (s *secret) version(id string) *version {
	i := slices.IndexFunc(s.versions, func(v *version) bool { return v.id == id })
	if i < 0 {
		return nil
	}
	return s.versions[i]
}

// withStage is the version that has the label: there is at most one.
func (s *secret) withStage(stage string) *version {
	i := slices.IndexFunc(s.versions, func(v *version) bool { return v.has(stage) })
	if i < 0 {
		return nil
	}
	return s.versions[i]
}

// detach takes the label from whichever version has it.
func (s *secret) detach(stage string) {
	if v := s.withStage(stage); v != nil {
		v.stages = slices.DeleteFunc(v.stages, func(have string) bool { return have == stage })
	}
}

// attach moves the label to v. AWSPREVIOUS follows AWSCURRENT to the version
// that AWSCURRENT leaves.
func (s *secret) attach(v *version, stage string) {
	if v.has(stage) {
		return
	}
	left := s.withStage(stage)
	s.detach(stage)
	if stage == current && left != nil {
		s.attach(left, previous)
	}
	v.stages = append(v.stages, stage)
	slices.Sort(v.stages)
}

// checkStageQuota reports whether the labels could be attached within the quota.
func (s *secret) checkStageQuota(stages []string) error {
	all := make(map[string]bool)
	for _, v := range s.versions {
		for _, stage := range v.stages {
			all[stage] = true
		}
	}
	if slices.Contains(stages, current) && all[current] {
		all[previous] = true
	}
	for _, stage := range stages {
		all[stage] = true
	}
	if len(all) > maxStages {
		return limitExceeded("You can't attach more than %d staging labels to the versions of a secret.", maxStages)
	}
	return nil
}

// add makes a new version and moves the labels to it. The first version of a
// secret always gets AWSCURRENT (PutSecretValue).
func (s *service) add(sec *secret, id string, val value, stages []string) (*version, error) {
	if len(sec.versions) == 0 && !slices.Contains(stages, current) && !val.empty() {
		stages = append(slices.Clone(stages), current)
	}
	if err := sec.checkStageQuota(stages); err != nil {
		return nil, err
	}
	now := s.now()
	if err := sec.prune(now, s.maxVersions); err != nil {
		return nil, err
	}
	v := &version{id: id, seq: sec.nextSeq(), created: now, kmsKey: sec.kmsKey, value: val}
	sec.versions = append(sec.versions, v)
	sec.stage(v, stages)
	return v, nil
}

func (s *secret) nextSeq() int64 {
	if len(s.versions) == 0 {
		return 1
	}
	return s.versions[len(s.versions)-1].seq + 1
}

// stage moves labels to a version that has a new value. An AWSPENDING that
// stayed with the version AWSCURRENT leaves is of a finished rotation: it goes.
func (s *secret) stage(v *version, stages []string) {
	if was := s.withStage(current); was != nil && was != v && slices.Contains(stages, current) && was.has(pending) {
		s.detach(pending)
	}
	for _, stage := range stages {
		if stage != current {
			s.attach(v, stage)
		}
	}
	// Last, so that AWSPREVIOUS follows it whatever else was asked for.
	if slices.Contains(stages, current) {
		s.attach(v, current)
	}
}

// prune makes room for one version: the oldest ones without labels go, except
// those of the last 24 hours (PutSecretValue).
func (s *secret) prune(now time.Time, quota int) error {
	for len(s.versions) >= quota {
		i := slices.IndexFunc(s.versions, func(v *version) bool {
			return len(v.stages) == 0 && now.Sub(v.created) >= keepFor
		})
		if i < 0 {
			return limitExceeded("You can't have more than %d versions of a secret.", quota)
		}
		s.versions = slices.Delete(s.versions, i, i+1)
	}
	return nil
}

// lastValueChange is when AWSCURRENT came to its version, which a schedule
// counts from: a changed value is a rotation as well (RotationRulesType).
func (s *secret) lastValueChange() time.Time {
	t := s.rotation.last
	if v := s.withStage(current); v != nil && v.created.After(t) {
		t = v.created
	}
	if s.rotation.since.After(t) {
		t = s.rotation.since
	}
	return t
}
