package emulator

import (
	"strings"
	"time"
)

type deleteSecretInput struct {
	SecretId                   string
	RecoveryWindowInDays       *int64
	ForceDeleteWithoutRecovery bool
}

type deleteSecretOutput struct {
	ref
	DeletionDate timestamp
}

func (in *deleteSecretInput) window() (days int64, err error) {
	if in.RecoveryWindowInDays == nil {
		return 30, nil
	}
	if in.ForceDeleteWithoutRecovery {
		return 0, invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
	}
	if days = *in.RecoveryWindowInDays; days < 7 || days > 30 {
		return 0, invalidParameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
	}
	return days, nil
}

func (s *service) deleteSecret(c call, in *deleteSecretInput) (*deleteSecretOutput, error) {
	days, err := in.window()
	if err != nil {
		return nil, err
	}
	sec, err := s.primary(c, in.SecretId)
	if in.ForceDeleteWithoutRecovery && err != nil && isCode(err, "ResourceNotFoundException") {
		return s.deleteMissing(c, in.SecretId), nil
	}
	if err != nil {
		return nil, err
	}
	if len(sec.replicas) > 0 {
		return nil, invalidParameter("You can't delete secret %s that still has replica regions [%s].", sec.arn, strings.Join(sec.replicaRegions(), ", "))
	}
	if r := sec.crossAccountReplica; r != nil {
		return nil, invalidParameter("You can't delete secret %s that still has the cross-account replica %s.", sec.arn, r.arn)
	}
	now := s.now()
	if in.ForceDeleteWithoutRecovery {
		s.remove(sec)
		return &deleteSecretOutput{refOf(sec), timestamp(now)}, nil
	}
	if !sec.deleted.IsZero() {
		return nil, invalidRequest("You can't perform this operation on the secret because it was already scheduled for deletion.")
	}
	sec.deleted, sec.purge = now, now.Add(time.Duration(days)*24*time.Hour)
	sec.changed = now
	s.expectPurge(sec)
	return &deleteSecretOutput{refOf(sec), timestamp(sec.purge)}, nil
}

// deleteMissing: to delete a missing secret by force is no error (DeleteSecret).
func (s *service) deleteMissing(c call, id string) *deleteSecretOutput {
	if _, _, resource, ok := splitARN(id); ok {
		name, _ := cutRandom(resource)
		return &deleteSecretOutput{ref{id, name}, timestamp(s.now())}
	}
	return &deleteSecretOutput{ref{partialARN(c.region, s.account, id), id}, timestamp(s.now())}
}

func (s *service) restoreSecret(c call, in *secretIDInput) (*ref, error) {
	sec, err := s.primary(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	if !sec.deleted.IsZero() {
		sec.deleted, sec.purge = time.Time{}, time.Time{}
		sec.changed = s.now()
	}
	return new(refOf(sec)), nil
}
