package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit"
	"aws-secrets-manager-connector/schemas"
)

const timeout = 3 * time.Minute

// call is one message to a function; body may use what earlier answers said.
type call struct {
	function string
	body     map[string]any
	// learn keeps a member of the answer under this name, to be used as "$name".
	learn map[string]string
	// snapshots tells that the function emits one as well.
	snapshots bool
}

// calls use every function at least once, in an order in which each succeeds.
func calls(name, secret, otherSecret string) []call {
	type m = map[string]any
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`
	tags := []any{m{"Key": "stage", "Value": "test"}}
	return []call{
		{function: "startFlow", body: m{}},
		{function: "secretEvent", body: m{
			"source": "aws.secretsmanager", "detail-type": "AWS API Call via CloudTrail",
			"detail": m{
				"eventSource": "secretsmanager.amazonaws.com", "eventName": "DeleteSecret", "eventTime": "2030-01-31T12:00:00Z",
				"requestParameters": m{"secretId": name, "secretString": secret},
			},
		}},
		{function: "GetRandomPassword", body: m{"PasswordLength": "24", "ExcludePunctuation": "true"}},
		{function: "CreateSecret", body: m{"Name": name, "SecretString": secret, "Tags": tags}, learn: m2{"arn": "ARN", "v1": "VersionId"}},
		{function: "GetSecretValue", body: m{"SecretId": "$arn"}},
		{function: "CreateSecret", body: m{"Name": "keys/" + name, "SecretString": m{"user": "app"}}},
		{function: "SetSecretKeys", body: m{"SecretId": "keys/" + name, "Set": m{"password": secret}, "Remove": "user"}},
		{function: "MakeRawRequest", body: m{"Operation": "GetSecretValue", "Body": m{"SecretId": "keys/" + name}}},
		{function: "LookupSecret", body: m{"SecretId": "keys/" + name}},
		{function: "BeginRotation", body: m{"SecretId": name, "PasswordLength": "24"}, learn: m2{"aborted": "VersionId", "password": "SecretString"}},
		{function: "AbortRotation", body: m{"SecretId": name, "VersionId": "$aborted"}},
		{function: "BeginRotation", body: m{"SecretId": "keys/" + name, "Set": m{"password": otherSecret}}, learn: m2{"pending": "VersionId"}},
		{function: "FinishRotation", body: m{"SecretId": "keys/" + name, "VersionId": "$pending"}},
		{function: "UpsertSecret", body: m{"Name": "upserted/" + name, "SecretString": m{"password": secret}, "Tags": tags}},
		{function: "UpsertSecret", body: m{"Name": "upserted/" + name, "SecretString": otherSecret, "Description": "updated"}},
		{function: "PutSecretValue", body: m{"SecretId": name, "SecretString": otherSecret}, learn: m2{"v2": "VersionId"}},
		{function: "UpdateSecret", body: m{"SecretId": name, "Description": "updated", "SecretBinary": "AAECAwQ="}},
		{function: "GetSecretValue", body: m{"SecretId": name}},
		{function: "DescribeSecret", body: m{"SecretId": name}},
		{function: "ListSecretVersionIds", body: m{"SecretId": name, "IncludeDeprecated": true}},
		{function: "UpdateSecretVersionStage", body: m{"SecretId": name, "VersionStage": "BLUE", "MoveToVersionId": "$v2"}},
		{function: "TagResource", body: m{"SecretId": name, "Tags": []any{m{"Key": "owner", "Value": "flows"}}}},
		{function: "UntagResource", body: m{"SecretId": name, "TagKeys": []any{"owner"}}},
		{function: "PutResourcePolicy", body: m{"SecretId": name, "ResourcePolicy": policy, "BlockPublicPolicy": true}},
		{function: "GetResourcePolicy", body: m{}}, // the secret is chosen in the step
		{function: "ValidateResourcePolicy", body: m{"SecretId": name, "ResourcePolicy": policy}},
		{function: "ListResourcePolicies", body: m{"SecretId": name}},
		{function: "DeleteResourcePolicy", body: m{"SecretId": name}},
		{function: "ListSecrets", body: m{"Filters": []any{m{"Key": "name", "Values": []any{name}}}, "MaxResults": 10}},
		{function: "BatchGetSecretValue", body: m{"SecretIdList": []any{name, "nowhere"}}},
		{function: "ReplicateSecretToRegions", body: m{"SecretId": name, "AddReplicaRegions": []any{m{"Region": replicaRegion}, m{"Region": "eu-north-1"}}}},
		{function: "StopReplicationToReplica", body: m{"SecretId": name}},
		{function: "RemoveRegionsFromReplication", body: m{"SecretId": name, "RemoveReplicaRegions": []any{"eu-north-1"}}},
		{function: "AssociateCrossAccountReplica", body: m{"SecretId": name, "CrossAccountReplicaARN": crossAccountReplica}},
		{function: "DisassociateCrossAccountReplica", body: m{"SecretId": name, "CrossAccountReplicaARN": crossAccountReplica}},
		{function: "RotateSecret", body: m{"SecretId": name, "RotationLambdaARN": "arn:aws:lambda:eu-central-1:123456789012:function:rotate", "RotationRules": m{"AutomaticallyAfterDays": 30}}},
		{function: "CancelRotateSecret", body: m{"SecretId": name}},
		{function: "DeleteSecret", body: m{"SecretId": name, "RecoveryWindowInDays": 7}},
		{function: "RestoreSecret", body: m{"SecretId": name}},
		{function: "getNewAndUpdatedSecretsPolling", body: m{}, snapshots: true},
	}
}

type m2 = map[string]string

const (
	replicaRegion       = "eu-west-1"
	crossAccountReplica = "arn:aws:secretsmanager:eu-central-1:210987654321:secret:shop/database-Hq3vT7"
)

func functions(t *testing.T) []string {
	t.Helper()
	var d component.Descriptor
	require.NoError(t, json.Unmarshal(connector.Descriptor, &d))
	var names []string
	for name := range d.Triggers {
		names = append(names, name)
	}
	for name := range d.Actions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestEveryFunction(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	rabbit := testkit.RabbitMQ(t)

	names := functions(t)
	require.NotEmpty(t, names)
	environment, err := fake.NewEnvironment(ctx, fake.OnRabbitMQ(rabbit.URI, "e2e", slog.New(slog.DiscardHandler)), names)
	require.NoError(t, err)
	defer func() { assert.NoError(t, environment.Close(context.WithoutCancel(ctx))) }()
	// This operation is called where the replica is.
	environment.SetStep("StopReplicationToReplica", map[string]any{"region": replicaRegion})

	var planted testkit.Planted
	for label, value := range environment.Secrets() {
		planted.Add(label, value)
	}
	called := map[string]bool{}
	for _, protocol := range []int{1, 2} {
		name := fmt.Sprintf("e2e/protocol-%d", protocol)
		environment.SetStep("GetResourcePolicy", map[string]any{"secret": name})
		environment.SetStep("getNewAndUpdatedSecretsPolling", map[string]any{"namePrefix": name})
		learned := map[string]string{}
		containers := map[string]*testkit.Process{}
		for _, c := range calls(name, planted.New("secret value"), planted.New("other secret value")) {
			called[c.function] = true
			t.Run(fmt.Sprintf("protocol %d/%s", protocol, c.function), func(t *testing.T) {
				if containers[c.function] == nil {
					env := environment.Env(c.function)
					env["ELASTICIO_AMQP_URI"], env["LOG_LEVEL"] = rabbit.URI.Reveal(), "trace"
					env["ELASTICIO_PROTOCOL_VERSION"] = strconv.Itoa(protocol)
					containers[c.function] = testkit.Start(ctx, t, "", env, program)
				}
				got := exchange(ctx, t, environment, c, protocol, learned)
				checkAnswer(t, c, got)
				for c.snapshots && got.Kind != "snapshot" {
					var err error
					got, err = environment.Receive(ctx)
					require.NoError(t, err)
					require.Contains(t, []string{"data", "snapshot"}, got.Kind)
				}
			})
		}
		planted.Add("password that was made", learned["password"])
		for name, c := range containers {
			c.Stop(t)
			waiting, err := environment.Waiting(ctx, name)
			require.NoError(t, err)
			assert.Zero(t, waiting, "queue of %s", name)
			planted.AssertAbsent(t, "log of "+name, []byte(c.Output()))
		}
	}
	for _, name := range names {
		assert.True(t, called[name], "%s was not called", name)
	}
}

// exchange sends the call's message and returns its answer.
func exchange(ctx context.Context, t *testing.T, environment *fake.Environment, c call, protocol int, learned map[string]string) fake.Received {
	t.Helper()
	body := map[string]any{}
	for name, value := range c.body {
		if text, ok := value.(string); ok && strings.HasPrefix(text, "$") {
			value = learned[text[1:]]
		}
		body[name] = value
	}
	sent, err := environment.Send(ctx, c.function, body, protocol, map[string]any{"x-eio-meta-Test": "carried"})
	require.NoError(t, err)
	got, err := environment.Receive(ctx)
	require.NoError(t, err)
	require.Empty(t, got.Failure.Message)
	require.Equal(t, c.function, got.Function)
	require.Equal(t, "data", got.Kind)

	start, end := got.Headers["start"].(int64), got.Headers["end"].(int64)
	assert.LessOrEqual(t, start, end)
	assert.InDelta(t, time.Now().UnixMilli(), end, float64(timeout.Milliseconds()))
	env := environment.Env(c.function)
	for header, variable := range map[string]string{
		"execId": "EXEC_ID", "taskId": "FLOW_ID", "workspaceId": "WORKSPACE_ID", "containerId": "CONTAINER_ID",
		"userId": "USER_ID", "stepId": "STEP_ID", "compId": "COMP_ID", "function": "FUNCTION",
	} {
		assert.Equal(t, env["ELASTICIO_"+variable], got.Headers[header], header)
	}
	assert.Equal(t, sent.Headers["messageId"], got.Headers["parentMessageId"])
	assert.Equal(t, sent.Headers["threadId"], got.Headers["threadId"])
	assert.NotEmpty(t, got.Headers["messageId"])
	assert.Equal(t, "carried", got.Headers["x-eio-meta-test"])
	assert.EqualValues(t, protocol, got.Headers["protocolVersion"])

	var members map[string]any
	require.NoError(t, json.Unmarshal(got.Content, &members))
	for name, member := range c.learn {
		learned[name], _ = members[member].(string)
		require.NotEmpty(t, learned[name], member)
	}
	return got
}

func checkAnswer(t *testing.T, c call, got fake.Received) {
	t.Helper()
	_, out, err := schemas.Load(c.function)
	require.NoError(t, err)
	_, err = out.Check(got.Content)
	assert.NoError(t, err, "the answer breaks its schema")
}
