package emulator

type updateStageInput struct {
	SecretId            string
	VersionStage        string
	RemoveFromVersionId string
	MoveToVersionId     string
}

func (s *service) updateSecretVersionStage(c call, in *updateStageInput) (*ref, error) {
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	if err := in.check(sec); err != nil {
		return nil, err
	}
	if to := sec.version(in.MoveToVersionId); to != nil {
		if err := sec.checkStageQuota([]string{in.VersionStage}); err != nil {
			return nil, err
		}
		sec.attach(to, in.VersionStage)
	} else {
		sec.detach(in.VersionStage)
	}
	sec.changed = s.now()
	return new(refOf(sec)), nil
}

func (in *updateStageInput) check(sec *secret) error {
	from, to := in.RemoveFromVersionId, in.MoveToVersionId
	if from == "" && to == "" {
		return invalidParameter("You must provide MoveToVersionId, RemoveFromVersionId, or both.")
	}
	for _, id := range []string{from, to} {
		if id != "" && sec.version(id) == nil {
			return invalidParameter("Not a valid version: %s", id)
		}
	}
	if to == "" && in.VersionStage == current {
		return invalidParameter("You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.")
	}
	return in.checkAttached(sec.withStage(in.VersionStage))
}

// checkAttached: whoever moves or removes a label must know where it is.
func (in *updateStageInput) checkAttached(holder *version) error {
	from, to := in.RemoveFromVersionId, in.MoveToVersionId
	switch {
	case holder == nil && from != "":
		return invalidParameter("Version stage %s is not attached to version %s.", in.VersionStage, from)
	case holder == nil || holder.id == from || (from == "" && holder.id == to):
		return nil
	case from == "":
		return invalidParameter("The parameter RemoveFromVersionId can't be empty. Staging label %s is currently attached to version %s, so you must explicitly reference that version in RemoveFromVersionId.", in.VersionStage, holder.id)
	case to == "":
		return invalidParameter("Version stage %s is not attached to version %s.", in.VersionStage, from)
	}
	return invalidParameter("When you move staging label %s, if you specify RemoveFromVersionId, it must be set to the version that currently has the staging label %s.", in.VersionStage, in.VersionStage)
}
