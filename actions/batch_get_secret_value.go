package actions

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// batchGetSecretValue returns the current values of any number of secrets by name
// or ARN, or of those that match Filters. emitIndividually emits each element of
// SecretValues, and each element of Errors as an error.
//
// It needs secretsmanager:BatchGetSecretValue, secretsmanager:GetSecretValue for
// each secret, with Filters secretsmanager:ListSecrets, for secrets with a
// customer-managed key also kms:Decrypt.
func batchGetSecretValue(s *step) component.Handler {
	l := valueListing(s)
	l.split = splitBatch
	l.pages = func(api awsapi.API, in *secretsmanager.BatchGetSecretValueInput) pager[*secretsmanager.BatchGetSecretValueOutput] {
		if groups := byRegion(api, in.SecretIdList); len(groups) > 1 {
			return &regionsPager{step: s, api: api, in: in, groups: groups}
		}
		return newValuePager(s, api, in)
	}
	return readsValues(s, cached(s, tellRegion(s, list(s, l))))
}

func valueListing(s *step) listing[*secretsmanager.BatchGetSecretValueInput, *secretsmanager.BatchGetSecretValueOutput] {
	return listing[*secretsmanager.BatchGetSecretValueInput, *secretsmanager.BatchGetSecretValueOutput]{
		pages: func(api awsapi.API, in *secretsmanager.BatchGetSecretValueInput) pager[*secretsmanager.BatchGetSecretValueOutput] {
			return newValuePager(s, api, in)
		},
		next: func(page *secretsmanager.BatchGetSecretValueOutput) **string { return &page.NextToken },
		join: func(all, page *secretsmanager.BatchGetSecretValueOutput) {
			all.SecretValues = append(all.SecretValues, page.SecretValues...)
			all.Errors = append(all.Errors, page.Errors...)
		},
		each: func(page *secretsmanager.BatchGetSecretValueOutput) []element {
			var all []element
			for i := range page.SecretValues {
				all = append(all, element{value: &page.SecretValues[i]})
			}
			for _, failed := range page.Errors {
				all = append(all, element{err: awsapi.EntryError(s.operation, failed)})
			}
			return all
		},
	}
}

// maxBatch is how many secrets AWS reads in one call.
const maxBatch = 20

// splitBatch makes calls of at most maxBatch secrets, in the order of the input.
func splitBatch(in *secretsmanager.BatchGetSecretValueInput) ([]*secretsmanager.BatchGetSecretValueInput, error) {
	if len(in.SecretIdList) <= maxBatch {
		return []*secretsmanager.BatchGetSecretValueInput{in}, nil
	}
	if in.NextToken != nil {
		return nil, component.Errorf(component.InvalidInput, "body.NextToken (\"Next page token\"): belongs to one call, but SecretIdList has %d entries, "+
			"which are read in calls of %d each – leave it out, for all of them are read", len(in.SecretIdList), maxBatch)
	}
	var calls []*secretsmanager.BatchGetSecretValueInput
	for ids := range slices.Chunk(in.SecretIdList, maxBatch) {
		calls = append(calls, &secretsmanager.BatchGetSecretValueInput{SecretIdList: ids})
	}
	return calls, nil
}

// valuePager reads the values of secrets in one region, or, while that is away, in
// the failoverRegion.
type valuePager struct {
	pager[*secretsmanager.BatchGetSecretValueOutput]
	step *step
	api  awsapi.API
	in   *secretsmanager.BatchGetSecretValueInput
	// begun: something was read. A NextToken is of use where it comes from alone.
	begun, done bool
}

func newValuePager(s *step, api awsapi.API, in *secretsmanager.BatchGetSecretValueInput) *valuePager {
	return &valuePager{
		pager: secretsmanager.NewBatchGetSecretValuePaginator(api, in), step: s, api: api, in: in,
		begun: in.NextToken != nil || len(in.SecretIdList) == 0, // filters find what is in a region
	}
}

func (p *valuePager) HasMorePages() bool { return !p.done && p.pager.HasMorePages() }

func (p *valuePager) NextPage(ctx context.Context, options ...func(*secretsmanager.Options)) (*secretsmanager.BatchGetSecretValueOutput, error) {
	page, err := p.pager.NextPage(ctx, options...)
	if err == nil {
		p.begun = true
		sortAsAsked(page, p.in.SecretIdList)
		return page, nil
	}
	if p.begun {
		return nil, err
	}
	other, region := failover(ctx, p.step.deps.Log, p.api, p.in.SecretIdList[0], err)
	if other == nil {
		return nil, err
	}
	p.done = true
	page, failed := readReplicas(ctx, p.step, other, region, p.in.SecretIdList)
	if failed != nil {
		return nil, neither(awsapi.Wrap(p.step.operation, p.in, err), region, failed)
	}
	return page, nil
}

// readReplicas reads secrets in another region; errors name them as they were
// asked for.
func readReplicas(ctx context.Context, s *step, api awsapi.API, region string, ids []string) (*secretsmanager.BatchGetSecretValueOutput, error) {
	replicas := &secretsmanager.BatchGetSecretValueInput{}
	asked := map[string]*string{} // by the id of the replica
	for _, id := range ids {
		replica := awsapi.InRegion(id, region)
		replicas.SecretIdList, asked[replica] = append(replicas.SecretIdList, replica), &id
	}
	page, err := readAll(ctx, s, api, replicas)
	if err != nil {
		return nil, err
	}
	for i, e := range page.Errors {
		if id := asked[aws.ToString(e.SecretId)]; id != nil {
			page.Errors[i].SecretId = id
		}
	}
	return page, nil
}

// readAll returns all pages as one.
func readAll(ctx context.Context, s *step, api awsapi.API, in *secretsmanager.BatchGetSecretValueInput) (*secretsmanager.BatchGetSecretValueOutput, error) {
	all := &secretsmanager.BatchGetSecretValueOutput{SecretValues: []types.SecretValueEntry{}}
	values := valueListing(s)
	for page, err := range values.follow(ctx, nil, s.operation, in, api) {
		if err != nil {
			return nil, err
		}
		values.join(all, page)
	}
	return all, nil
}

// byRegion groups ids by the region in which they are called.
func byRegion(api awsapi.API, ids []string) (groups [][]string) {
	located, ok := api.(interface{ Region(secretID string) string })
	if !ok {
		return [][]string{ids}
	}
	at := map[string]int{} // region → group
	for _, id := range ids {
		region := located.Region(id)
		i, known := at[region]
		if !known {
			i = len(groups)
			at[region], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], id)
	}
	return groups
}

// regionsPager joins what several regions have of a call to one page.
type regionsPager struct {
	step   *step
	api    awsapi.API
	in     *secretsmanager.BatchGetSecretValueInput
	groups [][]string // ids by region
	done   bool
}

func (p *regionsPager) HasMorePages() bool { return !p.done }

// NextPage returns the values, and the errors, in the order of the ids.
func (p *regionsPager) NextPage(ctx context.Context, _ ...func(*secretsmanager.Options)) (*secretsmanager.BatchGetSecretValueOutput, error) {
	p.done = true
	if p.in.NextToken != nil {
		return nil, component.Errorf(component.InvalidInput, "body.NextToken (\"Next page token\"): belongs to one call, but SecretIdList has secrets "+
			"in %d regions, which are read in a call each – leave it out, for all of them are read", len(p.groups))
	}
	all := &secretsmanager.BatchGetSecretValueOutput{SecretValues: []types.SecretValueEntry{}}
	for _, ids := range p.groups {
		page, err := readAll(ctx, p.step, p.api, &secretsmanager.BatchGetSecretValueInput{SecretIdList: ids})
		if err != nil {
			return nil, err
		}
		valueListing(p.step).join(all, page)
	}
	sortAsAsked(all, p.in.SecretIdList)
	return all, nil
}

// sortAsAsked puts values and errors into the order of ids, for AWS promises none.
// It leaves what was found without ids as it is.
func sortAsAsked(page *secretsmanager.BatchGetSecretValueOutput, ids []string) {
	rank := map[string]int{}
	for i, id := range ids {
		for _, known := range []string{id, inAnyRegion(id)} {
			if _, twice := rank[known]; !twice {
				rank[known] = i
			}
		}
	}
	slices.SortStableFunc(page.SecretValues, func(a, b types.SecretValueEntry) int { return rankOf(rank, a) - rankOf(rank, b) })
	slices.SortStableFunc(page.Errors, func(a, b types.APIErrorType) int {
		return rank[aws.ToString(a.SecretId)] - rank[aws.ToString(b.SecretId)]
	})
}

// rankOf finds a value by what it was asked for with: its ARN, the same without
// the six characters that AWS adds, those of a replica, or its name.
func rankOf(rank map[string]int, value types.SecretValueEntry) int {
	arn := aws.ToString(value.ARN)
	short := arn[:max(0, len(arn)-len("-AbCdEf"))]
	for _, id := range []string{arn, short, inAnyRegion(arn), inAnyRegion(short)} {
		if i, ok := rank[id]; ok {
			return i
		}
	}
	return rank[aws.ToString(value.Name)]
}

func inAnyRegion(secretID string) string { return awsapi.InRegion(secretID, "*") }
