package actions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// pagedAPI answers the three listing operations from pages of names. Page i has
// the token "i"; err is the answer behind the last page.
type pagedAPI struct {
	awsapi.API // nil: other operations are not called
	pages      [][]string
	failed     []types.APIErrorType // on the last page of BatchGetSecretValue
	loop       bool                 // every page names itself as the next
	err        error

	calls int
}

func (p *pagedAPI) page(token *string) ([]string, *string, error) {
	p.calls++
	i := 0
	if token != nil {
		_, _ = fmt.Sscan(*token, &i)
	}
	if i >= len(p.pages) {
		return nil, nil, p.err
	}
	switch {
	case p.loop:
		return p.pages[i], aws.String(fmt.Sprint(i)), nil
	case i+1 < len(p.pages) || p.err != nil:
		return p.pages[i], aws.String(fmt.Sprint(i + 1)), nil
	}
	return p.pages[i], nil, nil
}

func (p *pagedAPI) ListSecrets(_ context.Context, in *secretsmanager.ListSecretsInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.ListSecretsOutput, error) {
	names, next, err := p.page(in.NextToken)
	out := &secretsmanager.ListSecretsOutput{NextToken: next, SecretList: []types.SecretListEntry{}}
	for _, name := range names {
		out.SecretList = append(out.SecretList, types.SecretListEntry{Name: &name})
	}
	return out, err
}

func (p *pagedAPI) ListSecretVersionIds(_ context.Context, in *secretsmanager.ListSecretVersionIdsInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.ListSecretVersionIdsOutput, error) {
	ids, next, err := p.page(in.NextToken)
	out := &secretsmanager.ListSecretVersionIdsOutput{ARN: aws.String("arn"), Name: in.SecretId, NextToken: next, Versions: []types.SecretVersionsListEntry{}}
	for _, id := range ids {
		out.Versions = append(out.Versions, types.SecretVersionsListEntry{VersionId: &id})
	}
	return out, err
}

func (p *pagedAPI) ListResourcePolicies(_ context.Context, in *secretsmanager.ListResourcePoliciesInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.ListResourcePoliciesOutput, error) {
	names, next, err := p.page(in.NextToken)
	out := &secretsmanager.ListResourcePoliciesOutput{NextToken: next, ResourcePolicies: []types.ResourcePolicySummary{}}
	for _, name := range names {
		out.ResourcePolicies = append(out.ResourcePolicies, types.ResourcePolicySummary{PolicyName: &name})
	}
	return out, err
}

func (p *pagedAPI) BatchGetSecretValue(_ context.Context, in *secretsmanager.BatchGetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.BatchGetSecretValueOutput, error) {
	names, next, err := p.page(in.NextToken)
	out := &secretsmanager.BatchGetSecretValueOutput{NextToken: next, SecretValues: []types.SecretValueEntry{}}
	for _, name := range names {
		out.SecretValues = append(out.SecretValues, types.SecretValueEntry{Name: &name, SecretString: aws.String("v-" + name)})
	}
	if next == nil {
		out.Errors = p.failed
	}
	return out, err
}

func emitConfig(behaviour string) json.RawMessage {
	if behaviour == "" {
		return nil
	}
	return json.RawMessage(`{"emitBehaviour":"` + behaviour + `"}`)
}

func TestEmitBehaviour(t *testing.T) {
	denied := types.APIErrorType{SecretId: aws.String("x"), ErrorCode: aws.String("AccessDeniedException"), Message: aws.String("no")}
	tests := []struct {
		name, function, behaviour, body string
		api                             pagedAPI
		want                            []string
		errs                            []string
		calls                           int
	}{
		{
			name: "page by default", function: "ListSecrets", body: `{}`, api: pagedAPI{pages: [][]string{{"a", "b"}, {"c"}}},
			want: []string{`{"SecretList":[{"Name":"a"},{"Name":"b"}],"NextToken":"1"}`}, calls: 1,
		},
		{
			name: "page that was asked for", function: "ListSecrets", behaviour: emitPage, body: `{"NextToken":"1"}`, api: pagedAPI{pages: [][]string{{"a", "b"}, {"c"}}},
			want: []string{`{"SecretList":[{"Name":"c"}]}`}, calls: 1,
		},
		{
			name: "page, empty ones first", function: "ListSecrets", behaviour: emitPage, body: `{}`, api: pagedAPI{pages: [][]string{{}, {}, {"c"}, {"d"}}},
			want: []string{`{"SecretList":[{"Name":"c"}],"NextToken":"3"}`}, calls: 3,
		},
		{
			name: "page, nothing at all", function: "ListSecrets", behaviour: emitPage, body: `{}`, api: pagedAPI{pages: [][]string{{}}},
			want: []string{`{"SecretList":[]}`}, calls: 1,
		},
		{
			name: "page, nothing after empty pages", function: "ListSecrets", behaviour: emitPage, body: `{}`, api: pagedAPI{pages: [][]string{{}, {}}},
			want: []string{`{"SecretList":[]}`}, calls: 2,
		},
		{
			name: "all", function: "ListSecrets", behaviour: emitAll, body: `{"MaxResults":2}`, api: pagedAPI{pages: [][]string{{"a", "b"}, {}, {"c"}}},
			want: []string{`{"SecretList":[{"Name":"a"},{"Name":"b"},{"Name":"c"}]}`}, calls: 3,
		},
		{
			name: "all of nothing", function: "ListSecrets", behaviour: emitAll, body: `{}`, api: pagedAPI{pages: [][]string{{}}},
			want: []string{`{"SecretList":[]}`}, calls: 1,
		},
		{
			name: "individually", function: "ListSecrets", behaviour: emitIndividually, body: `{}`, api: pagedAPI{pages: [][]string{{"a", "b"}, {}, {"c"}}},
			want: []string{`{"Name":"a"}`, `{"Name":"b"}`, `{"Name":"c"}`}, calls: 3,
		},
		{
			name: "individually, nothing", function: "ListSecrets", behaviour: emitIndividually, body: `{}`, api: pagedAPI{pages: [][]string{{}}}, calls: 1,
		},
		{
			name: "versions, page", function: "ListSecretVersionIds", behaviour: emitPage, body: `{"SecretId":"s"}`, api: pagedAPI{pages: [][]string{{"1"}, {"2"}}},
			want: []string{`{"ARN":"arn","Name":"s","Versions":[{"VersionId":"1"}],"NextToken":"1"}`}, calls: 1,
		},
		{
			name: "versions, all", function: "ListSecretVersionIds", behaviour: emitAll, body: `{"SecretId":"s"}`, api: pagedAPI{pages: [][]string{{"1"}, {"2"}}},
			want: []string{`{"ARN":"arn","Name":"s","Versions":[{"VersionId":"1"},{"VersionId":"2"}]}`}, calls: 2,
		},
		{
			name: "versions, individually", function: "ListSecretVersionIds", behaviour: emitIndividually, body: `{"SecretId":"s"}`, api: pagedAPI{pages: [][]string{{"1"}, {"2"}}},
			want: []string{`{"ARN":"arn","Name":"s","VersionId":"1"}`, `{"ARN":"arn","Name":"s","VersionId":"2"}`}, calls: 2,
		},
		{
			name: "policies, page", function: "ListResourcePolicies", body: `{"SecretId":"s"}`, api: pagedAPI{pages: [][]string{{"default"}, {"other"}}},
			want: []string{`{"ResourcePolicies":[{"PolicyName":"default"}],"NextToken":"1"}`}, calls: 1,
		},
		{
			name: "policies, all", function: "ListResourcePolicies", behaviour: emitAll, body: `{"SecretId":"s"}`, api: pagedAPI{pages: [][]string{{"default"}, {"other"}}},
			want: []string{`{"ResourcePolicies":[{"PolicyName":"default"},{"PolicyName":"other"}]}`}, calls: 2,
		},
		{
			name: "policies, individually", function: "ListResourcePolicies", behaviour: emitIndividually, body: `{"SecretId":"s"}`, api: pagedAPI{pages: [][]string{{"default"}, {"other"}}},
			want: []string{`{"PolicyName":"default"}`, `{"PolicyName":"other"}`}, calls: 2,
		},
		{
			name: "values, page with errors", function: "BatchGetSecretValue", body: `{"SecretIdList":["a","x"]}`, api: pagedAPI{pages: [][]string{{"a"}}, failed: []types.APIErrorType{denied}},
			want: []string{`{"SecretValues":[{"Name":"a","SecretString":"v-a"}],"Errors":[{"SecretId":"x","ErrorCode":"AccessDeniedException","Message":"no"}]}`}, calls: 1,
		},
		{
			name: "values, nothing but errors is not empty", function: "BatchGetSecretValue", body: `{"SecretIdList":["x"]}`, api: pagedAPI{pages: [][]string{{}}, failed: []types.APIErrorType{denied}},
			want: []string{`{"SecretValues":[],"Errors":[{"SecretId":"x","ErrorCode":"AccessDeniedException","Message":"no"}]}`}, calls: 1,
		},
		{
			name: "values, all with errors", function: "BatchGetSecretValue", behaviour: emitAll, body: `{"Filters":[]}`, api: pagedAPI{pages: [][]string{{"a"}, {"b"}}, failed: []types.APIErrorType{denied}},
			want: []string{`{"SecretValues":[{"Name":"a","SecretString":"v-a"},{"Name":"b","SecretString":"v-b"}],"Errors":[{"SecretId":"x","ErrorCode":"AccessDeniedException","Message":"no"}]}`}, calls: 2,
		},
		{
			name: "values, individually with errors", function: "BatchGetSecretValue", behaviour: emitIndividually, body: `{"Filters":[]}`, api: pagedAPI{pages: [][]string{{"a"}, {"b"}}, failed: []types.APIErrorType{denied}},
			want: []string{`{"Name":"a","SecretString":"v-a"}`, `{"Name":"b","SecretString":"v-b"}`},
			errs: []string{`BatchGetSecretValue of "x" failed: AccessDeniedException: no; the IAM permission`}, calls: 2,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := new(recorder)
			h := newHandler(t, fixed(&tt.api), tt.function, component.Deps{Config: emitConfig(tt.behaviour)})
			require.NoError(t, h.Handle(t.Context(), newRequest(tt.body), out))
			require.Len(t, out.bodies, len(tt.want))
			for i, want := range tt.want {
				assert.JSONEq(t, want, string(out.bodies[i]))
			}
			require.Len(t, out.errs, len(tt.errs))
			for i, want := range tt.errs {
				assert.Contains(t, out.errs[i].Error(), want)
				var failed *component.Error
				require.ErrorAs(t, out.errs[i], &failed)
				assert.Equal(t, "AccessDeniedException", failed.Name)
			}
			assert.Equal(t, tt.calls, tt.api.calls)
		})
	}
}

func TestEmitBehaviourUnknown(t *testing.T) {
	for config, want := range map[string]string{
		`{"emitBehaviour":"fetchAll"}`: `emitBehaviour ("Emit behaviour") must be emitPage, emitAll or emitIndividually (given: a text of 8 characters)`,
		`{"emitBehaviour":7}`:          `emitBehaviour ("Emit behaviour") must be text`,
	} {
		api := new(pagedAPI)
		h := newHandler(t, fixed(api), "ListSecrets", component.Deps{Config: json.RawMessage(config)})
		err := h.Handle(t.Context(), newRequest(`{}`), new(recorder))
		var failed *component.Error
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, component.InvalidConfig, failed.Name)
		assert.Equal(t, want, failed.Message)
		assert.Zero(t, api.calls)
	}
	// Fields left empty in the designer.
	for _, config := range []string{`{"emitBehaviour":""}`, `{"emitBehaviour":null}`, `{}`, `null`} {
		out := new(recorder)
		h := newHandler(t, fixed(&pagedAPI{pages: [][]string{{"a"}}}), "ListSecrets", component.Deps{Config: json.RawMessage(config)})
		require.NoError(t, h.Handle(t.Context(), newRequest(`{}`), out))
		assert.Len(t, out.bodies, 1)
	}
}

func TestEmitAllStopsAtTheSizeLimit(t *testing.T) {
	pages := make([][]string, 1000)
	for i := range pages {
		pages[i] = []string{strings.Repeat("n", 100)}
	}
	api := &pagedAPI{pages: pages}
	out := new(recorder)
	err := newHandler(t, fixed(api), "ListSecrets", component.Deps{Config: emitConfig(emitAll), SizeLimit: 2000}).
		Handle(t.Context(), newRequest(`{}`), out)
	var failed *component.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, component.InvalidConfig, failed.Name)
	for _, part := range []string{"2000 bytes", emitIndividually, emitPage} {
		assert.Contains(t, failed.Message, part)
	}
	assert.Empty(t, out.bodies)
	assert.Less(t, api.calls, 20, "as soon as it is too much")

	err = newHandler(t, fixed(&pagedAPI{pages: pages}), "ListSecrets", component.Deps{Config: emitConfig(emitAll)}).
		Handle(t.Context(), newRequest(`{}`), out)
	require.NoError(t, err, "no limit")
}

func TestServerThatRepeatsItsToken(t *testing.T) {
	for _, behaviour := range []string{emitPage, emitAll, emitIndividually} {
		t.Run(behaviour, func(t *testing.T) {
			api := &pagedAPI{pages: [][]string{{}}, loop: true}
			if behaviour != emitPage {
				api.pages = [][]string{{"a"}}
			}
			err := newHandler(t, fixed(api), "ListSecrets", component.Deps{Config: emitConfig(behaviour)}).
				Handle(t.Context(), newRequest(`{}`), new(recorder))
			var failed *component.Error
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, component.InvalidOutput, failed.Name)
			assert.Contains(t, failed.Message, "same NextToken")
			assert.Equal(t, 2, api.calls)
		})
	}
}

// endlessAPI sends a new NextToken with each page, for ever.
type endlessAPI struct {
	awsapi.API
	entries []types.SecretListEntry // of each page
	delay   time.Duration
	calls   int
	called  func(calls int)
}

func (e *endlessAPI) ListSecrets(context.Context, *secretsmanager.ListSecretsInput, ...func(*secretsmanager.Options)) (*secretsmanager.ListSecretsOutput, error) {
	e.calls++
	time.Sleep(e.delay)
	if e.called != nil {
		e.called(e.calls)
	}
	return &secretsmanager.ListSecretsOutput{SecretList: e.entries, NextToken: aws.String(fmt.Sprint(e.calls))}, nil
}

func TestListingThatNeverEnds(t *testing.T) {
	one := []types.SecretListEntry{{Name: aws.String("a")}}
	for _, tt := range []struct {
		name, behaviour string
		api             endlessAPI
		want            string
		calls           int
	}{
		{"page, empty pages", emitPage, endlessAPI{}, "more than 1000 empty pages in a row", 1001},
		{"all, empty pages", emitAll, endlessAPI{}, "more than 1000 empty pages in a row", 1001},
		{"individually, empty pages", emitIndividually, endlessAPI{}, "more than 1000 empty pages in a row", 1001},
		{"all, slow pages", emitAll, endlessAPI{entries: one, delay: 25 * time.Second}, "reading the pages takes longer than 10m0s", 25},
		{"individually, slow pages", emitIndividually, endlessAPI{entries: one, delay: 25 * time.Second}, "reading the pages takes longer than 10m0s", 25},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := newHandler(t, fixed(&tt.api), "ListSecrets", component.Deps{Config: emitConfig(tt.behaviour)}).
					Handle(t.Context(), newRequest(`{}`), new(recorder))
				var failed *component.Error
				require.ErrorAs(t, err, &failed)
				assert.Equal(t, component.InvalidOutput, failed.Name)
				assert.Contains(t, failed.Message, tt.want)
				assert.Equal(t, tt.calls, tt.api.calls)
			})
		})
	}
}

func TestShutdownBetweenPages(t *testing.T) {
	for _, behaviour := range []string{emitPage, emitAll, emitIndividually} {
		t.Run(behaviour, func(t *testing.T) {
			stopping := make(chan struct{})
			api := &endlessAPI{called: func(calls int) {
				if calls == 3 {
					close(stopping)
				}
			}}
			if behaviour != emitPage {
				api.entries = []types.SecretListEntry{{Name: aws.String("a")}}
			}
			req := newRequest(`{}`)
			req.Stopping = stopping
			err := newHandler(t, fixed(api), "ListSecrets", component.Deps{Config: emitConfig(behaviour)}).
				Handle(t.Context(), req, new(recorder))
			require.ErrorIs(t, err, component.ErrStopping)
			assert.Equal(t, 3, api.calls)
		})
	}
}

func TestEmitIndividuallyStreams(t *testing.T) {
	api := &pagedAPI{pages: [][]string{{"a", "b"}, {"c"}}}
	lost := errors.New("broker is gone")
	out := &recorder{refuse: lost}
	err := newHandler(t, fixed(api), "ListSecrets", component.Deps{Config: emitConfig(emitIndividually)}).
		Handle(t.Context(), newRequest(`{}`), out)
	require.ErrorIs(t, err, lost)
	assert.Len(t, out.bodies, 1)
	assert.Equal(t, 1, api.calls, "the next page is fetched when this one is out")
}

func TestFailureBetweenPages(t *testing.T) {
	throttled := &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
	later := context.DeadlineExceeded // a rebound
	tests := []struct {
		name, behaviour string
		pages           [][]string
		err             error
		rebound         bool
		emitted         int
	}{
		{"nothing emitted yet", emitIndividually, [][]string{{}}, later, true, 0},
		{"something emitted", emitIndividually, [][]string{{"a"}}, later, false, 1},
		{"all", emitAll, [][]string{{"a"}}, later, true, 0},
		{"throttled", emitIndividually, [][]string{{}}, throttled, true, 0},
		{"throttled when something is emitted", emitIndividually, [][]string{{"a"}}, throttled, false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := new(recorder)
			err := newHandler(t, fixed(&pagedAPI{pages: tt.pages, err: tt.err}), "ListSecrets", component.Deps{Config: emitConfig(tt.behaviour)}).
				Handle(t.Context(), newRequest(`{}`), out)
			var failed *component.Error
			require.ErrorAs(t, err, &failed)
			var rebound *component.Rebound
			assert.Equal(t, tt.rebound, errors.As(err, &rebound))
			assert.Len(t, out.bodies, tt.emitted)
		})
	}
}

func TestListsAgainstTheEmulator(t *testing.T) {
	l := newLocal(t)
	for i := range 5 {
		l.run(t, "CreateSecret", fmt.Sprintf(`{"Name":"s/%d","SecretString":"v%d"}`, i, i))
	}
	for _, tt := range []struct{ function, body, member string }{
		{"ListSecrets", `{"MaxResults":2,"SortOrder":"asc"}`, "SecretList"},
		{"BatchGetSecretValue", `{"Filters":[{"Key":"name","Values":["s/"]}],"MaxResults":2}`, "SecretValues"},
	} {
		for behaviour, messages := range map[string]int{emitPage: 1, emitAll: 1, emitIndividually: 5} {
			t.Run(tt.function+" "+behaviour, func(t *testing.T) {
				out := new(recorder)
				h := newHandler(t, Specs(testOptions), tt.function, l.deps(`"emitBehaviour":"`+behaviour+`"`))
				require.NoError(t, h.Handle(t.Context(), newRequest(tt.body), out))
				require.Len(t, out.bodies, messages)
				var names []string
				var first map[string]json.RawMessage
				require.NoError(t, json.Unmarshal(out.bodies[0], &first))
				entries := out.bodies
				if behaviour != emitIndividually {
					require.NoError(t, json.Unmarshal(first[tt.member], &entries))
				}
				for _, raw := range entries {
					var entry struct{ Name string }
					require.NoError(t, json.Unmarshal(raw, &entry))
					names = append(names, entry.Name)
				}
				want := []string{"s/0", "s/1", "s/2", "s/3", "s/4"}
				if behaviour == emitPage {
					assert.Contains(t, first, "NextToken")
					assert.Len(t, names, 2)
					return
				}
				assert.NotContains(t, first, "NextToken")
				assert.ElementsMatch(t, want, names)
			})
		}
	}
}
