package actions

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func (l local) upsert(t *testing.T, fields, body string) (out upserted, err error) {
	t.Helper()
	got, err := l.handle(t, "UpsertSecret", fields, body)
	if err == nil {
		require.Len(t, got.bodies, 1)
		require.NoError(t, json.Unmarshal(got.bodies[0], &out))
	}
	return out, err
}

func TestUpsertSecret(t *testing.T) {
	l := newLocal(t)
	created, err := l.upsert(t, ``, `{"Name":"s","SecretString":"planted-1","Description":"d","Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]}`)
	require.NoError(t, err)
	assert.True(t, created.Created && created.Changed)
	for _, c := range []struct {
		name, fields, body string
		changed            bool
		calls              string // beside CreateSecret
	}{
		{"the same", ``, `{"Name":"s","SecretString":"planted-1"}`, false, "GetSecretValue"},
		{"the same of all", ``, `{"Name":"s","SecretString":"planted-1","Description":"d","Tags":[{"Key":"b","Value":"2"}]}`, false, "GetSecretValue DescribeSecret"},
		{"another tag", ``, `{"Name":"s","SecretString":"planted-1","Tags":[{"Key":"b","Value":"3"},{"Key":"a","Value":"1"}]}`, false, "GetSecretValue DescribeSecret TagResource"},
		{"another description", ``, `{"Name":"s","SecretString":"planted-1","Description":"e"}`, false, "GetSecretValue DescribeSecret UpdateSecret"},
		{"another value", ``, `{"Name":"s","SecretString":"planted-2"}`, true, "GetSecretValue UpdateSecret"},
		{"binary", ``, `{"Name":"s","SecretBinary":"cGxhbnRlZA=="}`, true, "GetSecretValue UpdateSecret"},
		{"the same binary", ``, `{"Name":"s","SecretBinary":"cGxhbnRlZA=="}`, false, "GetSecretValue"},
		{"without comparing", `"compare":"off"`, `{"Name":"s","SecretBinary":"cGxhbnRlZA=="}`, true, "UpdateSecret"},
		{"an object", `"valueFormat":"json"`, `{"Name":"s","Secret":{"a": 1.0}}`, true, "GetSecretValue UpdateSecret"},
		{"the same object", `"valueFormat":"json"`, `{"Name":"s","Secret":{"a":1.0}}`, false, "GetSecretValue"},
		{"a key", ``, `{"Name":"s","SecretString":"{\"a\":1.0}","KmsKeyId":"alias/own"}`, false, "GetSecretValue DescribeSecret UpdateSecret"},
		{"the same key", ``, `{"Name":"s","SecretString":"{\"a\":1.0}","KmsKeyId":"alias/own"}`, false, "GetSecretValue DescribeSecret"},
	} {
		before := l.Calls()
		out, err := l.upsert(t, c.fields, c.body)
		require.NoError(t, err, c.name)
		assert.Equal(t, []bool{false, c.changed}, []bool{out.Created, out.Changed}, c.name)
		assert.Equal(t, "s", out.Name)
		assert.Equal(t, created.ARN, out.ARN)
		calls := l.Calls()
		assert.Equal(t, before["CreateSecret"]+1, calls["CreateSecret"])
		for _, op := range []string{"GetSecretValue", "DescribeSecret", "TagResource", "UpdateSecret", "PutSecretValue"} {
			assert.Equal(t, strings.Contains(c.calls, op), calls[op] > before[op], "%s: %s", c.name, op)
		}
		current := string(l.run(t, "GetSecretValue", `{"SecretId":"s"}`))
		assert.Contains(t, current, out.VersionId, c.name)
	}
	described := string(l.run(t, "DescribeSecret", `{"SecretId":"s"}`))
	for _, text := range []string{`"Description":"e"`, `"KmsKeyId":"alias/own"`, `{"Key":"b","Value":"3"}`, `{"Key":"a","Value":"1"}`} {
		assert.Contains(t, described, text)
	}
}

func TestUpsertSecretFails(t *testing.T) {
	l := newLocal(t)
	l.create(t, "deleted", "x")
	l.run(t, "DeleteSecret", `{"SecretId":"deleted"}`)
	for _, c := range []struct{ name, fields, body, want string }{
		{"scheduled for deletion", ``, `{"Name":"deleted","SecretString":"planted"}`, "already scheduled for deletion; use RestoreSecret to get it back first"},
		{"scheduled for deletion, not compared", `"compare":"off"`, `{"Name":"deleted","SecretString":"planted"}`, "use RestoreSecret"},
		{"compare", `"compare":"planted"`, `{"Name":"n","SecretString":"planted"}`, `compare ("Store a new version") must be on or off (given: a text of 7 characters)`},
		{"compare is no text", `"compare":{"planted":1}`, `{"Name":"n","SecretString":"planted"}`, `compare ("Store a new version") must be text`},
	} {
		_, err := l.upsert(t, c.fields, c.body)
		require.ErrorContains(t, err, c.want, c.name)
		assert.NotContains(t, err.Error(), "planted")
	}
	for op, body := range map[string]string{
		"CreateSecret": `{"Name":"new","SecretString":"planted"}`, "GetSecretValue": `{"Name":"s","SecretString":"planted"}`,
		"UpdateSecret": `{"Name":"s","SecretString":"planted"}`, "DescribeSecret": `{"Name":"s","SecretString":"planted","Description":"d"}`,
		"TagResource": `{"Name":"s","SecretString":"planted","Tags":[{"Key":"k","Value":"v"}]}`,
	} {
		l := newLocal(t)
		l.create(t, "s", "x")
		l.Deny(testKeyID, op)
		_, err := l.upsert(t, ``, body)
		var failed *component.Error
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "AccessDeniedException", failed.Name)
		assert.Contains(t, err.Error(), "secretsmanager:"+op)
		assert.NotContains(t, err.Error(), "planted")
	}
}

// Each message is applied once, whatever others do in between.
func TestUpsertSecretOnce(t *testing.T) {
	const body = `{"Name":"s","SecretString":"ours","Description":"d"}`
	for _, refuse := range []bool{false, true} {
		for _, exists := range []bool{false, true} {
			for others := range 4 {
				t.Run(fmt.Sprintf("refuses known tokens %t, exists %t, %d others", refuse, exists, others), func(t *testing.T) {
					var wraps []func(http.Handler) http.Handler
					if refuse {
						wraps = append(wraps, refuseKnownTokens)
					}
					l := newLocal(t, wraps...)
					if exists {
						l.create(t, "s", "old")
					}
					first, err := l.deliver(t, "UpsertSecret", body, "m")
					require.NoError(t, err)
					assert.Contains(t, string(first), fmt.Sprintf(`"Created":%t,"Changed":true`, !exists))
					want := "ours"
					for i := range others {
						want = fmt.Sprintf("theirs %d", i)
						l.run(t, "PutSecretValue", fmt.Sprintf(`{"SecretId":"s","SecretString":%q}`, want))
					}
					second, err := l.deliver(t, "UpsertSecret", body, "m")
					require.NoError(t, err)
					assert.Equal(t, string(first), string(second))
					assert.Equal(t, want, l.value(t))
				})
			}
		}
	}
}

// Two create the secret at once, and a third deletes it.
func TestUpsertSecretRaces(t *testing.T) {
	m := new(meddler)
	l := newLocal(t, m.wrap)
	m.before = func(call int, op string) {
		if call == 1 {
			l.create(t, "s", "theirs")
		}
	}
	out, err := l.upsert(t, ``, `{"Name":"s","SecretString":"ours"}`)
	require.NoError(t, err)
	assert.False(t, out.Created)
	assert.True(t, out.Changed)

	m.before = func(_ int, op string) {
		if op == "UpdateSecret" {
			l.run(t, "DeleteSecret", `{"SecretId":"s","ForceDeleteWithoutRecovery":true}`)
		}
	}
	out, err = l.upsert(t, ``, `{"Name":"s","SecretString":"again"}`)
	require.NoError(t, err)
	assert.True(t, out.Created)

	m.before = func(_ int, op string) {
		switch op {
		case "CreateSecret":
			l.create(t, "s", "theirs")
		case "UpdateSecret":
			l.run(t, "DeleteSecret", `{"SecretId":"s","ForceDeleteWithoutRecovery":true}`)
		}
	}
	l.run(t, "DeleteSecret", `{"SecretId":"s","ForceDeleteWithoutRecovery":true}`)
	_, err = l.upsert(t, ``, `{"Name":"s","SecretString":"planted"}`)
	var later *component.Rebound
	require.ErrorAs(t, err, &later)
	assert.Equal(t, `UpsertSecret of "s" failed: others create and delete the secret at the same time`, later.Reason)
}
