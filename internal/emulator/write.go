package emulator

type putSecretValueInput struct {
	newValue
	SecretId           string
	ClientRequestToken string
	VersionStages      []string
}

type putSecretValueOutput struct {
	versionRef
	VersionStages []string `json:",omitempty"`
}

func (s *service) putSecretValue(c call, in *putSecretValueInput) (*putSecretValueOutput, error) {
	val, err := in.value(in.ClientRequestToken)
	if err != nil {
		return nil, err
	}
	if val.empty() {
		return nil, invalidRequest("You must provide either SecretString or SecretBinary.")
	}
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	if err := c.mayStore(sec, sec.kmsKey); err != nil {
		return nil, err
	}
	v, err := s.putVersion(sec, in.ClientRequestToken, val, in.VersionStages)
	if err != nil {
		return nil, err
	}
	return &putSecretValueOutput{versionRef{refOf(sec), v.id}, v.stages}, nil
}

// putVersion adds a version, unless the token names one. With the same value
// that is the same request, sent twice (of UpdateSecret too, against its
// documentation); the empty version of a rotation is filled; any other is
// refused, for a version cannot be changed.
func (s *service) putVersion(sec *secret, id string, val value, stages []string) (*version, error) {
	if len(stages) == 0 {
		stages = []string{current}
	}
	v := sec.version(id)
	switch {
	case v == nil:
		added, err := s.add(sec, id, val, stages)
		if err != nil {
			return nil, err
		}
		v = added
	case v.value.empty():
		if err := sec.checkStageQuota(stages); err != nil {
			return nil, err
		}
		v.value = val
		sec.stage(v, stages)
	case v.value.equal(val):
		return v, nil
	default:
		return nil, errTokenUsed(id, sec.arn)
	}
	sec.changed = s.now()
	return v, nil
}

type updateSecretInput struct {
	newValue
	SecretId           string
	ClientRequestToken string
	Description        *string
	KmsKeyId           *string
	Type               *string
}

func (s *service) updateSecret(c call, in *updateSecretInput) (*versionRef, error) {
	val, err := in.value(in.ClientRequestToken)
	if err != nil {
		return nil, err
	}
	sec, err := s.readable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	// The encryption key is the one thing a replica has of its own.
	if sec.isReplica() && (!val.empty() || in.Description != nil || in.Type != nil) {
		return nil, errReplica()
	}
	key := orDefault(in.KmsKeyId, sec.kmsKey)
	if !val.empty() || in.KmsKeyId != nil {
		if err := c.mayStore(sec, key); err != nil {
			return nil, err
		}
	}
	out := &versionRef{ref: refOf(sec)}
	if !val.empty() {
		v, err := s.putVersion(sec, in.ClientRequestToken, val, nil)
		if err != nil {
			return nil, err
		}
		out.VersionId = v.id
	}
	if in.Description != nil {
		sec.description = *in.Description
	}
	if in.Type != nil {
		sec.managedType = *in.Type
	}
	if in.KmsKeyId != nil {
		sec.encrypt(key, c.useKey(sec, key, "Encrypt") == nil)
	}
	sec.changed = s.now()
	return out, nil
}

// encrypt changes the key of the secret and, where the caller may, of the
// versions in use (UpdateSecret).
func (s *secret) encrypt(key string, versions bool) {
	s.kmsKey = key
	if s.primary != nil || !versions {
		return // a replica's versions are the primary's
	}
	for _, v := range s.versions {
		if v.has(current) || v.has(previous) || v.has(pending) {
			v.kmsKey = key
		}
	}
}
