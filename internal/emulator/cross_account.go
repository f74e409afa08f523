package emulator

// Of a replication to another account, the emulator has one side: the other account
// is outside of it, and agrees to everything at once.

// crossAccountReplica is what a primary knows of its copy in another account.
type crossAccountReplica struct{ arn, role string }

type crossAccountPrimaryType struct {
	PrimarySecretARN  string
	ReplicationStatus string
}

type crossAccountReplicaEntry struct {
	ReplicaSecretARN   string
	ReplicationRoleARN string `json:",omitempty"`
	ReplicationStatus  string
}

// crossAccountPrimaryOf is nil for a secret that is no replica of another account. No
// value ever comes from there.
func crossAccountPrimaryOf(s *secret) *crossAccountPrimaryType {
	if s.crossAccountPrimary == "" {
		return nil
	}
	return &crossAccountPrimaryType{s.crossAccountPrimary, "Pending"}
}

func crossAccountReplicasOf(s *secret) []crossAccountReplicaEntry {
	if s.crossAccountReplica == nil {
		return nil
	}
	return []crossAccountReplicaEntry{{s.crossAccountReplica.arn, s.crossAccountReplica.role, "InSync"}}
}

// checkOtherAccount holds that an ARN is that of a secret in another account, in the
// same Region and so in the same partition.
func checkOtherAccount(region, account, member, arn string) error {
	itsRegion, itsAccount, resource, ok := splitARN(arn)
	name, whole := cutRandom(resource)
	switch {
	case !ok || !whole || !isAccount(itsAccount) || !consistsOf(name, nameCharacters+"!"):
		return invalidParameter("%s must be the ARN of a secret.", member)
	case itsAccount == account:
		return invalidParameter("%s must be a secret of another account.", member)
	case itsRegion != region:
		return invalidParameter("%s must be a secret in the same Region.", member)
	}
	return nil
}

// crossAccountValid reports whether a secret can be as a saved state has it: a replica
// of another account has no value, and no replicas of its own.
func (s *secret) crossAccountValid(account string) bool {
	valid := func(arn string) bool { return checkOtherAccount(s.region, account, "", arn) == nil }
	if r := s.crossAccountReplica; r != nil {
		return s.crossAccountPrimary == "" && valid(r.arn)
	}
	return s.crossAccountPrimary == "" || valid(s.crossAccountPrimary) && len(s.versions) == 0 && len(s.replicas) == 0
}

// checkCrossAccount holds what CreateSecret takes for a replica of another account.
func (in *createSecretInput) checkCrossAccount(region, account string) error {
	switch {
	case in.CrossAccountPrimaryARN == "":
		return nil
	case in.SecretString != nil || in.SecretBinary != nil || in.Description != "" || in.AddReplicaRegions != nil || in.Type != "":
		return invalidParameter("You can't specify SecretString, SecretBinary, Description, AddReplicaRegions, or Type together with CrossAccountPrimaryARN.")
	case !customerManaged(in.KmsKeyId):
		return invalidParameter("You must specify a customer managed key in KmsKeyId for a cross-account replica.")
	}
	return checkOtherAccount(region, account, "CrossAccountPrimaryARN", in.CrossAccountPrimaryARN)
}

type associateInput struct {
	SecretId               string
	CrossAccountReplicaARN string
	ReplicationRoleARN     string
}

type associateOutput struct {
	ARN                    string
	CrossAccountReplicaARN string
	ReplicationStatus      string
}

// associateCrossAccountReplica is idempotent: again, it mends what had failed.
func (s *service) associateCrossAccountReplica(c call, in *associateInput) (*associateOutput, error) {
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	if err := s.mayAssociate(c, sec, in); err != nil {
		return nil, err
	}
	if err := checkOtherAccount(sec.region, s.account, "CrossAccountReplicaARN", in.CrossAccountReplicaARN); err != nil {
		return nil, err
	}
	if have := sec.crossAccountReplica; have != nil && have.arn != in.CrossAccountReplicaARN {
		// LimitExceededException is none of the operation's errors in the API's model.
		return nil, invalidRequest("The secret %s already has the cross-account replica %s, and can have no more than one.", sec.name, have.arn)
	}
	sec.crossAccountReplica = &crossAccountReplica{in.CrossAccountReplicaARN, in.ReplicationRoleARN}
	return &associateOutput{sec.arn, in.CrossAccountReplicaARN, "InSync"}, nil
}

// mayAssociate asks for what AssociateCrossAccountReplica does in the caller's name.
func (s *service) mayAssociate(c call, sec *secret, in *associateInput) error {
	if err := s.authorize(c, "GetSecretValue", in.SecretId); err != nil || c.policy == nil {
		return err
	}
	if err := c.useKey(sec, sec.kmsKey, "Decrypt"); err != nil {
		return err
	}
	accept := access{"secretsmanager:AcceptCrossAccountReplication", in.CrossAccountReplicaARN, s.requestContext(c)}
	if err := c.judge(accept, in.CrossAccountReplicaARN); err != nil || in.ReplicationRoleARN == "" {
		return err
	}
	return c.judge(access{"iam:PassRole", in.ReplicationRoleARN, s.requestContext(c)}, in.ReplicationRoleARN)
}

type disassociateOutput struct{ ARN, CrossAccountReplicaARN string }

func (s *service) disassociateCrossAccountReplica(c call, in *associateInput) (*disassociateOutput, error) {
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	if have := sec.crossAccountReplica; have == nil || have.arn != in.CrossAccountReplicaARN {
		return nil, invalidParameter("The secret %s has no cross-account replica %s.", sec.name, in.CrossAccountReplicaARN)
	}
	sec.crossAccountReplica = nil
	return &disassociateOutput{sec.arn, in.CrossAccountReplicaARN}, nil
}
