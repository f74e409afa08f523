package actions

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

func TestTokenFollowsFromMessageAndInput(t *testing.T) {
	input := func(value string) *secretsmanager.PutSecretValueInput {
		return &secretsmanager.PutSecretValueInput{SecretId: aws.String("s"), SecretString: &value}
	}
	s := &step{deps: component.Deps{IdempotencyToken: func(messageID string, input []byte) string {
		return messageID + string(input)
	}}}
	assert.Equal(t, `m{"SecretId":"s","SecretString":"A"}`, s.token("m", input("A")))
	assert.NotEqual(t, s.token("m", input("A")), s.token("m", input("B")))

	for name, s := range map[string]*step{"without a message id": s, "outside a flow": {}} {
		messageID := ""
		if s.deps.IdempotencyToken == nil {
			messageID = "m"
		}
		one, two := s.token(messageID, input("A")), s.token(messageID, input("A"))
		assert.NotEqual(t, one, two, name)
		assert.Equal(t, uuid.Version(4), uuid.MustParse(one).Version(), name)
	}
}

// The reference sailor gives all that one call emits the same messageId. Each
// value is a write of its own.
func TestOneMessageIDTwoInputs(t *testing.T) {
	for _, function := range []string{"PutSecretValue", "UpdateSecret"} {
		t.Run(function, func(t *testing.T) {
			l := newLocal(t)
			l.run(t, "CreateSecret", `{"Name":"s","SecretString":"old"}`)
			for _, value := range []string{"A", "B", "A", "B"} { // each delivered twice
				_, err := l.deliver(t, function, `{"SecretId":"s","SecretString":"`+value+`"}`, "m")
				require.NoError(t, err)
			}
			assert.Len(t, l.versions(t, "s").Versions, 3)
			assert.Contains(t, string(l.run(t, "GetSecretValue", `{"SecretId":"s"}`)), `"SecretString":"B"`)
		})
	}
}

type versionList struct {
	Versions []struct {
		VersionId     string
		VersionStages []string
	}
}

func (l local) versions(t *testing.T, id string) versionList {
	t.Helper()
	var v versionList
	require.NoError(t, json.Unmarshal(l.run(t, "ListSecretVersionIds", `{"SecretId":"`+id+`","IncludeDeprecated":true}`), &v))
	return v
}

// The process may have died in between, so each delivery gets a new handler.
func (l local) deliver(t *testing.T, function, body, messageID string) (json.RawMessage, error) {
	t.Helper()
	out := new(recorder)
	req := newRequest(body)
	req.MessageID = messageID
	err := newHandler(t, Specs(testOptions), function, l.deps("")).Handle(t.Context(), req, out)
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

// refuseKnownTokens lets UpdateSecret refuse each token that it has seen, as
// AWS documents it. The emulator takes it when the value is the same.
func refuseKnownTokens(next http.Handler) http.Handler {
	var known sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") == "secretsmanager.UpdateSecret" {
			body, err := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			var in secretsmanager.UpdateSecretInput
			if err := errors.Join(err, json.Unmarshal(body, &in)); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			if _, seen := known.LoadOrStore(aws.ToString(in.ClientRequestToken), true); seen {
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"__type":"ResourceExistsException","Message":"the token is in use"}`)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func TestUpdateSecretSeenBefore(t *testing.T) {
	const update = `{"SecretId":"s","SecretString":"planted-value"}`
	token := func(l local) string {
		return (&step{deps: l.deps("")}).token("m", &secretsmanager.UpdateSecretInput{
			SecretId: aws.String("s"), SecretString: aws.String("planted-value"),
		})
	}
	setup := func(t *testing.T) local {
		l := newLocal(t, refuseKnownTokens)
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
		assert.Contains(t, string(answer), token(l))
		assert.Contains(t, string(l.run(t, "GetSecretValue", `{"SecretId":"s"}`)), `"m3"`, "and nothing was written")
	})
	t.Run("without a message id, answer lost", func(t *testing.T) {
		l := setup(t)
		require.NoError(t, l.Inject(emulator.Fault{Kind: emulator.LoseResponse, Operation: "UpdateSecret", Times: 1}))
		_, err := l.deliver(t, "UpdateSecret", update, "")
		require.NoError(t, err)
		assert.Len(t, l.versions(t, "s").Versions, 3)
	})
	t.Run("token is the sender's", func(t *testing.T) {
		l := setup(t)
		_, err := l.deliver(t, "UpdateSecret", `{"SecretId":"s","SecretString":"x","ClientRequestToken":"`+token(l)+`"}`, "m")
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
