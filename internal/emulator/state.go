package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"aws-secrets-manager-connector/internal/rawjson"
)

// state is all secrets, as Save writes them.
type state struct {
	Format  int // of this type: stateFormat
	Account string
	Secrets []savedSecret // oldest first
}

const stateFormat = 1

// savedSecret is a secret. What a replica shares with its primary is with that.
type savedSecret struct {
	Name, ARN, Region string
	Created           time.Time
	Accessed          time.Time      `json:",omitzero"`
	KmsKeyID          string         `json:",omitempty"`
	ReplicaOf         string         `json:",omitempty"` // the primary's Region
	Replicas          []savedReplica `json:",omitempty"`
	Content           *savedContent  `json:",omitempty"`

	CrossAccountPrimary string                    `json:",omitempty"` // ARN, on a replica of another account
	CrossAccountReplica *savedCrossAccountReplica `json:",omitempty"`
}

type savedCrossAccountReplica struct {
	ARN  string
	Role string `json:",omitempty"`
}

type savedReplica struct{ Region, KmsKeyID string }

type savedContent struct {
	Description string `json:",omitempty"`
	Type        string `json:",omitempty"`
	Tags        []tag  `json:",omitzero"`
	Policy      string `json:",omitempty"`
	Changed     time.Time
	Deleted     time.Time      `json:",omitzero"`
	Purge       time.Time      `json:",omitzero"`
	Rotation    *savedRotation `json:",omitempty"`
	Versions    []savedVersion `json:",omitempty"`
}

type savedRotation struct {
	Enabled  bool
	Lambda   string             `json:",omitempty"`
	Rules    *rotationRules     `json:",omitempty"`
	Metadata []rotationMetadata `json:",omitempty"`
	Role     string             `json:",omitempty"`
	Since    time.Time
	Last     time.Time `json:",omitzero"`
}

type savedVersion struct {
	ID           string
	Created      time.Time
	Accessed     time.Time    `json:",omitzero"`
	KmsKeyID     string       `json:",omitempty"`
	Stages       []string     `json:",omitempty"`
	SecretString *secretText  `json:",omitempty"`
	SecretBinary secretBinary `json:",omitempty"`
}

// Save writes all secrets with all their values, as JSON, for Load.
func (e *Emulator) Save(w io.Writer) error {
	b, err := e.service.save()
	if err != nil {
		return fmt.Errorf("encode the state: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// save encodes under the lock, for what it encodes is shared with the secrets.
func (s *service) save() ([]byte, error) {
	s.lock()
	defer s.unlock()
	all := slices.SortedFunc(maps.Values(s.secrets), func(a, b *secret) int { return cmp.Compare(a.seq, b.seq) })
	saved := state{Format: stateFormat, Account: s.account}
	for _, sec := range all {
		saved.Secrets = append(saved.Secrets, sec.saved())
	}
	return rawjson.Marshal(saved)
}

func (s *secret) saved() savedSecret {
	out := savedSecret{
		Name: s.name, ARN: s.arn, Region: s.region, Created: s.created, Accessed: s.accessed, KmsKeyID: s.kmsKey,
		CrossAccountPrimary: s.crossAccountPrimary,
	}
	if r := s.crossAccountReplica; r != nil {
		out.CrossAccountReplica = &savedCrossAccountReplica{r.arn, r.role}
	}
	for _, r := range s.replicas {
		out.Replicas = append(out.Replicas, savedReplica{r.region, r.kmsKey})
	}
	if s.primary != nil {
		out.ReplicaOf = s.primary.region
	} else {
		out.Content = s.content.saved()
	}
	return out
}

func (c *content) saved() *savedContent {
	out := &savedContent{
		Description: c.description, Type: c.managedType, Tags: c.tags, Policy: c.policy,
		Changed: c.changed, Deleted: c.deleted, Purge: c.purge,
	}
	if r := c.rotation; r.configured {
		out.Rotation = &savedRotation{r.enabled, r.lambda, r.rules, r.metadata, r.role, r.since, r.last}
	}
	for _, v := range c.versions {
		out.Versions = append(out.Versions, savedVersion{v.id, v.created, v.accessed, v.kmsKey, v.stages, v.value.text, v.value.binary})
	}
	return out
}

// Load replaces all secrets by those that Save wrote. Its errors name the
// secret and what is wrong, never a value; after one, nothing has changed.
func (e *Emulator) Load(r io.Reader) error {
	var saved state
	if err := decodeStrict(r, &saved); err != nil {
		return fmt.Errorf("read state: %w", withoutValue(err))
	}
	switch {
	case saved.Format != stateFormat:
		return fmt.Errorf("read state: its format is %d, must be %d", saved.Format, stateFormat)
	case saved.Account != e.service.account:
		return fmt.Errorf("read state: it is of account %q, not %s", saved.Account, e.service.account)
	}
	secrets, err := saved.secrets()
	if err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	e.service.replaceAll(secrets)
	return nil
}

func (s *service) replaceAll(secrets []*secret) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	for _, sec := range secrets {
		s.put(sec)
	}
	s.record()
	s.late.apply(s.now().Add(s.late.by))
}

// secrets are those of the state, in its order.
func (s state) secrets() ([]*secret, error) {
	var all []*secret
	known := make(map[location]*secret)
	for i, saved := range s.Secrets {
		at := location{saved.Region, saved.Name}
		sec, err := saved.secret(s.Account)
		if err == nil && known[at] != nil {
			err = errors.New("it is there twice")
		}
		if err != nil {
			return nil, fmt.Errorf("secrets[%d] %q: %w", i, saved.Name, err)
		}
		known[at] = sec
		all = append(all, sec)
	}
	for _, saved := range s.Secrets {
		if primary := known[location{saved.ReplicaOf, saved.Name}]; primary != nil && primary.content != nil {
			known[location{saved.Region, saved.Name}].primary = primary
		}
	}
	for i, sec := range all {
		if p := sec.primary; p != nil && p.linkReplica(sec) {
			sec.content = p.content
		}
		if sec.content == nil {
			return nil, fmt.Errorf("secrets[%d] %q: its primary does not have it as a replica", i, sec.name)
		}
	}
	return all, nil
}

func (s *secret) linkReplica(to *secret) bool {
	i := slices.IndexFunc(s.replicas, func(r replica) bool { return r.region == to.region })
	if i < 0 {
		return false
	}
	s.replicas[i].secret = to
	return true
}

// secret is not connected to its primary and its replicas yet.
func (s savedSecret) secret(account string) (*secret, error) {
	resource, random := cutRandom(s.ARN)
	switch {
	case !isRegion(s.Region):
		return nil, errors.New("its Region is no AWS Region")
	case !consistsOf(s.Name, nameCharacters+"!"):
		return nil, errors.New("its name is not valid")
	case !random || resource != partialARN(s.Region, account, s.Name):
		return nil, errors.New("its ARN does not belong to its Region, the account and its name")
	case (s.Content == nil) == (s.ReplicaOf == ""), s.Content == nil && (s.Replicas != nil || s.CrossAccountPrimary != "" || s.CrossAccountReplica != nil):
		return nil, errors.New("it must either have Content or be a replica")
	}
	sec := &secret{
		name: s.Name, arn: s.ARN, region: s.Region, created: s.Created, accessed: s.Accessed, kmsKey: s.KmsKeyID,
		crossAccountPrimary: s.CrossAccountPrimary,
	}
	if r := s.CrossAccountReplica; r != nil {
		sec.crossAccountReplica = &crossAccountReplica{r.ARN, r.Role}
	}
	for _, r := range s.Replicas {
		sec.replicas = append(sec.replicas, replica{region: r.Region, kmsKey: r.KmsKeyID})
	}
	if s.Content == nil {
		return sec, nil
	}
	var err error
	sec.content, err = s.Content.content()
	if err == nil && !sec.crossAccountValid(account) {
		err = errors.New("its replication to or from another account is not valid")
	}
	return sec, err
}

func (c savedContent) content() (*content, error) {
	out := &content{
		description: c.Description, managedType: c.Type, tags: c.Tags, policy: c.Policy,
		changed: c.Changed, deleted: c.Deleted, purge: c.Purge,
	}
	if r := c.Rotation; r != nil {
		if r.Rules != nil && (r.Rules.check() != nil || r.Rules.AutomaticallyAfterDays < 0 || r.Rules.AutomaticallyAfterDays > 1000) {
			return nil, errors.New("its rotation rules are not valid")
		}
		out.rotation = rotation{true, r.Enabled, r.Lambda, r.Rules, r.Metadata, r.Role, r.Since, r.Last}
	}
	unique := make(map[string]bool)
	for i, v := range c.Versions {
		for _, of := range append([]string{"id " + v.ID}, v.Stages...) {
			if unique[of] {
				return nil, errors.New("two of its versions have the same id or staging label")
			}
			unique[of] = true
		}
		if v.ID == "" || v.SecretString != nil && v.SecretBinary != nil {
			return nil, errors.New("a version must have an ID, and at most one of SecretString and SecretBinary")
		}
		slices.Sort(v.Stages)
		out.versions = append(out.versions, &version{
			v.ID, int64(i + 1), v.Created, v.Accessed, v.KmsKeyID, v.Stages, value{v.SecretString, v.SecretBinary},
		})
	}
	return out, nil
}
