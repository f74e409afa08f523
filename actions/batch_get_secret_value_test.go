package actions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// batch is 45 ids, of which number 7 and number 43 do not exist.
func batch() (ids []string, body string) {
	for i := range 45 {
		ids = append(ids, fmt.Sprintf("s/%02d", i))
	}
	ids[7], ids[43] = "missing/07", "missing/43"
	text, _ := json.Marshal(map[string]any{"SecretIdList": ids})
	return ids, string(text)
}

// found is one message of BatchGetSecretValue: the ids of the values, and of the
// errors.
type found struct{ values, errors []string }

func readBatch(t *testing.T, body json.RawMessage) (f found) {
	t.Helper()
	var page struct {
		SecretValues []struct{ Name, SecretString string }
		Errors       []struct{ SecretId, ErrorCode string }
		NextToken    *string
	}
	require.NoError(t, json.Unmarshal(body, &page))
	assert.Nil(t, page.NextToken)
	for _, v := range page.SecretValues {
		assert.True(t, strings.HasPrefix(v.SecretString, v.Name+" of "), v.Name)
		f.values = append(f.values, v.Name)
	}
	for _, e := range page.Errors {
		assert.Equal(t, "ResourceNotFoundException", e.ErrorCode)
		f.errors = append(f.errors, e.SecretId)
	}
	return f
}

func TestBatchOfAnyNumber(t *testing.T) {
	l := newLocal(t)
	ids, body := batch()
	var existing []string
	for _, id := range ids {
		if !strings.HasPrefix(id, "missing") {
			l.run(t, "CreateSecret", fmt.Sprintf(`{"Name":%q,"SecretString":"%s of the test"}`, id, id))
			existing = append(existing, id)
		}
	}
	for behaviour, want := range map[string][]found{
		emitPage: {
			{values: existing[:19], errors: []string{"missing/07"}},
			{values: existing[19:39]},
			{values: existing[39:], errors: []string{"missing/43"}},
		},
		emitAll: {{values: existing, errors: []string{"missing/07", "missing/43"}}},
	} {
		t.Run(behaviour, func(t *testing.T) {
			before := l.Calls()["BatchGetSecretValue"]
			out := new(recorder)
			h := newHandler(t, Specs(testOptions), "BatchGetSecretValue", l.deps(`"emitBehaviour":"`+behaviour+`"`))
			require.NoError(t, h.Handle(t.Context(), newRequest(body), out))
			var got []found
			for _, body := range out.bodies {
				got = append(got, readBatch(t, body))
			}
			assert.Equal(t, want, got)
			assert.Empty(t, out.errs)
			assert.Equal(t, 3, l.Calls()["BatchGetSecretValue"]-before)
		})
	}
	t.Run(emitIndividually, func(t *testing.T) {
		out := new(recorder)
		h := newHandler(t, Specs(testOptions), "BatchGetSecretValue", l.deps(`"emitBehaviour":"emitIndividually"`))
		require.NoError(t, h.Handle(t.Context(), newRequest(body), out))
		var got []string
		for _, body := range out.bodies {
			var one struct{ Name string }
			require.NoError(t, json.Unmarshal(body, &one))
			got = append(got, one.Name)
		}
		assert.Equal(t, existing, got)
		require.Len(t, out.errs, 2)
		for i, id := range []string{"missing/07", "missing/43"} {
			assert.ErrorContains(t, out.errs[i], `BatchGetSecretValue of "`+id+`" failed: ResourceNotFoundException`)
		}
		assert.Equal(t, "error", out.order[19], "after the values of its call")
	})
}

// AWS cuts a response at a mebibyte; of a batch each is followed to its end.
func TestBatchOfLargeValues(t *testing.T) {
	l := newLocal(t)
	var ids []string
	for i := range 21 {
		ids = append(ids, fmt.Sprintf("s/%02d", i))
		l.run(t, "CreateSecret", fmt.Sprintf(`{"Name":%q,"SecretString":%q}`, ids[i], strings.Repeat("x", 65536)))
	}
	body, err := json.Marshal(map[string]any{"SecretIdList": ids})
	require.NoError(t, err)
	out := new(recorder)
	h := newHandler(t, Specs(testOptions), "BatchGetSecretValue", l.deps(""))
	require.NoError(t, h.Handle(t.Context(), newRequest(string(body)), out))
	var sizes []int
	for _, body := range out.bodies {
		assert.NotContains(t, string(body), "NextToken")
		sizes = append(sizes, strings.Count(string(body), `"Name"`))
	}
	assert.Equal(t, []int{16, 4, 1}, sizes)
}

func TestNextTokenOfABatch(t *testing.T) {
	_, body := batch()
	api := new(pagedAPI)
	err := newHandler(t, fixed(api), "BatchGetSecretValue", component.Deps{}).
		Handle(t.Context(), newRequest(strings.TrimSuffix(body, "}")+`,"NextToken":"planted"}`), new(recorder))
	failed, ok := errors.AsType[*component.Error](err)
	require.True(t, ok)
	assert.Equal(t, component.InvalidInput, failed.Name)
	assert.Equal(t, "body.NextToken (\"Next page token\"): belongs to one call, but SecretIdList has 45 entries, which are read in calls of 20 each – "+
		"leave it out, for all of them are read", failed.Message)
	assert.Zero(t, api.calls)
}

// failingAPI fails at one of its calls.
type failingAPI struct {
	awsapi.API
	at, calls int
	err       error
}

func (f *failingAPI) BatchGetSecretValue(context.Context, *secretsmanager.BatchGetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.BatchGetSecretValueOutput, error) {
	f.calls++
	if f.calls == f.at {
		return nil, f.err
	}
	return new(secretsmanager.BatchGetSecretValueOutput), nil
}

// Once a call's values are out, the message must not come back.
func TestFailureBetweenCalls(t *testing.T) {
	_, body := batch()
	for _, tt := range []struct {
		behaviour string
		at        int
		rebound   bool
		emitted   int
	}{
		{emitPage, 1, true, 0},
		{emitPage, 2, false, 1},
		{emitAll, 3, true, 0},
	} {
		t.Run(fmt.Sprint(tt.behaviour, " at call ", tt.at), func(t *testing.T) {
			out := new(recorder)
			api := &failingAPI{at: tt.at, err: context.DeadlineExceeded}
			err := newHandler(t, fixed(api), "BatchGetSecretValue", component.Deps{Config: emitConfig(tt.behaviour)}).
				Handle(t.Context(), newRequest(body), out)
			_, isError := errors.AsType[*component.Error](err)
			assert.True(t, isError)
			_, rebound := errors.AsType[*component.Rebound](err)
			assert.Equal(t, tt.rebound, rebound)
			assert.Len(t, out.bodies, tt.emitted)
			assert.Equal(t, tt.at, api.calls)
		})
	}
}

func TestShutdownBetweenCalls(t *testing.T) {
	_, body := batch()
	stopping := make(chan struct{})
	close(stopping)
	req := newRequest(body)
	req.Stopping = stopping
	api := new(failingAPI)
	err := newHandler(t, fixed(api), "BatchGetSecretValue", component.Deps{}).Handle(t.Context(), req, new(recorder))
	require.ErrorIs(t, err, component.ErrStopping)
	assert.Zero(t, api.calls)
}

// reversed has the values of a call the other way round.
type reversed struct{ awsapi.API }

func (reversed) BatchGetSecretValue(_ context.Context, in *secretsmanager.BatchGetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.BatchGetSecretValueOutput, error) {
	out := new(secretsmanager.BatchGetSecretValueOutput)
	for _, id := range slices.Backward(in.SecretIdList) {
		if strings.HasPrefix(id, "missing") {
			out.Errors = append(out.Errors, types.APIErrorType{SecretId: &id})
			continue
		}
		out.SecretValues = append(out.SecretValues, types.SecretValueEntry{Name: &id})
	}
	return out, nil
}

func TestBatchKeepsTheOrderOfItsIds(t *testing.T) {
	ids, body := batch()
	ids[8], body = "missing/08", strings.Replace(body, "s/08", "missing/08", 1)
	out := new(recorder)
	h := newHandler(t, fixed(reversed{}), "BatchGetSecretValue", component.Deps{Config: emitConfig(emitAll)})
	require.NoError(t, h.Handle(t.Context(), newRequest(body), out))
	var all struct {
		SecretValues []struct{ Name string }
		Errors       []struct{ SecretId string }
	}
	require.NoError(t, json.Unmarshal(out.bodies[0], &all))
	var names, missing []string
	for _, v := range all.SecretValues {
		names = append(names, v.Name)
	}
	for _, e := range all.Errors {
		missing = append(missing, e.SecretId)
	}
	assert.Equal(t, []string{ids[7], ids[8], ids[43]}, missing)
	assert.Equal(t, slices.DeleteFunc(ids, func(id string) bool { return strings.HasPrefix(id, "missing") }), names)
}
