package emulator

import "fmt"

type listSecretsInput struct {
	IncludePlannedDeletion bool
	MaxResults             *int
	NextToken              *string
	Filters                []filter
	SortOrder              string
	SortBy                 string
}

type listedSecret struct {
	details
	SecretVersionsToStages map[string][]string `json:",omitempty"`
}

type listSecretsOutput struct {
	SecretList []listedSecret
	NextToken  string `json:",omitempty"`
}

func (s *service) listSecrets(c call, in *listSecretsInput) (*listSecretsOutput, error) {
	if err := checkFilters(in.Filters); err != nil {
		return nil, err
	}
	page, next, err := listing[*secret]{
		key:        s.pageKey,
		query:      fmt.Sprintf("ListSecrets %s %t %q %s %s", c.region, in.IncludePlannedDeletion, in.Filters, in.SortOrder, in.SortBy),
		rows:       rows(s.listable(), c.region, in.Filters, in.IncludePlannedDeletion, in.SortBy),
		descending: in.SortOrder == "desc",
	}.page(in.NextToken, orDefault(in.MaxResults, 100))
	if err != nil {
		return nil, err
	}
	out := &listSecretsOutput{SecretList: []listedSecret{}, NextToken: next}
	for _, r := range page {
		out.SecretList = append(out.SecretList, listedSecret{detailsOf(r.item), r.item.stagesByVersion()})
	}
	return out, nil
}

// rows are those of the secrets that are in the Region and pass the filters,
// unsorted.
func rows(secrets map[location]*secret, region string, filters []filter, planned bool, sortBy string) []row[*secret] {
	var found []row[*secret]
	for at, sec := range secrets {
		if at.region == region && (planned || sec.deleted.IsZero()) && matchesAll(sec, filters) {
			found = append(found, row[*secret]{position{sec.sortKey(sortBy), sec.seq}, sec})
		}
	}
	return found
}

// sortKey is "" for the order of creation, which seq has already.
func (s *secret) sortKey(by string) string {
	switch by {
	case "name":
		return s.name
	case "last-accessed-date":
		return timeKey(s.accessed)
	case "last-changed-date":
		return timeKey(s.changed)
	}
	return ""
}

func orDefault[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}

type listVersionsInput struct {
	SecretId          string
	MaxResults        *int
	NextToken         *string
	IncludeDeprecated bool
}

type listedVersion struct {
	VersionId        string
	VersionStages    []string  `json:",omitempty"`
	LastAccessedDate timestamp `json:",omitzero"`
	CreatedDate      timestamp
	KmsKeyIds        []string
}

type listVersionsOutput struct {
	Versions  []listedVersion
	NextToken string `json:",omitempty"`
	ref
}

// listSecretVersionIds lists versions oldest first; those without labels are
// deprecated and listed on request only.
func (s *service) listSecretVersionIds(c call, in *listVersionsInput) (*listVersionsOutput, error) {
	sec, err := s.findSecret(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	var rows []row[*version]
	for _, v := range sec.versions {
		if in.IncludeDeprecated || len(v.stages) > 0 {
			rows = append(rows, row[*version]{position{"", v.seq}, v})
		}
	}
	page, next, err := listing[*version]{
		key:   s.pageKey,
		query: fmt.Sprintf("ListSecretVersionIds %s %t", sec.arn, in.IncludeDeprecated),
		rows:  rows,
	}.page(in.NextToken, orDefault(in.MaxResults, 100))
	if err != nil {
		return nil, err
	}
	out := &listVersionsOutput{Versions: []listedVersion{}, NextToken: next, ref: refOf(sec)}
	for _, r := range page {
		out.Versions = append(out.Versions, listedVersionOf(r.item))
	}
	return out, nil
}

func listedVersionOf(v *version) listedVersion {
	key := v.kmsKey
	if key == "" {
		key = "DefaultEncryptionKey"
	}
	return listedVersion{v.id, v.stages, timestamp(v.accessed), timestamp(v.created), []string{key}}
}
