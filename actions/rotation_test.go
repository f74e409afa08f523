package actions

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

const beginPassword = `{"SecretId":"s","Key":"password","ExcludePunctuation":true}`

// begin delivers a message that begins a rotation.
func (l local) begin(t *testing.T, body, messageID string) (out begun, err error) {
	t.Helper()
	answer, err := l.deliver(t, "BeginRotation", body, messageID)
	if err == nil {
		require.NoError(t, json.Unmarshal(answer, &out))
	}
	return out, err
}

// end delivers a message that finishes or aborts a rotation.
func (l local) end(t *testing.T, function, versionID string) error {
	t.Helper()
	answer, err := l.deliver(t, function, fmt.Sprintf(`{"SecretId":"s","VersionId":%q}`, versionID), function)
	if err == nil {
		assert.Contains(t, string(answer), `"Name":"s","VersionId":"`+versionID+`"`)
	}
	return err
}

func (l local) put(t *testing.T, value string, labels ...string) (versionID string) {
	t.Helper()
	in := map[string]any{"SecretId": "s", "SecretString": value}
	if labels != nil {
		in["VersionStages"] = labels
	}
	body, err := json.Marshal(in)
	require.NoError(t, err)
	var out struct{ VersionId string }
	require.NoError(t, json.Unmarshal(l.run(t, "PutSecretValue", string(body)), &out))
	return out.VersionId
}

// assertConflict holds that a rotation was refused, for that reason.
func assertConflict(t *testing.T, err error, want string) {
	t.Helper()
	var failed *component.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, component.Conflict, failed.Name)
	assert.Contains(t, failed.Message, want)
	assert.NotContains(t, failed.Message, "planted")
}

func TestRotationInAFlow(t *testing.T) {
	l, m := newKeys(t, `{"user":"app", "password":"planted"}`)
	out, err := l.begin(t, beginPassword, "m")
	require.NoError(t, err)
	assert.EqualValues(t, 6, m.calls.Load())
	require.NotNil(t, out.SecretString)
	assert.Regexp(t, `^\{"user":"app", "password":"\w{32}"\}$`, *out.SecretString)
	assert.Equal(t, "s", out.Name)
	assert.Equal(t, `{"user":"app", "password":"planted"}`, l.value(t), "nobody sees it yet")
	assert.Equal(t, []string{labelCurrent, labelPending, rotationPrefix + out.CurrentVersionId + "-" + out.VersionId}, l.labels(t))
	pending := l.run(t, "GetSecretValue", `{"SecretId":"s","VersionStage":"AWSPENDING"}`)
	assert.Contains(t, string(pending), out.VersionId)
	old := l.run(t, "GetSecretValue", `{"SecretId":"s","VersionId":"`+out.CurrentVersionId+`"}`)
	assert.Contains(t, string(old), labelCurrent)

	require.NoError(t, l.end(t, "FinishRotation", out.VersionId))
	assert.Equal(t, *out.SecretString, l.value(t))
	assert.Equal(t, []string{labelCurrent, labelPrevious}, l.labels(t))

	next, err := l.begin(t, beginPassword, "another")
	require.NoError(t, err)
	assert.Equal(t, out.VersionId, next.CurrentVersionId)
	require.NoError(t, l.end(t, "AbortRotation", next.VersionId))
	assert.Equal(t, *out.SecretString, l.value(t))
	assert.Equal(t, []string{labelCurrent, labelPrevious}, l.labels(t))
}

func TestBeginRotationMakesTheValue(t *testing.T) {
	const object = `{"db":{"password":"old"},"n":1.10}`
	for _, c := range []struct{ name, before, fields, body, want string }{
		{"a key", object, ``, `"Key":"n","PasswordLength":5,"ExcludePunctuation":true`, `"SecretString":"{\\"db\\":{\\"password\\":\\"old\\"},\\"n\\":\\"\w{5}\\"}"`},
		{"a key within", object, ``, `"Key":"/db/password","ExcludePunctuation":true`, `\{\\"password\\":\\"\w{32}\\"\}`},
		{"given keys", object, ``, `"Set":{"a":1.0,"b":"x"}`, `\\"n\\":1.10,\\"a\\":1.0,\\"b\\":\\"x\\"}"`},
		{"a key beside given ones", object, ``, `"Set":{"user":"b"},"Key":"db","ExcludePunctuation":true`, `{\\"db\\":\\"\w{32}\\",\\"n\\":1.10,\\"user\\":\\"b\\"}`},
		{"a key within a given one", object, ``, `"Set":{"db":{"user":"b"}},"Key":"/db/pw","ExcludePunctuation":true`, `{\\"user\\":\\"b\\",\\"pw\\":\\"\w{32}\\"}`},
		{"a text", "old", ``, `"ExcludePunctuation":true,"PasswordLength":40`, `"SecretString":"\w{40}"`},
		{"a given text", "old", ``, `"SecretString":"new"`, `"SecretString":"new"`},
		{"a given text for an object", object, ``, `"SecretString":"new"`, `"SecretString":"new"`},
		{"binary", "old", ``, `"SecretBinary":"AAE="`, `"SecretBinary":"AAE="`},
		{"an object", object, `"valueFormat":"json"`, `"Set":{"n":2}`, `"Secret":{"db":{"password":"old"},"n":2}`},
		{"some of an object", object, `"valueFormat":"json","keys":"n"`, `"Set":{"n":2}`, `"Secret":{"n":2}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, _ := newKeys(t, c.before)
			got, err := l.handle(t, "BeginRotation", c.fields, `{"SecretId":"s",`+c.body+`}`)
			require.NoError(t, err)
			require.Len(t, got.bodies, 1)
			assert.Regexp(t, c.want, string(got.bodies[0]))
			assert.Equal(t, c.before, l.value(t))
		})
	}
}

func TestBeginRotationRefuses(t *testing.T) {
	l, _ := newKeys(t, `{"a":["planted"]}`)
	l.create(t, "text", "planted")
	l.run(t, "CreateSecret", `{"Name":"binary","SecretBinary":"cGxhbnRlZA=="}`)
	l.run(t, "CreateSecret", `{"Name":"empty"}`)
	l.create(t, "deleted", `{}`)
	l.run(t, "DeleteSecret", `{"SecretId":"deleted"}`)
	const rules = "body: no password is made, so its rules (PasswordLength, Exclude…) have no use"
	for _, c := range []struct {
		name, fields, body, want string
		calls                    int
	}{
		{"no key of an object", ``, `{"SecretId":"s"}`, `body.Key ("Key of the new password"): is missing – the value of "s" is a JSON object; name the key`, 3},
		{"a key of a text", ``, `{"SecretId":"text","Key":"planted"}`, `BeginRotation of "text" failed: the value is not a JSON object; leave Key and Set out`, 4},
		{"a key of binary", ``, `{"SecretId":"binary","Set":{"planted":1}}`, `BeginRotation of "binary" failed: the value is not a JSON object`, 3},
		{"a password for binary", ``, `{"SecretId":"binary"}`, `BeginRotation of "binary" failed: the value is binary; give the new one as SecretBinary`, 3},
		{"a way through a list", ``, `{"SecretId":"s","Key":"/a/planted"}`, `Key leads through a value that is not an object`, 4},
		{"no pointer", ``, `{"SecretId":"s","Key":"/planted~"}`, `body: Key begins with / and is not a JSON Pointer`, 0},
		{"nothing to set", ``, `{"SecretId":"s","Set":{}}`, `body: there is nothing to set`, 0},
		{"a key that is given as well", ``, `{"SecretId":"s","Key":"/db/password","Set":{"db":{"password":"planted"},"/db/password":"planted"}}`, `change the same key`, 0},
		{"the key of a password, given", ``, `{"SecretId":"s","Key":"b","Set":{"/b":"planted"}}`, `body: key 1 of Set and Key change the same key, or one a part of the other`, 0},
		{"a key around a given one", ``, `{"SecretId":"s","Key":"/b","Set":{"c":1,"/b/d":"planted"}}`, `body: key 2 of Set and Key change the same key, or one a part of the other`, 0},
		{"two ways", ``, `{"SecretId":"s","Key":"planted","SecretString":"planted"}`, `body: SecretString, SecretBinary, and Key with Set are three ways to the new value: map one of them`, 0},
		{"two values", ``, `{"SecretId":"s","SecretBinary":"AA==","SecretString":"planted"}`, `map one of them`, 0},
		{"rules for a given value", ``, `{"SecretId":"s","SecretString":"planted","PasswordLength":5}`, rules, 0},
		{"rules for given keys", ``, `{"SecretId":"s","Set":{"a":"planted"},"IncludeSpace":false}`, rules, 0},
		{"impossible rules", ``, `{"SecretId":"text","PasswordLength":2}`, `GetRandomPassword failed`, 4},
		{"no object", `"valueFormat":"json"`, `{"SecretId":"text"}`, `the value of "text" is not a JSON object, as valueFormat ("Format of the value") json asks for`, 4},
		{"a key that there is none of", `"valueFormat":"json","keys":"b"`, `{"SecretId":"s","Set":{"c":"planted"}}`, `does not have what keys asks for: "b"`, 3},
		{"wrong format", `"valueFormat":"planted"`, `{"SecretId":"s"}`, `valueFormat ("Format of the value") must be text or json`, 0},
		{"no secret", ``, `{"SecretId":"none","Key":"a"}`, `DescribeSecret of "none" failed`, 1},
		{"no value", ``, `{"SecretId":"empty","Key":"a"}`, "store one with PutSecretValue", 3},
		{"deleted", ``, `{"SecretId":"deleted","Key":"a"}`, "use RestoreSecret", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := total(l)
			got, err := l.handle(t, "BeginRotation", c.fields, c.body)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "planted")
			assert.Empty(t, got.bodies)
			assert.Equal(t, c.calls, total(l)-before)
		})
	}
	assert.Zero(t, l.Calls()["PutSecretValue"])
}

func total(l local) (n int) {
	for _, calls := range l.Calls() {
		n += calls
	}
	return n
}

func TestBeginRotationWhileAnotherIsPending(t *testing.T) {
	l, _ := newKeys(t, `{}`)
	out, err := l.begin(t, beginPassword, "first")
	require.NoError(t, err)
	_, err = l.begin(t, beginPassword, "second")
	assertConflict(t, err, `BeginRotation of "s" failed: another rotation is pending; finish it with FinishRotation or take it back with AbortRotation, each with VersionId `+out.VersionId)
	assert.Len(t, l.versions(t, "s").Versions, 2)
	require.NoError(t, l.end(t, "AbortRotation", out.VersionId))
	_, err = l.begin(t, beginPassword, "second")
	require.NoError(t, err, "sent again")

	l, _ = newKeys(t, `{}`)
	theirs := l.put(t, "planted", labelPending)
	_, err = l.begin(t, beginPassword, "m")
	assertConflict(t, err, "version "+theirs+" is pending, and not by BeginRotation")
	assertConflict(t, l.end(t, "FinishRotation", theirs), "version "+theirs+" is pending, but not by BeginRotation")
	require.NoError(t, l.end(t, "AbortRotation", theirs))

	l, _ = newKeys(t, `{}`)
	l.put(t, `{"a":1}`, labelCurrent, labelPending) // as a Lambda function leaves it
	out, err = l.begin(t, beginPassword, "m")
	require.NoError(t, err)
	require.NoError(t, l.end(t, "FinishRotation", out.VersionId))
	assert.Contains(t, l.value(t), `{"a":1,"password":`)
	l.assertNothingStaged(t)
}

// Another rotation begins right before a call of ours.
func TestBeginRotationLosesARace(t *testing.T) {
	for at := 1; at <= 7; at++ {
		t.Run(fmt.Sprintf("before call %d", at), func(t *testing.T) {
			l, m := newKeys(t, `{}`)
			var theirs begun
			m.before = func(call int, _ string) {
				if call == at {
					var err error
					theirs, err = l.begin(t, beginPassword, "theirs")
					require.NoError(t, err)
				}
			}
			ours, err := l.begin(t, beginPassword, "ours")
			m.before = nil
			if at == 7 { // there is no such call
				require.NoError(t, err)
				theirs = ours
			} else {
				assertConflict(t, err, "VersionId "+theirs.VersionId)
			}
			assert.Len(t, l.labels(t), 3)
			require.NoError(t, l.end(t, "FinishRotation", theirs.VersionId))
			l.assertNothingStaged(t)
			assert.Equal(t, *theirs.SecretString, l.value(t))
		})
	}
}

// The container dies before or after each of its calls, others do something, and the
// message comes again, twice.
func TestBeginRotationDeliveredAgain(t *testing.T) {
	const staged, pending = 6, 7 // the first call before which it is
	for name, meanwhile := range map[string]struct {
		do      func(t *testing.T, l local, first begun)
		refusal string // "" for the same answer
	}{
		"nothing":                      {func(*testing.T, local, begun) {}, ""},
		"another value":                {func(t *testing.T, l local, _ begun) { l.put(t, `{"theirs":1}`) }, ""},
		"three other values":           {func(t *testing.T, l local, _ begun) { l.put(t, `1`); l.put(t, `2`); l.put(t, `{}`) }, ""},
		"finished":                     {func(t *testing.T, l local, b begun) { require.NoError(t, l.end(t, "FinishRotation", b.VersionId)) }, ""},
		"aborted":                      {func(t *testing.T, l local, b begun) { require.NoError(t, l.end(t, "AbortRotation", b.VersionId)) }, "is over"},
		"finished, then another value": {func(t *testing.T, l local, b begun) { l.end(t, "FinishRotation", b.VersionId); l.put(t, `{}`) }, "is over"},
		"aborted, then another begins": {func(t *testing.T, l local, b begun) {
			l.end(t, "AbortRotation", b.VersionId)
			l.begin(t, beginPassword, "x")
		}, "is over"},
		"finished, then another begins": {func(t *testing.T, l local, b begun) {
			l.end(t, "FinishRotation", b.VersionId)
			l.begin(t, beginPassword, "x")
		}, ""},
	} {
		for crash := 1; crash <= pending; crash++ {
			t.Run(fmt.Sprintf("%s, dead from call %d on", name, crash), func(t *testing.T) {
				l, m := newKeys(t, `{"password":"old"}`)
				m.crash.Store(int64(crash))
				first, err := l.begin(t, beginPassword, "m")
				require.Equal(t, crash == pending, err == nil)
				m.crash.Store(0)
				refusal := meanwhile.refusal
				if crash < pending {
					if strings.Contains(name, "finished") || strings.Contains(name, "aborted") {
						t.Skip("nobody knows of it yet")
					}
					if crash == staged && strings.Contains(name, "value") {
						refusal = "AWSCURRENT moved while the rotation began; send a new message"
					}
				}
				meanwhile.do(t, l, first)
				labels, value := l.labels(t), l.value(t)
				for i := range 2 {
					again, err := l.begin(t, beginPassword, "m")
					if refusal != "" {
						assertConflict(t, err, refusal)
						refusal = "is over"
						if crash == pending {
							assert.Equal(t, labels, l.labels(t))
						} else {
							l.assertNothingStaged(t)
						}
						continue
					}
					require.NoError(t, err)
					if crash == pending || i > 0 {
						assert.Equal(t, first, again)
						assert.Equal(t, labels, l.labels(t))
					}
					first, labels = again, l.labels(t)
				}
				assert.Equal(t, value, l.value(t))
			})
		}
	}
}

func TestFinishRotationDeliveredAgain(t *testing.T) {
	for name, meanwhile := range map[string]func(t *testing.T, l local){
		"nothing":              func(*testing.T, local) {},
		"another value":        func(t *testing.T, l local) { l.put(t, `{"theirs":1}`) },
		"another one is begun": func(t *testing.T, l local) { _, err := l.begin(t, beginPassword, "another"); require.NoError(t, err) },
	} {
		for crash := 1; crash <= 6; crash++ {
			t.Run(fmt.Sprintf("%s, dead from call %d on", name, crash), func(t *testing.T) {
				l, m := newKeys(t, `{}`)
				begun, err := l.begin(t, beginPassword, "m")
				require.NoError(t, err)
				m.calls.Store(0)
				m.crash.Store(int64(crash))
				require.Equal(t, crash == 6, l.end(t, "FinishRotation", begun.VersionId) == nil)
				m.crash.Store(0)
				if crash <= 2 && name != "nothing" {
					t.Skip("it is still pending")
				}
				meanwhile(t, l)
				value := l.value(t)
				require.NoError(t, l.end(t, "FinishRotation", begun.VersionId))
				require.NoError(t, l.end(t, "FinishRotation", begun.VersionId))
				if name == "nothing" {
					value = *begun.SecretString
				}
				assert.Equal(t, value, l.value(t))
				if name != "another one is begun" {
					l.assertNothingStaged(t)
				} else {
					assert.Len(t, l.labels(t), 4, "of which two are the other one's")
				}
			})
		}
	}
}

func TestFinishRotationRefuses(t *testing.T) {
	l, m := newKeys(t, `{"a":1}`)
	begun, err := l.begin(t, beginPassword, "m")
	require.NoError(t, err)
	theirs := l.put(t, `{"a":"planted"}`)
	labels := l.labels(t)
	moved := fmt.Sprintf(`FinishRotation of "s" failed: AWSCURRENT has moved from version %s to version %s since the rotation began, and stays there; take version %s back with AbortRotation`,
		begun.CurrentVersionId, theirs, begun.VersionId)
	for range 2 {
		assertConflict(t, l.end(t, "FinishRotation", begun.VersionId), moved)
	}
	assert.Equal(t, labels, l.labels(t))
	assert.Equal(t, `{"a":"planted"}`, l.value(t))

	require.NoError(t, l.end(t, "AbortRotation", begun.VersionId))
	for _, id := range []string{begun.VersionId, firstVersion, "a/planted+value/of/the/length/of/an/aws/key"} {
		err := l.end(t, "FinishRotation", id)
		assertConflict(t, err, "the version in VersionId is not pending")
		assert.NotContains(t, err.Error(), id, "no version that AWS knows of: it may be a secret in the wrong place")
	}

	// AWSCURRENT moves in the last moment.
	begun, err = l.begin(t, beginPassword, "another")
	require.NoError(t, err)
	m.before = func(_ int, op string) {
		if op == "UpdateSecretVersionStage" {
			l.put(t, `{"a":"last"}`)
		}
	}
	assertConflict(t, l.end(t, "FinishRotation", begun.VersionId), "AWSCURRENT has moved")
	m.before = nil
	assert.Equal(t, `{"a":"last"}`, l.value(t))
}

func TestAbortRotation(t *testing.T) {
	for crash := 1; crash <= 4; crash++ {
		t.Run(fmt.Sprintf("dead from call %d on", crash), func(t *testing.T) {
			l, m := newKeys(t, `{}`)
			first, err := l.begin(t, beginPassword, "m")
			require.NoError(t, err)
			m.calls.Store(0)
			m.crash.Store(int64(crash))
			require.Equal(t, crash == 4, l.end(t, "AbortRotation", first.VersionId) == nil)
			m.crash.Store(0)
			require.NoError(t, l.end(t, "AbortRotation", first.VersionId))
			l.assertNothingStaged(t)

			second, err := l.begin(t, beginPassword, "another")
			require.NoError(t, err)
			require.NoError(t, l.end(t, "AbortRotation", first.VersionId), "delivered again")
			assertConflict(t, l.end(t, "AbortRotation", second.CurrentVersionId), "has the label AWSCURRENT: its rotation is finished")
			require.NoError(t, l.end(t, "FinishRotation", second.VersionId))
			assertConflict(t, l.end(t, "AbortRotation", second.VersionId), "has the label AWSCURRENT")
			l.put(t, `{}`)
			assertConflict(t, l.end(t, "AbortRotation", second.VersionId), "has the label AWSPREVIOUS")
		})
	}
}

// Several messages begin a rotation at once, each in several containers: one of them
// does, and all its deliveries emit the same.
func TestRotationsInSeveralContainers(t *testing.T) {
	const messages, containers, rounds = 3, 3, 5
	l := newLocal(t)
	l.create(t, "s", `{}`)
	for round := range rounds {
		var mu sync.Mutex
		type answer struct{ value, versionID string }
		answers := map[answer][]string{} // to these messages
		var group sync.WaitGroup
		for i := range messages * containers {
			group.Go(func() {
				message := fmt.Sprintf("%d.%d", round, i%messages)
				out, err := l.begin(t, beginPassword, message)
				if err != nil {
					assertConflict(t, err, "")
					return
				}
				mu.Lock()
				defer mu.Unlock()
				a := answer{*out.SecretString, out.VersionId}
				answers[a] = append(answers[a], message)
			})
		}
		group.Wait()
		require.Len(t, answers, 1)
		for out, deliveries := range answers {
			assert.Len(t, slices.Compact(slices.Sorted(slices.Values(deliveries))), 1)
			assert.Len(t, l.labels(t), 3+min(round, 1), "AWSCURRENT, AWSPREVIOUS, and two of the pending version")
			for range containers {
				group.Go(func() { assert.NoError(t, l.end(t, "FinishRotation", out.versionID)) })
			}
			group.Wait()
			assert.Equal(t, out.value, l.value(t))
			l.assertNothingStaged(t)
		}
	}
}

// Each kind of failure, at each operation.
func TestRotationAmongFaults(t *testing.T) {
	for _, kind := range []string{emulator.ResetConn, emulator.LoseResponse, emulator.Unavailable} {
		for _, op := range []string{"DescribeSecret", "GetSecretValue", "GetRandomPassword", "PutSecretValue", "UpdateSecretVersionStage"} {
			t.Run(kind+" of "+op, func(t *testing.T) {
				t.Parallel()
				l, _ := newKeys(t, `{}`)
				require.NoError(t, l.Inject(emulator.Fault{Kind: kind, Operation: op, Times: 7})) // one call makes three attempts
				persist := func(do func() error) {
					for range 10 {
						err := do()
						var later *component.Rebound
						if !errors.As(err, &later) {
							require.NoError(t, err)
							return
						}
					}
					require.Fail(t, "it never comes to an end")
				}
				var out begun
				persist(func() (err error) { out, err = l.begin(t, beginPassword, "m"); return err })
				persist(func() error { return l.end(t, "FinishRotation", out.VersionId) })
				assert.Equal(t, *out.SecretString, l.value(t))
				l.assertNothingStaged(t)
				assert.Len(t, l.versions(t, "s").Versions, 2)
			})
		}
	}
}

func TestRotationDenied(t *testing.T) {
	for _, op := range []string{"DescribeSecret", "GetSecretValue", "GetRandomPassword", "PutSecretValue", "UpdateSecretVersionStage"} {
		l, _ := newKeys(t, `{}`)
		l.Deny(testKeyID, op)
		_, err := l.begin(t, beginPassword, "m")
		var failed *component.Error
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "AccessDeniedException", failed.Name)
		assert.Contains(t, err.Error(), "secretsmanager:"+op)
		assert.Equal(t, op == "UpdateSecretVersionStage", strings.Contains(err.Error(), "the staging label "+rotationPrefix), op)
	}
}

// A label moves away and back between the calls, each time.
func TestRotationLosesEachTime(t *testing.T) {
	for _, c := range []struct{ function, label string }{{"BeginRotation", labelPending}, {"FinishRotation", labelCurrent}} {
		t.Run(c.function, func(t *testing.T) {
			l, m := newKeys(t, `{}`)
			theirs := l.put(t, `{"a":1}`, "mine")
			act := func() error {
				_, err := l.begin(t, beginPassword, "m")
				return err
			}
			home := ""
			if c.function == "FinishRotation" {
				out, err := l.begin(t, beginPassword, "m")
				require.NoError(t, err)
				home = out.CurrentVersionId
				act = func() error { return l.end(t, "FinishRotation", out.VersionId) }
			}
			move := func(to, from string) {
				in := map[string]string{"SecretId": "s", "VersionStage": c.label, "MoveToVersionId": to, "RemoveFromVersionId": from}
				for name, value := range in {
					if value == "" {
						delete(in, name)
					}
				}
				body, err := json.Marshal(in)
				require.NoError(t, err)
				l.run(t, "UpdateSecretVersionStage", string(body))
			}
			away := false
			m.before = func(_ int, op string) {
				switch {
				case op == "UpdateSecretVersionStage" && !away:
					move(theirs, home)
					away = true
				case op == "DescribeSecret" && away:
					move(home, theirs)
					away = false
				}
			}
			err := act()
			var later *component.Rebound
			require.ErrorAs(t, err, &later)
			assert.Equal(t, c.function+` of "s" failed: others move its staging labels at the same time`, later.Reason)
			m.before = nil
			move(home, theirs)
			require.NoError(t, act(), "it comes back")
		})
	}
}
