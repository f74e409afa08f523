package actions

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

func TestToken(t *testing.T) {
	step := func(flow, name string) *step { return &step{deps: component.Deps{FlowID: flow, StepID: name}} }
	// Fixed: a token that changes with a new version of the connector would
	// repeat the work of messages that are in flight.
	assert.Equal(t, "9ce6cba4-bd82-5a89-a923-83387a4fcd77", step("flow", "step_1").token("message"))

	seen := map[string]string{}
	for _, x := range [][3]string{{"a", "b", "c"}, {"ab", "", "c"}, {"a", "bc", "x"}, {"a", "b", "cx"}, {`a""b`, "", "c"}, {`a"`, `"b`, "c"}, {"a", "b", "\xff"}, {"a", "b", "\ufffd"}} {
		token := step(x[0], x[1]).token(x[2])
		assert.Equal(t, uuid.Version(5), uuid.MustParse(token).Version())
		assert.NotContains(t, seen, token)
		seen[token] = x[0]
		assert.Equal(t, token, step(x[0], x[1]).token(x[2]))
	}

	one, two := step("a", "b").token(""), step("a", "b").token("")
	assert.NotEqual(t, one, two, "without a message id")
	assert.Equal(t, uuid.Version(4), uuid.MustParse(one).Version())
}

type versions struct {
	Versions []struct {
		VersionId     string
		VersionStages []string
	}
}

func (l local) versions(t *testing.T, id string) versions {
	t.Helper()
	var v versions
	require.NoError(t, json.Unmarshal(l.run(t, "ListSecretVersionIds", `{"SecretId":"`+id+`","IncludeDeprecated":true}`), &v))
	return v
}

// The process may have died in between, so each delivery gets a new handler.
func (l local) deliver(t *testing.T, function, body, messageID string) (json.RawMessage, error) {
	t.Helper()
	out := new(recorder)
	req := newRequest(body)
	req.MessageID = messageID
	err := newHandler(t, Specs(awsapi.Options{}), function, l.deps("")).Handle(t.Context(), req, out)
	if err != nil {
		return nil, err
	}
	require.Len(t, out.bodies, 1)
	return out.bodies[0], nil
}

func TestOnceThoughDeliveredTwice(t *testing.T) {
	tests := []struct {
		function, body string
		versions       int
	}{
		{"CreateSecret", `{"Name":"new","SecretString":"v"}`, 1},
		{"PutSecretValue", `{"SecretId":"old","SecretString":"v"}`, 2},
		{"UpdateSecret", `{"SecretId":"old","SecretString":"v"}`, 2},
		{"UpdateSecret", `{"SecretId":"old","Description":"no value"}`, 1},
		{"RotateSecret", `{"SecretId":"old","RotationLambdaARN":"` + lambda + `","RotationRules":{"AutomaticallyAfterDays":30}}`, 2},
	}
	for _, tt := range tests {
		t.Run(tt.function, func(t *testing.T) {
			l := newLocal(t)
			l.run(t, "CreateSecret", `{"Name":"old","SecretString":"old"}`)
			first, err := l.deliver(t, tt.function, tt.body, "m")
			require.NoError(t, err)
			second, err := l.deliver(t, tt.function, tt.body, "m")
			require.NoError(t, err)
			assert.JSONEq(t, string(first), string(second))

			id := "old"
			if tt.function == "CreateSecret" {
				id = "new"
			}
			assert.Len(t, l.versions(t, id).Versions, tt.versions)
		})
	}
}

func TestGivenTokenIsKept(t *testing.T) {
	const given = "11111111-2222-3333-4444-555555555555"
	l := newLocal(t)
	for function, body := range map[string]string{
		"CreateSecret": `{"Name":"s","SecretString":"v","ClientRequestToken":"` + given + `"}`,
	} {
		answer, err := l.deliver(t, function, body, "m")
		require.NoError(t, err)
		assert.Contains(t, string(answer), given)
	}
}

func TestUpdateSecretSeenBefore(t *testing.T) {
	const update = `{"SecretId":"s","SecretString":"planted-value"}`
	setup := func(t *testing.T) local {
		l := newLocal(t)
		l.run(t, "CreateSecret", `{"Name":"s","SecretString":"old"}`)
		_, err := l.deliver(t, "UpdateSecret", update, "m")
		require.NoError(t, err)
		return l
	}
	t.Run("version has lost its labels", func(t *testing.T) {
		l := setup(t)
		for _, id := range []string{"m2", "m3"} {
			_, err := l.deliver(t, "UpdateSecret", `{"SecretId":"s","SecretString":"`+id+`"}`, id)
			require.NoError(t, err)
		}
		answer, err := l.deliver(t, "UpdateSecret", update, "m")
		require.NoError(t, err)
		assert.Contains(t, string(answer), (&step{deps: l.deps("")}).token("m"))
		assert.Contains(t, string(l.run(t, "GetSecretValue", `{"SecretId":"s"}`)), `"m3"`, "and nothing was written")
	})
	t.Run("without a message id, answer lost", func(t *testing.T) {
		l := setup(t)
		require.NoError(t, l.Inject(emulator.Fault{Kind: emulator.LoseAnswer, Operation: "UpdateSecret", Times: 1}))
		_, err := l.deliver(t, "UpdateSecret", update, "")
		require.NoError(t, err)
		assert.Len(t, l.versions(t, "s").Versions, 3)
	})
	t.Run("token is the sender's", func(t *testing.T) {
		l := setup(t)
		token := (&step{deps: l.deps("")}).token("m")
		_, err := l.deliver(t, "UpdateSecret", `{"SecretId":"s","SecretString":"x","ClientRequestToken":"`+token+`"}`, "m")
		var failed *component.Error
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "ResourceExistsException", failed.Name)
	})
	t.Run("check is denied", func(t *testing.T) {
		l := setup(t)
		l.Deny("", "DescribeSecret")
		_, err := l.deliver(t, "UpdateSecret", update, "m")
		var failed *component.Error
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "ResourceExistsException", failed.Name)
		assert.Contains(t, failed.Message, "could not be checked")
		assert.Contains(t, failed.Message, "secretsmanager:DescribeSecret")
		assert.NotContains(t, failed.Message, "planted")
	})
	t.Run("check fails for now", func(t *testing.T) {
		l := setup(t)
		require.NoError(t, l.Inject(emulator.Fault{Kind: emulator.Unavailable, Operation: "DescribeSecret"}))
		_, err := l.deliver(t, "UpdateSecret", update, "m")
		var later *component.Rebound
		require.ErrorAs(t, err, &later)
		assert.Contains(t, later.Reason, "DescribeSecret")
	})
}
