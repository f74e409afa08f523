package actions

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

// handledBy has a handler respond to requests, whatever host they are for. The
// emulator has all regions.
type handledBy struct{ http.Handler }

func (h handledBy) RoundTrip(r *http.Request) (*http.Response, error) {
	recorded := httptest.NewRecorder()
	h.ServeHTTP(recorded, r)
	response := recorded.Result()
	response.Request = r
	return response, nil
}

// inRegion are the dependencies of a step that has no custom endpoint.
func (l local) inRegion(region, fields string) component.Deps {
	deps := l.deps(fields)
	deps.Config = json.RawMessage(strings.Replace(strings.Replace(string(deps.Config), l.url, "", 1), "eu-central-1", region, 1))
	return deps
}

// handleIn sends body to a function in a region.
func (l local) handleIn(t *testing.T, function, body string, deps component.Deps) (*recorder, error) {
	t.Helper()
	out, options := new(recorder), testOptions
	options.Transport = handledBy{l.Emulator}
	return out, newHandler(t, Specs(options), function, deps).Handle(t.Context(), newRequest(body), out)
}

// createIn makes a secret and returns its ARN.
func (l local) createIn(t *testing.T, region, name string) string {
	t.Helper()
	out, err := l.handleIn(t, "CreateSecret", fmt.Sprintf(`{"Name":%q,"SecretString":"%s of %s"}`, name, name, region), l.inRegion(region, ""))
	require.NoError(t, err)
	var made struct{ ARN string }
	require.NoError(t, json.Unmarshal(out.bodies[0], &made))
	return made.ARN
}

func TestSecretOfAnotherRegion(t *testing.T) {
	l := newLocal(t)
	arn := l.createIn(t, "us-east-1", "a")
	for _, test := range []struct{ function, body, want string }{
		{"GetSecretValue", `{"SecretId":%q}`, `"SecretString":"a of us-east-1"`},
		{"PutSecretValue", `{"SecretId":%q,"SecretString":"b"}`, arn},
		{"ListSecretVersionIds", `{"SecretId":%q}`, `"AWSPREVIOUS"`},
		{"UpdateSecret", `{"SecretId":%q,"Description":"d"}`, arn},
		{"DescribeSecret", `{"SecretId":%q}`, `"Description":"d"`},
	} {
		out, err := l.handleIn(t, test.function, fmt.Sprintf(test.body, arn), l.inRegion("eu-central-1", ""))
		require.NoError(t, err, test.function)
		assert.Contains(t, string(out.bodies[0]), test.want)
	}
	_, err := l.handleIn(t, "GetSecretValue", fmt.Sprintf(`{"SecretId":%q}`, arn), l.deps(""))
	require.ErrorContains(t, err, "the ARN is one of us-east-1, but the region in the credentials is eu-central-1: use credentials for us-east-1")
}

// The secrets of a batch are read where they are, and arrive in their order.
func TestBatchInSeveralRegions(t *testing.T) {
	l := newLocal(t)
	var ids, names []string
	for i := range 25 {
		name := fmt.Sprintf("s/%02d", i)
		region := []string{"eu-central-1", "us-east-1", "ap-southeast-2"}[i%3]
		arn := l.createIn(t, region, name)
		switch {
		case i == 4 || i == 9:
			arn = strings.Replace(arn, "s/", "missing/", 1)
		case i%3 == 0:
			arn = name
		case i%2 == 0:
			arn = arn[:len(arn)-len("-AbCdEf")]
		}
		ids = append(ids, arn)
		if i != 4 && i != 9 {
			names = append(names, name)
		}
	}
	text, err := json.Marshal(map[string]any{"SecretIdList": ids})
	require.NoError(t, err)
	before := l.Calls()["BatchGetSecretValue"]
	for behaviour, want := range map[string][]found{
		emitPage: {{names[:18], []string{ids[4], ids[9]}}, {names[18:], nil}},
		emitAll:  {{names, []string{ids[4], ids[9]}}},
	} {
		out, err := l.handleIn(t, "BatchGetSecretValue", string(text), l.inRegion("eu-central-1", `"emitBehaviour":"`+behaviour+`"`))
		require.NoError(t, err)
		var got []found
		for _, body := range out.bodies {
			got = append(got, readBatch(t, body))
		}
		assert.Equal(t, want, got, behaviour)
	}
	assert.Equal(t, 2*2*3, l.Calls()["BatchGetSecretValue"]-before, "one for each region in each twenty")

	_, err = l.handleIn(t, "BatchGetSecretValue", fmt.Sprintf(`{"SecretIdList":[%q,%q],"NextToken":"planted"}`, ids[0], ids[1]), l.inRegion("eu-central-1", ""))
	require.EqualError(t, err, "body.NextToken (\"Next page token\"): belongs to one call, but SecretIdList has secrets in 2 regions, "+
		"which are read in a call each – leave it out, for all of them are read")
}
