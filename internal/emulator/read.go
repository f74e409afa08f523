package emulator

type secretIDInput struct{ SecretId string }

type getSecretValueInput struct {
	SecretId     string
	VersionId    string
	VersionStage string
}

func (s *service) getSecretValue(c call, in *getSecretValueInput) (*secretValue, error) {
	sec, err := s.readable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	v, err := sec.findVersion(in.VersionId, in.VersionStage)
	if err != nil {
		return nil, err
	}
	if err := c.useKey(sec, sec.keyOf(v), "Decrypt"); err != nil {
		return nil, err
	}
	return s.reveal(sec, v), nil
}

// findVersion finds a version by id, by label, or by both, which must agree; without
// either it is AWSCURRENT. A version without value counts as missing.
func (s *secret) findVersion(id, stage string) (*version, error) {
	if id == "" {
		if stage == "" {
			stage = current
		}
		if v := s.withStage(stage); v != nil && !v.value.empty() {
			return v, nil
		}
		return nil, notFound("Secrets Manager can't find the specified secret value for staging label: %s", stage)
	}
	v := s.version(id)
	if v == nil || v.value.empty() {
		return nil, notFound("Secrets Manager can't find the specified secret value for VersionId: %s", id)
	}
	if stage != "" && !v.has(stage) {
		return nil, invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.")
	}
	return v, nil
}

// reveal notes the access and returns the value.
func (s *service) reveal(sec *secret, v *version) *secretValue {
	sec.accessed, v.accessed = day(s.now()), day(s.now())
	return &secretValue{
		ref: refOf(sec), VersionId: v.id, SecretString: v.value.text, SecretBinary: v.value.binary,
		VersionStages: v.stages, CreatedDate: timestamp(v.created),
	}
}

type describeSecretOutput struct {
	details
	VersionIdsToStages map[string][]string `json:",omitempty"`
	ReplicationStatus  []replicationStatus `json:",omitempty"`

	CrossAccountPrimary  *crossAccountPrimaryType   `json:",omitempty"`
	CrossAccountReplicas []crossAccountReplicaEntry `json:",omitempty"`
}

func (s *service) describeSecret(c call, in *secretIDInput) (*describeSecretOutput, error) {
	sec, err := s.findSecret(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	return &describeSecretOutput{
		detailsOf(sec), sec.stagesByVersion(), replicationOf(sec), crossAccountPrimaryOf(sec), crossAccountReplicasOf(sec),
	}, nil
}
