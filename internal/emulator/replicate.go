package emulator

import "slices"

// replica is what a primary knows of the copy in another Region.
type replica struct {
	region string
	kmsKey string  // as it was asked for
	secret *secret // nil when the name is taken in the Region
}

type replicaRegion struct {
	Region   *string
	KmsKeyId string
}

type replicationStatus struct {
	Region           string
	KmsKeyId         string
	Status           string
	StatusMessage    string    `json:",omitempty"`
	LastAccessedDate timestamp `json:",omitzero"`
}

func checkReplicaRegions(home string, regions []replicaRegion) error {
	seen := map[string]bool{}
	for _, r := range regions {
		switch {
		case r.Region == nil:
			return invalidParameter("Each replica must have a Region.")
		case *r.Region == home || partition(*r.Region) != partition(home):
			return invalidParameter("Invalid replica region.")
		case seen[*r.Region]:
			return invalidParameter("Replica regions must be unique: %s is given more than once.", *r.Region)
		}
		seen[*r.Region] = true
	}
	return nil
}

func (s *secret) replicaRegions() []string {
	var regions []string
	for _, r := range s.replicas {
		regions = append(regions, r.region)
	}
	return regions
}

// replicationOf is what a primary tells of its replicas, nil without any.
func replicationOf(s *secret) []replicationStatus {
	var out []replicationStatus
	for _, r := range s.replicas {
		status := replicationStatus{Region: r.region, KmsKeyId: r.kmsKey, Status: "Failed"}
		if r.secret == nil {
			status.StatusMessage = "Replication failed: Secret name " + s.name + " already exists in region " + r.region + "."
		} else {
			status.Status, status.KmsKeyId, status.LastAccessedDate = "InSync", r.secret.kmsKey, timestamp(r.secret.accessed)
		}
		if status.KmsKeyId == "" {
			status.KmsKeyId = "alias/aws/secretsmanager"
		}
		out = append(out, status)
	}
	return out
}

// replicate copies the secret at once; the service takes a moment. A name
// that is taken makes the replica fail, not the call.
func (s *service) replicate(sec *secret, regions []replicaRegion, overwrite bool) {
	for _, r := range regions {
		next := replica{region: *r.Region, kmsKey: r.KmsKeyId}
		existing := s.secrets[location{next.region, sec.name}]
		if existing == nil || overwrite && !existing.isReplica() && len(existing.replicas) == 0 && existing.crossAccountReplica == nil {
			next.secret = &secret{
				content: sec.content, name: sec.name, arn: arnIn(sec.arn, next.region), region: next.region,
				created: s.now(), kmsKey: r.KmsKeyId, primary: sec,
			}
			s.put(next.secret)
		}
		sec.removeReplica(next.region)
		sec.replicas = append(sec.replicas, next)
	}
}

// arnIn: a replica's ARN differs from its primary's in the Region only.
func arnIn(arn, region string) string {
	_, account, resource, _ := splitARN(arn)
	return partialARN(region, account, resource)
}

type replicateInput struct {
	SecretId                    string
	AddReplicaRegions           []replicaRegion
	ForceOverwriteReplicaSecret bool
}

type replicationOutput struct {
	ARN               string
	ReplicationStatus []replicationStatus
}

func (s *service) replicateSecretToRegions(c call, in *replicateInput) (*replicationOutput, error) {
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	if err := checkReplicaRegions(sec.region, in.AddReplicaRegions); err != nil {
		return nil, err
	}
	for _, r := range in.AddReplicaRegions {
		if slices.ContainsFunc(sec.replicas, func(have replica) bool { return have.region == *r.Region && have.secret != nil }) {
			return nil, invalidParameter("The secret %s is already replicated to region %s.", sec.name, *r.Region)
		}
	}
	if err := c.mayCopy(sec, in.AddReplicaRegions); err != nil {
		return nil, err
	}
	s.replicate(sec, in.AddReplicaRegions, in.ForceOverwriteReplicaSecret)
	return &replicationOutput{sec.arn, replicationOf(sec)}, nil
}

type removeRegionsInput struct {
	SecretId             string
	RemoveReplicaRegions []string
}

func (s *service) removeRegionsFromReplication(c call, in *removeRegionsInput) (*replicationOutput, error) {
	sec, err := s.primary(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	for _, region := range in.RemoveReplicaRegions {
		if !slices.Contains(sec.replicaRegions(), region) {
			return nil, invalidParameter("The secret %s has no replica in region %s.", sec.name, region)
		}
	}
	for _, region := range in.RemoveReplicaRegions {
		if removed := sec.removeReplica(region); removed != nil {
			s.remove(removed)
		}
	}
	return &replicationOutput{sec.arn, append([]replicationStatus{}, replicationOf(sec)...)}, nil
}

// removeReplica returns the replica, nil when there is none or it had failed.
func (s *secret) removeReplica(region string) (removed *secret) {
	s.replicas = slices.DeleteFunc(s.replicas, func(r replica) bool {
		if r.region == region {
			removed = r.secret
		}
		return r.region == region
	})
	return removed
}

type arnOutput struct{ ARN string }

// stopReplicationToReplica makes the replica a secret of its own, in whose
// Region and account it must be called.
func (s *service) stopReplicationToReplica(c call, in *secretIDInput) (*arnOutput, error) {
	sec, err := s.readable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	switch {
	case sec.primary != nil:
		sec.primary.removeReplica(sec.region)
		sec.content, sec.primary = sec.content.clone(), nil
	case sec.crossAccountPrimary != "":
		if err := s.authorize(c, "DeleteResourcePolicy", in.SecretId); err != nil {
			return nil, err
		}
		sec.crossAccountPrimary = ""
	default:
		return nil, invalidRequest("You can't stop replication: the secret is not a replica. Call must be made in the replica secret's region.")
	}
	return &arnOutput{sec.arn}, nil
}
