package emulator

import "fmt"

// maxBatch is the most that one response of BatchGetSecretValue holds, in bytes.
const maxBatch = 1 << 20

type batchInput struct {
	SecretIdList []string
	Filters      []filter
	MaxResults   *int
	NextToken    *string
}

type batchError struct{ SecretId, ErrorCode, Message string }

type batchOutput struct {
	SecretValues []*secretValue
	NextToken    string       `json:",omitempty"`
	Errors       []batchError `json:",omitempty"`
}

func (s *service) batchGetSecretValue(c call, in *batchInput) (*batchOutput, error) {
	if err := s.checkBatch(c, in); err != nil {
		return nil, err
	}
	all := listing[string]{
		key:   s.pageKey,
		query: fmt.Sprintf("BatchGetSecretValue %s %q %q", c.region, in.SecretIdList, in.Filters),
		rows:  s.batchRows(c, in),
	}
	rows, err := all.after(in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &batchOutput{SecretValues: []*secretValue{}}
	size := 0
	for i, r := range rows {
		sec, v, err := s.batchOne(c, r.item)
		if err == nil {
			size += v.value.size()
		}
		if i > 0 && (i == orDefault(in.MaxResults, 20) || size > maxBatch) {
			out.NextToken = all.token(rows[i-1])
			break
		}
		if err != nil {
			failed := asAPIError(err)
			out.Errors = append(out.Errors, batchError{r.item, failed.code, failed.message})
			continue
		}
		out.SecretValues = append(out.SecretValues, s.reveal(sec, v))
	}
	return out, nil
}

func (s *service) checkBatch(c call, in *batchInput) error {
	if (in.SecretIdList == nil) == (len(in.Filters) == 0) {
		return invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
	}
	if len(in.Filters) == 0 {
		if in.MaxResults != nil {
			return invalidParameter("'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.")
		}
		return nil
	}
	if err := s.authorize(c, "ListSecrets", ""); err != nil {
		return err
	}
	return checkFilters(in.Filters)
}

// batchRows are the ids to read: those asked for as given, those found by
// filters as ListSecrets lists them.
func (s *service) batchRows(c call, in *batchInput) []row[string] {
	var ids []row[string]
	for i, id := range in.SecretIdList {
		ids = append(ids, row[string]{position{"", int64(i)}, id})
	}
	if in.SecretIdList == nil {
		for _, r := range rows(s.secrets, c.region, in.Filters, false, "") {
			ids = append(ids, row[string]{r.position, r.item.arn})
		}
	}
	return ids
}

func (s *service) batchOne(c call, id string) (*secret, *version, error) {
	if err := s.authorize(c, "GetSecretValue", id); err != nil {
		return nil, nil, err
	}
	sec, err := s.readable(c, id)
	if err != nil {
		return nil, nil, err
	}
	v, err := sec.findVersion("", "")
	if err != nil {
		return nil, nil, err
	}
	return sec, v, c.useKey(sec, sec.keyOf(v), "Decrypt")
}
