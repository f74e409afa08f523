package actions

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

// meddler stands in front of AWS.
type meddler struct {
	calls  atomic.Int64
	crash  atomic.Int64              // from this call on there is no response; 0: never
	before func(call int, op string) // is told of each call before it is made
}

func (m *meddler) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, crash := m.calls.Add(1), m.crash.Load()
		if crash > 0 && call >= crash {
			panic(http.ErrAbortHandler)
		}
		if before := m.before; before != nil {
			m.before = nil // not for the calls that it makes itself
			before(int(call), strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager."))
			m.before = before
		}
		next.ServeHTTP(w, r)
	})
}

// newKeys is a local with a JSON secret and somebody to meddle with it.
func newKeys(t *testing.T, value string) (local, *meddler) {
	t.Helper()
	m := new(meddler)
	l := newLocal(t, m.wrap)
	l.create(t, "s", value)
	m.calls.Store(0)
	return l, m
}

func (l local) create(t *testing.T, name, value string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"Name": name, "SecretString": value})
	require.NoError(t, err)
	l.run(t, "CreateSecret", string(body))
}

func (l local) value(t *testing.T) string {
	t.Helper()
	var out struct{ SecretString string }
	require.NoError(t, json.Unmarshal(l.run(t, "GetSecretValue", `{"SecretId":"s"}`), &out))
	return out.SecretString
}

// labels are all that the versions have.
func (l local) labels(t *testing.T) (all []string) {
	t.Helper()
	for _, v := range l.versions(t, "s").Versions {
		all = append(all, v.VersionStages...)
	}
	slices.Sort(all)
	return all
}

func (l local) assertNothingStaged(t *testing.T) {
	t.Helper()
	for _, label := range l.labels(t) {
		assert.Contains(t, []string{labelCurrent, labelPrevious}, label)
	}
}

func TestSetSecretKeys(t *testing.T) {
	const before = "{\"user\": \"app\",\n \"n\": 1.10, \"db\": {\"password\": \"old\", \"ü\": \"\\u00fc\"}, \"x\": 1}"
	l, m := newKeys(t, before)
	var out swapped
	require.NoError(t, json.Unmarshal(l.run(t, "SetSecretKeys", `{"SecretId":"s","Set":{"/db/password":"new","port":5432},"Remove":["x","y"]}`), &out))
	assert.Equal(t, "{\"user\": \"app\",\n \"n\": 1.10, \"db\": {\"password\": \"new\", \"ü\": \"\\u00fc\"}, \"port\":5432}", l.value(t))
	assert.Equal(t, "s", out.Name)
	assert.True(t, out.Changed)
	assert.Contains(t, string(l.run(t, "GetSecretValue", `{"SecretId":"s"}`)), out.VersionId)
	assert.Equal(t, before, func() string {
		var v struct{ SecretString string }
		require.NoError(t, json.Unmarshal(l.run(t, "GetSecretValue", `{"SecretId":"s","VersionStage":"AWSPREVIOUS"}`), &v))
		return v.SecretString
	}())
	assert.Equal(t, []string{labelCurrent, labelPrevious}, l.labels(t))
	assert.Len(t, l.versions(t, "s").Versions, 2)

	m.calls.Store(0)
	var same swapped
	require.NoError(t, json.Unmarshal(l.run(t, "SetSecretKeys", `{"SecretId":"s","Set":{"/db/password":"new"},"Remove":["x"]}`), &same))
	assert.Equal(t, swapped{ARN: out.ARN, Name: "s", VersionId: out.VersionId}, same)
	assert.EqualValues(t, 3, m.calls.Load(), "there is nothing to write")
}

func TestSetSecretKeysRefuses(t *testing.T) {
	l, _ := newKeys(t, `planted`)
	l.run(t, "CreateSecret", `{"Name":"binary","SecretBinary":"cGxhbnRlZA=="}`)
	l.run(t, "CreateSecret", `{"Name":"empty"}`)
	l.create(t, "deleted", `{}`)
	l.run(t, "DeleteSecret", `{"SecretId":"deleted"}`)
	l.create(t, "list", `{"a":["planted"]}`)
	for _, c := range []struct{ body, name, want string }{
		{`{"SecretId":"s","Set":{"a":"planted"}}`, component.InvalidInput, `SetSecretKeys of "s" failed: the value is not a JSON object; store one with PutSecretValue`},
		{`{"SecretId":"binary","Set":{"a":"planted"}}`, component.InvalidInput, `SetSecretKeys of "binary" failed: the value is not a JSON object`},
		{`{"SecretId":"list","Set":{"/a/planted":1}}`, component.InvalidInput, `SetSecretKeys of "list" failed: key 1 of Set leads through a value that is not an object`},
		{`{"SecretId":"s","Set":{"planted":null}}`, component.InvalidInput, `body: key 1 of Set is null: the mapping found nothing; use Remove to take a key away`},
		{`{"SecretId":"none","Set":{"a":"planted"}}`, "ResourceNotFoundException", `GetSecretValue of "none" failed`},
		{`{"SecretId":"empty","Set":{"a":"planted"}}`, "ResourceNotFoundException", "store one with PutSecretValue"},
		{`{"SecretId":"deleted","Set":{"a":"planted"}}`, "InvalidRequestException", "use RestoreSecret"},
	} {
		_, err := l.deliver(t, "SetSecretKeys", c.body, "m")
		var failed *component.Error
		require.ErrorAs(t, err, &failed, c.body)
		assert.Equal(t, c.name, failed.Name)
		assert.Contains(t, err.Error(), c.want)
		assert.NotContains(t, err.Error(), "planted")
	}
	assert.Zero(t, l.Calls()["PutSecretValue"])
}

func TestSetSecretKeysShowsTheBeginningOfALongName(t *testing.T) {
	l := newLocal(t)
	name := strings.Repeat("n", 300)
	l.create(t, name, "planted")
	_, err := l.deliver(t, "SetSecretKeys", `{"SecretId":"`+name+`","Set":{"a":1}}`, "m")
	require.ErrorContains(t, err, `of "`+name[:256]+`" failed`)
}

// everyVersion is a server that knows every version of a secret, each without labels.
type everyVersion struct {
	awsapi.API
	calls int
}

func (e *everyVersion) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	e.calls++
	return &secretsmanager.GetSecretValueOutput{ARN: in.SecretId, Name: in.SecretId, VersionId: in.VersionId, SecretString: aws.String("planted")}, nil
}

func TestSetSecretKeysOfAServerThatKnowsEveryVersion(t *testing.T) {
	api := new(everyVersion)
	err := newHandler(t, fixed(api), "SetSecretKeys", component.Deps{}).Handle(t.Context(), newRequest(`{"SecretId":"s","Set":{"a":1}}`), new(recorder))
	var failed *component.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, component.InvalidOutput, failed.Name)
	assert.Contains(t, err.Error(), "check endpoint")
	assert.NotContains(t, err.Error(), "planted")
	assert.Equal(t, maxOwn, api.calls)
}

// Others change the secret right before a call of ours, each of them once.
func TestSetSecretKeysAmongOthers(t *testing.T) {
	others := map[string]string{
		"another key":          `SetSecretKeys {"SecretId":"s","Set":{"other":"theirs"}}`,
		"the whole value":      `PutSecretValue {"SecretId":"s","SecretString":"{\"other\":\"theirs\"}"}`,
		"the same value again": `PutSecretValue {"SecretId":"s","SecretString":"{}"}`,
	}
	for name, other := range others {
		for at := 1; at <= 5; at++ {
			t.Run(fmt.Sprintf("%s before call %d", name, at), func(t *testing.T) {
				l, m := newKeys(t, `{}`)
				m.before = func(call int, _ string) {
					if call == at {
						function, body, _ := strings.Cut(other, " ")
						l.run(t, function, body)
					}
				}
				answer := l.run(t, "SetSecretKeys", `{"SecretId":"s","Set":{"own":"ours"}}`)
				m.before = nil
				assert.Contains(t, string(answer), `"Changed":true`)
				if at < 5 || name == "another key" { // the whole value comes last, and takes ours away
					assert.Contains(t, l.value(t), `"own":"ours"`)
				}
				if name != "the same value again" {
					assert.Contains(t, l.value(t), `"other":"theirs"`)
				}
				l.assertNothingStaged(t)
			})
		}
	}
}

// Somebody is faster each time: the message rebounds, leaves nothing staged, and
// does its work when it comes back.
func TestSetSecretKeysLosesEachTime(t *testing.T) {
	l, m := newKeys(t, `{"n":0}`)
	lost := 0
	m.before = func(_ int, op string) {
		if op == "UpdateSecretVersionStage" && lost < maxSwaps {
			lost++
			l.run(t, "PutSecretValue", fmt.Sprintf(`{"SecretId":"s","SecretString":"{\"n\":%d}"}`, lost))
		}
	}
	const body = `{"SecretId":"s","Set":{"own":"planted"}}`
	_, err := l.deliver(t, "SetSecretKeys", body, "m")
	var later *component.Rebound
	require.ErrorAs(t, err, &later)
	assert.Contains(t, later.Reason, `SetSecretKeys of "s" failed: others changed the secret at the same time, 5 times in a row`)
	assert.NotContains(t, later.Reason, "planted")
	var failed *component.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, component.Unavailable, failed.Name)
	assert.Equal(t, `{"n":5}`, l.value(t))
	l.assertNothingStaged(t)
	assert.Len(t, l.versions(t, "s").Versions, 1+maxSwaps+maxSwaps+1, "one of ours for each of theirs, and the sign that all are given up")

	first, err := l.deliver(t, "SetSecretKeys", body, "m")
	require.NoError(t, err)
	assert.Equal(t, `{"n":5,"own":"planted"}`, l.value(t))
	second, err := l.deliver(t, "SetSecretKeys", body, "m")
	require.NoError(t, err)
	assert.Equal(t, string(first), string(second))
	l.assertNothingStaged(t)
}

// The container dies before or after each of its calls, others change the secret, and the
// message comes again: it is applied once, and what came after it stays.
func TestSetSecretKeysDeliveredAgain(t *testing.T) {
	const body = `{"SecretId":"s","Set":{"key":"ours"}}`
	const promoted = 5 // the first call before which AWSCURRENT has moved
	meanwhile := map[string][]string{
		"nothing":          nil,
		"another key":      {`SetSecretKeys {"SecretId":"s","Set":{"other":1}}`},
		"the same key":     {`SetSecretKeys {"SecretId":"s","Set":{"key":"theirs"}}`},
		"three others":     {`SetSecretKeys {"SecretId":"s","Set":{"key":"theirs"}}`, `SetSecretKeys {"SecretId":"s","Set":{"a":1}}`, `SetSecretKeys {"SecretId":"s","Set":{"b":1}}`},
		"the whole value":  {`PutSecretValue {"SecretId":"s","SecretString":"{\"key\":\"theirs\"}"}`},
		"whole, then keys": {`PutSecretValue {"SecretId":"s","SecretString":"{\"key\":\"theirs\"}"}`, `SetSecretKeys {"SecretId":"s","Set":{"a":1}}`},
	}
	for name, others := range meanwhile {
		for crash := 1; crash <= promoted+1; crash++ {
			t.Run(fmt.Sprintf("%s, dead from call %d on", name, crash), func(t *testing.T) {
				l, m := newKeys(t, `{"key":"old"}`)
				m.crash.Store(int64(crash))
				first, err := l.deliver(t, "SetSecretKeys", body, "m")
				require.Equal(t, crash > promoted, err == nil)
				m.crash.Store(0)
				if name == "whole, then keys" && crash == promoted {
					t.Skip("not told apart: see decision 23")
				}
				for _, other := range others {
					function, body, _ := strings.Cut(other, " ")
					l.run(t, function, body)
				}
				var versions []string
				for range 2 {
					answer, err := l.deliver(t, "SetSecretKeys", body, "m")
					require.NoError(t, err)
					if first != nil {
						assert.Equal(t, string(first), string(answer))
					}
					first = answer
					versions = append(versions, fmt.Sprint(l.versions(t, "s").Versions))
				}
				assert.Equal(t, versions[0], versions[1])
				want := `"key":"ours"`
				if crash >= promoted && slices.ContainsFunc(others, func(o string) bool { return strings.Contains(o, "theirs") }) {
					want = `"key":"theirs"`
				}
				assert.Contains(t, l.value(t), want)
				l.assertNothingStaged(t)
			})
		}
	}
}

// Before each of its calls, another container does the same message to its end,
// and others change the secret after that: what came after the message stays, and
// both containers tell the same.
func TestSetSecretKeysDeliveredMeanwhile(t *testing.T) {
	const body = `{"SecretId":"s","Set":{"key":"ours"}}`
	for name, others := range map[string][]string{
		"nothing":          nil,
		"another key":      {`{"SecretId":"s","Set":{"a":1}}`},
		"the same key":     {`{"SecretId":"s","Set":{"key":"theirs"}}`},
		"the whole value":  {`{"SecretId":"s","SecretString":"planted"}`},
		"two keys":         {`{"SecretId":"s","Set":{"a":1}}`, `{"SecretId":"s","Set":{"key":"theirs"}}`},
		"there and back":   {`{"SecretId":"s","Set":{"a":1}}`, `{"SecretId":"s","Set":{"key":"theirs"},"Remove":["a"]}`},
		"three other keys": {`{"SecretId":"s","Set":{"key":"theirs"}}`, `{"SecretId":"s","Set":{"a":1}}`, `{"SecretId":"s","Set":{"b":1}}`},
	} {
		for at := 1; at <= 5; at++ { // it makes five
			t.Run(fmt.Sprintf("%s, before call %d", name, at), func(t *testing.T) {
				l, m := newKeys(t, `{"key":"old"}`)
				var meanwhile []byte
				var after string
				m.before = func(n int, _ string) {
					if n != at {
						return
					}
					var err error
					meanwhile, err = l.deliver(t, "SetSecretKeys", body, "m")
					assert.NoError(t, err)
					for _, other := range others {
						function := "SetSecretKeys"
						if strings.Contains(other, "SecretString") {
							function = "PutSecretValue"
						}
						l.run(t, function, other)
					}
					after = l.value(t)
				}
				answer, err := l.deliver(t, "SetSecretKeys", body, "m")
				require.NoError(t, err)
				m.before = nil
				assert.Equal(t, string(meanwhile), string(answer))
				assert.Equal(t, after, l.value(t))
				l.assertNothingStaged(t)
			})
		}
	}
}

// A rotation is finished between the death of the container and the second delivery.
func TestSetSecretKeysBeforeARotation(t *testing.T) {
	const body = `{"SecretId":"s","Set":{"key":"ours"}}`
	l, m := newKeys(t, `{"key":"old"}`)
	m.crash.Store(5) // AWSCURRENT has moved, the label is still there
	_, err := l.deliver(t, "SetSecretKeys", body, "m")
	require.Error(t, err)
	m.crash.Store(0)
	var begun struct{ VersionId string }
	require.NoError(t, json.Unmarshal(l.run(t, "BeginRotation", `{"SecretId":"s","Key":"key"}`), &begun))
	l.run(t, "FinishRotation", `{"SecretId":"s","VersionId":"`+begun.VersionId+`"}`)
	l.run(t, "SetSecretKeys", `{"SecretId":"s","Set":{"other":1}}`)
	want := l.value(t)
	_, err = l.deliver(t, "SetSecretKeys", body, "m")
	require.NoError(t, err)
	assert.Equal(t, want, l.value(t))
	l.assertNothingStaged(t)
}

// Each kind of failure, at each operation.
func TestSetSecretKeysAmongFaults(t *testing.T) {
	for _, kind := range []string{emulator.Throttle, emulator.ResetConn, emulator.LoseResponse, emulator.Unavailable} {
		for _, op := range []string{"GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"} {
			for _, times := range []int{1, 7, 16} { // one call makes three attempts
				if kind == emulator.Throttle && times > 1 {
					continue // the SDK takes its time then
				}
				t.Run(fmt.Sprintf("%s of %s, %d times", kind, op, times), func(t *testing.T) {
					t.Parallel()
					l, _ := newKeys(t, `{}`)
					require.NoError(t, l.Inject(emulator.Fault{Kind: kind, Operation: op, Times: times}))
					rebounds := 0
					for {
						_, err := l.deliver(t, "SetSecretKeys", `{"SecretId":"s","Set":{"a":1}}`, "m")
						if err == nil {
							break
						}
						var later *component.Rebound
						require.ErrorAs(t, err, &later)
						rebounds++
						require.Less(t, rebounds, 10)
					}
					assert.Equal(t, `{"a":1}`, l.value(t))
					l.assertNothingStaged(t)
				})
			}
		}
	}
}

func TestSetSecretKeysDenied(t *testing.T) {
	for op, want := range map[string]string{
		"GetSecretValue":           "the IAM permission secretsmanager:GetSecretValue is missing",
		"PutSecretValue":           "the IAM permission secretsmanager:PutSecretValue is missing",
		"UpdateSecretVersionStage": "is left behind: take it away with UpdateSecretVersionStage",
	} {
		l, _ := newKeys(t, `{}`)
		l.Deny(testKeyID, op)
		_, err := l.deliver(t, "SetSecretKeys", `{"SecretId":"s","Set":{"a":"planted"}}`, "m")
		var failed *component.Error
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "AccessDeniedException", failed.Name)
		assert.Contains(t, err.Error(), want)
		assert.Contains(t, err.Error(), "secretsmanager:"+op)
		assert.NotContains(t, err.Error(), "planted")
	}
}

// Several deliveries of each message, at the same time, in containers of their own.
// A message that comes after another one is through is never undone by that.
func TestSetSecretKeysInSeveralContainers(t *testing.T) {
	l := newLocal(t)
	const keys, rounds, containers = 4, 6, 3
	l.create(t, "s", `{}`)
	var group sync.WaitGroup
	var failures atomic.Int32
	for key := range keys {
		group.Go(func() {
			for round := range rounds {
				body := fmt.Sprintf(`{"SecretId":"s","Set":{"k%d":%d}}`, key, round)
				first := make(chan struct{}, containers)
				for range containers {
					group.Go(func() {
						defer func() { first <- struct{}{} }()
						for range 50 { // rebounds
							_, err := l.deliver(t, "SetSecretKeys", body, body)
							if err == nil {
								return
							}
						}
						failures.Add(1)
					})
				}
				<-first // the others go on, into the next round
			}
		})
	}
	group.Wait()
	require.Zero(t, failures.Load())
	for key := range keys {
		assert.Contains(t, l.value(t), fmt.Sprintf(`"k%d":%d`, key, rounds-1))
	}
	l.assertNothingStaged(t)
}
