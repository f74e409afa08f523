package emulator

const (
	maxValue     = 65536 // bytes; the API's model counts characters
	tokenMissing = "You must provide a ClientRequestToken value. We recommend a UUID-type value."
)

// newValue is the part of a request that brings a value.
type newValue struct {
	SecretString *secretText
	SecretBinary secretBinary
}

// value checks the value, and that a token comes with it.
func (n newValue) value(token string) (value, error) {
	v := value{n.SecretString, n.SecretBinary}
	switch {
	case token == "" && !v.empty():
		return v, invalidRequest(tokenMissing)
	case n.SecretString != nil && n.SecretBinary != nil:
		return v, invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.")
	case v.size() > maxValue:
		return v, invalidParameter("SecretString must not be longer than %d bytes.", maxValue)
	}
	return v, nil
}

type createSecretInput struct {
	newValue
	Name                        string
	ClientRequestToken          string
	Description                 string
	KmsKeyId                    string
	Tags                        []tagInput
	AddReplicaRegions           []replicaRegion
	ForceOverwriteReplicaSecret bool
	Type                        string
	CrossAccountPrimaryARN      string
}

type createSecretOutput struct {
	versionRef
	ReplicationStatus []replicationStatus `json:",omitempty"`
}

func (s *service) createSecret(c call, in *createSecretInput) (*createSecretOutput, error) {
	if err := s.mayCreate(c, in); err != nil {
		return nil, err
	}
	val, err := in.value(in.ClientRequestToken)
	if err != nil {
		return nil, err
	}
	if err := in.checkCrossAccount(c.region, s.account); err != nil {
		return nil, err
	}
	if !consistsOf(in.Name, nameCharacters) {
		return nil, errInvalidName()
	}
	tags, err := mergeTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := checkReplicaRegions(c.region, in.AddReplicaRegions); err != nil {
		return nil, err
	}
	if sec := s.secrets[location{c.region, in.Name}]; sec != nil {
		return createAgain(sec, in, val)
	}
	return s.createNew(c, in, val, tags)
}

// mayCreate asks for the further actions that some members need (CreateSecret).
func (s *service) mayCreate(c call, in *createSecretInput) error {
	for _, further := range []struct {
		action string
		needed bool
	}{
		{"TagResource", len(in.Tags) > 0},
		{"ReplicateSecretToRegions", len(in.AddReplicaRegions) > 0},
		{"PutResourcePolicy", in.CrossAccountPrimaryARN != ""},
	} {
		if !further.needed {
			continue
		}
		if err := s.authorize(c, further.action, in.Name); err != nil {
			return err
		}
	}
	return nil
}

// createAgain responds to a CreateSecret for a name that is taken: the same token
// with the same value is the same request, sent twice.
func createAgain(sec *secret, in *createSecretInput, val value) (*createSecretOutput, error) {
	if !sec.deleted.IsZero() {
		return nil, invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.")
	}
	if v := sec.version(in.ClientRequestToken); v != nil && !val.empty() {
		if !v.value.equal(val) {
			return nil, errTokenUsed(v.id, sec.arn)
		}
		return &createSecretOutput{versionRef{refOf(sec), v.id}, replicationOf(sec)}, nil
	}
	return nil, exists("The operation failed because the secret %s already exists.", in.Name)
}

func (s *service) createNew(c call, in *createSecretInput, val value, tags []tag) (*createSecretOutput, error) {
	now := s.now()
	sec := &secret{
		content: &content{description: in.Description, managedType: in.Type, tags: tags, changed: now},
		name:    in.Name, arn: s.newARN(c.region, in.Name), region: c.region, created: now, kmsKey: in.KmsKeyId,
		crossAccountPrimary: in.CrossAccountPrimaryARN,
	}
	if err := c.mayStore(sec, sec.kmsKey); err != nil {
		return nil, err
	}
	if err := c.mayCopy(sec, in.AddReplicaRegions); err != nil {
		return nil, err
	}
	out := &createSecretOutput{versionRef: versionRef{ref: refOf(sec)}}
	if !val.empty() {
		v, err := s.add(sec, in.ClientRequestToken, val, []string{current})
		if err != nil {
			return nil, err
		}
		out.VersionId = v.id
	}
	s.put(sec)
	s.replicate(sec, in.AddReplicaRegions, in.ForceOverwriteReplicaSecret)
	out.ReplicationStatus = replicationOf(sec)
	return out, nil
}

func (s *service) put(sec *secret) {
	s.seq++
	sec.seq = s.seq
	s.secrets[location{sec.region, sec.name}] = sec
	s.stored += sec.size()
	s.touch(sec)
	s.expectPurge(sec)
}

func (s *service) remove(sec *secret) {
	delete(s.secrets, location{sec.region, sec.name})
	s.touch(sec)
}
