package actions

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/testkit"
	"aws-secrets-manager-connector/schemas"
)

// regionAway is an AWS of which a region does not work.
type regionAway struct {
	http.RoundTripper
	region string
	status int // 0: nobody responds
	body   string
}

func (a regionAway) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Host, a.region) {
		return a.RoundTripper.RoundTrip(r)
	}
	if a.status == 0 {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	return handledBy{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-RequestId", "req-1")
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte(a.body))
	})}.RoundTrip(r)
}

const toIreland = `"failoverRegion":"eu-west-1"`

// handleAway sends body to a function while a region is away.
func (l local) handleAway(t *testing.T, away regionAway, function, body, fields string) (*recorder, string, error) {
	t.Helper()
	away.RoundTripper = handledBy{l.Emulator}
	options := testOptions
	options.Transport = away
	logged := new(testkit.Output)
	deps := l.inRegion("eu-central-1", fields)
	deps.Log = slog.New(slog.NewTextHandler(logged, nil))
	request, out := newRequest(body), new(recorder)
	request.Log = deps.Log
	err := newHandler(t, Specs(options), function, deps).Handle(t.Context(), request, out)
	return out, logged.String(), err
}

// replicated makes a secret with a replica in eu-west-1, and returns its ARN.
func (l local) replicated(t *testing.T, name string) string {
	t.Helper()
	arn := l.createIn(t, "eu-central-1", name)
	_, err := l.handleIn(t, "ReplicateSecretToRegions", fmt.Sprintf(`{"SecretId":%q,"AddReplicaRegions":[{"Region":"eu-west-1"}]}`, name), l.inRegion("eu-central-1", ""))
	require.NoError(t, err)
	return arn
}

func TestReadsGoToTheFailoverRegion(t *testing.T) {
	l := newLocal(t)
	arn := l.replicated(t, "a")
	for name, away := range map[string]regionAway{
		"nobody responds": {region: "eu-central-1"},
		"it fails":        {region: "eu-central-1", status: 503, body: `{"__type":"ServiceUnavailable"}`},
	} {
		for _, function := range []string{"GetSecretValue", "DescribeSecret", "LookupSecret"} {
			for _, id := range []string{"a", arn} {
				t.Run(name+" "+function+" "+id, func(t *testing.T) {
					out, logged, err := l.handleAway(t, away, function, fmt.Sprintf(`{"SecretId":%q}`, id), toIreland+`,"withValue":true`)
					require.NoError(t, err)
					require.Len(t, out.bodies, 1)
					assert.Contains(t, string(out.bodies[0]), `"Region":"eu-west-1"`)
					assert.Contains(t, string(out.bodies[0]), strings.Replace(arn, "eu-central-1", "eu-west-1", 1))
					assert.Contains(t, logged, "failoverRegion=eu-west-1")
					_, schema, err := schemas.Load(function)
					require.NoError(t, err)
					_, err = schema.Check(out.bodies[0])
					require.NoError(t, err)
				})
			}
		}
	}
	out, logged, err := l.handleAway(t, regionAway{region: "nowhere"}, "GetSecretValue", `{"SecretId":"a"}`, toIreland)
	require.NoError(t, err)
	assert.NotContains(t, string(out.bodies[0]), `"Region"`, "read where it is")
	assert.Empty(t, logged)
}

func TestWhatDoesNotGoToTheFailoverRegion(t *testing.T) {
	l := newLocal(t)
	arn := l.replicated(t, "a")
	l.createIn(t, "eu-central-1", "alone")
	nobody := regionAway{region: "eu-central-1"}
	for _, test := range []struct {
		name, function, body, fields string
		away                         regionAway
		rebound                      bool
		want                         string
	}{
		{"no failoverRegion", "GetSecretValue", `{"SecretId":"a"}`, "", nobody, true, "connection refused"},
		{"a write", "PutSecretValue", `{"SecretId":"a","SecretString":"planted"}`, toIreland, nobody, true, "connection refused"},
		{"a list", "ListSecrets", `{}`, toIreland, nobody, true, "connection refused"},
		{"values by filters", "BatchGetSecretValue", `{"Filters":[{"Key":"name","Values":["a"]}]}`, toIreland, nobody, true, "connection refused"},
		{"a page of values", "BatchGetSecretValue", `{"SecretIdList":["a"],"NextToken":"x"}`, toIreland, nobody, true, "connection refused"},
		{"denied", "GetSecretValue", `{"SecretId":"a"}`, toIreland,
			regionAway{region: "eu-central-1", status: 400, body: `{"__type":"AccessDeniedException"}`}, false, "AccessDeniedException"},
		{"it is in that region", "GetSecretValue", fmt.Sprintf(`{"SecretId":%q}`, strings.Replace(arn, "eu-central-1", "eu-west-1", 1)), toIreland,
			regionAway{region: "eu-west-1"}, true, "connection refused"},
		{"no replica", "GetSecretValue", `{"SecretId":"alone"}`, toIreland, nobody, true,
			`connection refused; nor could it be read in failoverRegion eu-west-1: GetSecretValue of "alone" failed: ResourceNotFoundException`},
		{"no replica to be looked up", "LookupSecret", `{"SecretId":"alone"}`, toIreland + `,"allowZeroResults":true`, nobody, true, "; nor could"},
		{"values without a replica", "BatchGetSecretValue", `{"SecretIdList":["a"]}`, toIreland, regionAway{region: "eu-"}, true,
			`connection refused; nor could it be read in failoverRegion eu-west-1: BatchGetSecretValue failed: `},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, logged, err := l.handleAway(t, test.away, test.function, test.body, test.fields)
			require.ErrorContains(t, err, test.want)
			_, rebound := errors.AsType[*component.Rebound](err)
			assert.Equal(t, test.rebound, rebound)
			assert.Equal(t, strings.Contains(test.want, "nor could"), logged != "")
		})
	}
}

// A batch of two regions, of which one is away, arrives whole and in its order.
func TestBatchGoesToTheFailoverRegion(t *testing.T) {
	l := newLocal(t)
	first, second := l.replicated(t, "first"), l.replicated(t, "second")
	other := l.createIn(t, "us-east-1", "other")
	missing := strings.Replace(first, "first", "missing", 1)
	body, err := json.Marshal(map[string]any{"SecretIdList": []string{second, other, missing, "first"}})
	require.NoError(t, err)
	type value struct{ Name, Region string }
	want := []value{{"second", "eu-west-1"}, {"other", ""}, {"first", "eu-west-1"}}

	out, _, err := l.handleAway(t, regionAway{region: "eu-central-1"}, "BatchGetSecretValue", string(body), toIreland)
	require.NoError(t, err)
	require.Len(t, out.bodies, 1)
	var page struct {
		SecretValues []value
		Errors       []struct{ SecretId string }
	}
	require.NoError(t, json.Unmarshal(out.bodies[0], &page))
	assert.Equal(t, want, page.SecretValues)
	assert.Equal(t, []struct{ SecretId string }{{missing}}, page.Errors, "as it was asked for")
	_, schema, err := schemas.Load("BatchGetSecretValue")
	require.NoError(t, err)
	_, err = schema.Check(out.bodies[0])
	require.NoError(t, err)

	out, _, err = l.handleAway(t, regionAway{region: "eu-central-1"}, "BatchGetSecretValue", string(body), toIreland+`,"emitBehaviour":"emitIndividually"`)
	require.NoError(t, err)
	var got []value
	for _, body := range out.bodies {
		var v value
		require.NoError(t, json.Unmarshal(body, &v))
		got = append(got, v)
	}
	assert.Equal(t, want, got)
	require.Len(t, out.errs, 1)
	assert.ErrorContains(t, out.errs[0], missing)
}
