package actions

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/apimodel"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/schemas"
)

const (
	lambda = "arn:aws:lambda:eu-central-1:123456789012:function:rotate"
	// replicaARN is of another account.
	replicaARN = "arn:aws:secretsmanager:eu-central-1:210987654321:secret:shop/database-Hq3vT7"
	policy     = `{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::123456789012:root\"},` +
		`\"Action\":\"secretsmanager:GetSecretValue\",\"Resource\":\"*\"}]}`
)

func TestSpecsAreTheOperationsInOrder(t *testing.T) {
	operations, err := apimodel.Operations()
	require.NoError(t, err)

	var names []string
	for _, spec := range Specs(testOptions) {
		names = append(names, spec.Name)
		if firstCall[spec.Name] == "" {
			assert.Contains(t, operations, spec.Name)
		}
		assert.Equal(t, component.Action, spec.Kind)
	}
	assert.Len(t, names, len(operations)+len(firstCall))
	assert.True(t, slices.IsSortedFunc(names, func(a, b string) int {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	}), names)
}

// Every action, through real HTTP, with bodies that its schemas accept.
func TestEveryAction(t *testing.T) {
	l := newLocal(t)
	tests := []struct{ function, body, want string }{
		{"CreateSecret", `{"Name":"a/one","SecretString":"planted-1","Tags":[{"Key":"team","Value":"shop"}]}`, `"Name":"a/one"`},
		{"CreateSecret", `{"Name":"a/two","SecretBinary":"cGxhbnRlZA=="}`, `"VersionId"`},
		{"GetSecretValue", `{"SecretId":"a/one"}`, `"SecretString":"planted-1"`},
		{"GetSecretValue", `{"SecretId":"a/two"}`, `"SecretBinary":"cGxhbnRlZA=="`},
		{"DescribeSecret", `{"SecretId":"a/one"}`, `"Tags":[{"Key":"team","Value":"shop"}]`},
		{"PutSecretValue", `{"SecretId":"a/one","SecretString":"planted-2","ClientRequestToken":"11111111-2222-3333-4444-555555555555"}`, `"VersionStages":["AWSCURRENT"]`},
		{"UpdateSecret", `{"SecretId":"a/one","Description":"d"}`, `"Name":"a/one"`},
		{"ListSecrets", `{"Filters":[{"Key":"name","Values":["a/"]}],"SortOrder":"asc"}`, `"SecretList":[{`},
		{"ListSecretVersionIds", `{"SecretId":"a/one"}`, `"AWSPREVIOUS"`},
		{"BatchGetSecretValue", `{"SecretIdList":["a/one","a/none"]}`, `"ErrorCode":"ResourceNotFoundException"`},
		{"UpdateSecretVersionStage", `{"SecretId":"a/one","VersionStage":"mine","MoveToVersionId":"11111111-2222-3333-4444-555555555555"}`, `"Name":"a/one"`},
		{"TagResource", `{"SecretId":"a/one","Tags":[{"Key":"k","Value":"v"}]}`, `{}`},
		{"UntagResource", `{"SecretId":"a/one","TagKeys":["k"]}`, `{}`},
		{"ValidateResourcePolicy", `{"ResourcePolicy":"` + policy + `"}`, `"PolicyValidationPassed":true`},
		{"ValidateResourcePolicy", `{"ResourcePolicy":"` + strings.Replace(policy, "arn:aws:iam::123456789012:root", "*", 1) + `"}`, `"PolicyValidationPassed":false,"ValidationErrors":[{`},
		{"PutResourcePolicy", `{"SecretId":"a/one","ResourcePolicy":"` + policy + `","BlockPublicPolicy":true}`, `"Name":"a/one"`},
		{"GetResourcePolicy", `{"SecretId":"a/one"}`, `"ResourcePolicy":"{`},
		{"ListResourcePolicies", `{"SecretId":"a/one"}`, `{"ResourcePolicies":[{"PolicyName":"default"}]}`},
		{"DeleteResourcePolicy", `{"SecretId":"a/one"}`, `"Name":"a/one"`},
		{"RotateSecret", `{"SecretId":"a/one","RotationLambdaARN":"` + lambda + `","RotationRules":{"AutomaticallyAfterDays":30}}`, `"VersionId"`},
		{"CancelRotateSecret", `{"SecretId":"a/one"}`, `"Name":"a/one"`},
		{"ReplicateSecretToRegions", `{"SecretId":"a/one","AddReplicaRegions":[{"Region":"eu-west-1"}]}`, `"Region":"eu-west-1"`},
		{"RemoveRegionsFromReplication", `{"SecretId":"a/one","RemoveReplicaRegions":["eu-west-1"]}`, `"ARN"`},
		{"AssociateCrossAccountReplica", `{"SecretId":"a/one","CrossAccountReplicaARN":"` + replicaARN + `"}`, `"ReplicationStatus":"InSync"`},
		{"DescribeSecret", `{"SecretId":"a/one"}`, `"CrossAccountReplicas":[{"ReplicaSecretARN":"` + replicaARN + `"`},
		{"DisassociateCrossAccountReplica", `{"SecretId":"a/one","CrossAccountReplicaARN":"` + replicaARN + `"}`, `"CrossAccountReplicaARN":"` + replicaARN + `"`},
		{"CreateSecret", `{"Name":"a/replica","KmsKeyId":"alias/shop","CrossAccountPrimaryARN":"` + replicaARN + `"}`, `"Name":"a/replica"`},
		{"DescribeSecret", `{"SecretId":"a/replica"}`, `"CrossAccountPrimary":{"PrimarySecretARN":"` + replicaARN + `","ReplicationStatus":"Pending"}`},
		{"StopReplicationToReplica", `{"SecretId":"a/replica"}`, `"ARN"`},
		{"DeleteSecret", `{"SecretId":"a/one","RecoveryWindowInDays":7}`, `"DeletionDate"`},
		{"RestoreSecret", `{"SecretId":"a/one"}`, `"Name":"a/one"`},
		{"CreateSecret", `{"Name":"a/keys","SecretString":"{\"user\":\"app\"}"}`, `"VersionId"`},
		{"SetSecretKeys", `{"SecretId":"a/keys","Set":{"password":"planted-3"},"Remove":["user"]}`, `"Changed":true`},
		{"UpsertSecret", `{"Name":"a/keys","SecretString":"{\"password\":\"planted-3\"}"}`, `"Created":false,"Changed":false`},
		{"UpsertSecret", `{"Name":"a/upserted","SecretBinary":"cGxhbnRlZA==","Tags":[{"Key":"k","Value":"v"}]}`, `"Created":true,"Changed":true`},
		{"MakeRawRequest", `{"Operation":"ListSecrets","Body":{"MaxResults":1}}`, `"SecretList":[{`},
		{"LookupSecret", `{"SecretId":"a/keys"}`, `"Name":"a/keys"`},
		{"GetSecretValue", `{"SecretId":"a/keys"}`, `"SecretString":"{\"password\":\"planted-3\"}"`},
		{"GetRandomPassword", `{"PasswordLength":20,"ExcludePunctuation":true}`, `"RandomPassword"`},
	}
	for _, tt := range tests {
		in, out, err := schemas.Load(tt.function)
		require.NoError(t, err)
		_, err = in.Check(json.RawMessage(tt.body))
		require.NoError(t, err, tt.function)
		answer := l.run(t, tt.function, tt.body)
		assert.Contains(t, string(answer), tt.want, tt.function)
		_, err = out.Check(answer)
		require.NoError(t, err, tt.function)
	}

	// StopReplicationToReplica is called in the replica's region.
	l.run(t, "ReplicateSecretToRegions", `{"SecretId":"a/one","AddReplicaRegions":[{"Region":"eu-west-1"}]}`)
	deps := l.deps("")
	deps.Config = json.RawMessage(strings.Replace(string(deps.Config), "eu-central-1", "eu-west-1", 1))
	out := new(recorder)
	require.NoError(t, newHandler(t, Specs(testOptions), "StopReplicationToReplica", deps).Handle(t.Context(), newRequest(`{"SecretId":"a/one"}`), out))
	assert.Contains(t, string(out.bodies[0]), `"ARN":"arn:aws:secretsmanager:eu-west-1:`)

	for _, spec := range Specs(testOptions) {
		if firstCall[spec.Name] == "" {
			assert.Positive(t, l.Calls()[spec.Name], spec.Name)
		}
	}
}

// firstCall is the operation that each action begins with which AWS does not have.
var firstCall = map[string]string{
	"AbortRotation": "DescribeSecret", "BeginRotation": "DescribeSecret", "FinishRotation": "DescribeSecret", "LookupSecret": "DescribeSecret",
	"MakeRawRequest": "TagResource", "SetSecretKeys": "GetSecretValue", "UpsertSecret": "CreateSecret",
}

// What goes wrong in any action shows none of the values that it was given.
func TestErrorsOfEveryActionShowNoSecret(t *testing.T) {
	l := newLocal(t)
	const value = "planted-value-that-nobody-may-see"
	bodies := map[string]string{
		"CreateSecret":        `{"Name":"a/one","SecretString":"` + value + `"}`,
		"PutSecretValue":      `{"SecretId":"a/one","SecretString":"` + value + `"}`,
		"UpdateSecret":        `{"SecretId":"a/one","SecretString":"` + value + `"}`,
		"BatchGetSecretValue": `{"SecretIdList":["a/one"]}`,
		"GetRandomPassword":   `{}`, "ListSecrets": `{}`,
		"ReplicateSecretToRegions":     `{"SecretId":"a/one","AddReplicaRegions":[{"Region":"eu-west-1"}]}`,
		"RemoveRegionsFromReplication": `{"SecretId":"a/one","RemoveReplicaRegions":["eu-west-1"]}`,
		"PutResourcePolicy":            `{"SecretId":"a/one","ResourcePolicy":"{}"}`, "ValidateResourcePolicy": `{"ResourcePolicy":"{}"}`,
		"AssociateCrossAccountReplica":    `{"SecretId":"a/one","CrossAccountReplicaARN":"` + replicaARN + `"}`,
		"DisassociateCrossAccountReplica": `{"SecretId":"a/one","CrossAccountReplicaARN":"` + replicaARN + `"}`,
		"AbortRotation":                   `{"SecretId":"a/one","VersionId":"11111111-2222-3333-4444-555555555555"}`,
		"BeginRotation":                   `{"SecretId":"a/one","SecretString":"` + value + `"}`,
		"FinishRotation":                  `{"SecretId":"a/one","VersionId":"11111111-2222-3333-4444-555555555555"}`,
		"SetSecretKeys":                   `{"SecretId":"a/one","Set":{"` + value + `":"` + value + `"}}`,
		"UpsertSecret":                    `{"Name":"a/one","SecretString":"` + value + `"}`,
		"MakeRawRequest":                  `{"Operation":"TagResource","Body":{"SecretId":"a/one","Tags":[{"Key":"` + value + `","Value":"` + value + `"}]}}`,
		"TagResource":                     `{"SecretId":"a/one","Tags":[{"Key":"k","Value":"v"}]}`,
		"UntagResource":                   `{"SecretId":"a/one","TagKeys":["k"]}`,
		"UpdateSecretVersionStage":        `{"SecretId":"a/one","VersionStage":"x","MoveToVersionId":"11111111-2222-3333-4444-555555555555"}`,
	}
	l.Deny("", "*")
	for _, spec := range Specs(testOptions) {
		t.Run(spec.Name, func(t *testing.T) {
			body := bodies[spec.Name]
			if body == "" {
				body = `{"SecretId":"a/one"}`
			}
			deps := l.deps("")
			configs := map[string]json.RawMessage{
				"AccessDeniedException":       deps.Config,
				"InvalidSignatureException":   json.RawMessage(strings.Replace(string(deps.Config), testSecret, "planted/wrong", 1)),
				"UnrecognizedClientException": json.RawMessage(strings.Replace(string(deps.Config), testKeyID, "AKIAPLANTEDUNKNOWN01", 1)),
				component.InvalidCredentials:  json.RawMessage(`{"accessKeyId":"planted","accessKeySecret":"planted planted","region":"eu-central-1"}`),
				component.InvalidConfig:       json.RawMessage(strings.Replace(string(deps.Config), "eu-central-1", "Frankfurt", 1)),
			}
			for name, config := range configs {
				deps.Config = config
				h, err := spec.New(deps)
				require.NoError(t, err, "a wrong configuration is told for each message")
				out := new(recorder)
				err = h.Handle(t.Context(), newRequest(body), out)
				var failed *component.Error
				require.ErrorAs(t, err, &failed, name)
				assert.Equal(t, name, failed.Name, failed.Message)
				assert.NotContains(t, strings.ToLower(fmt.Sprintf("%v %+v", err, failed.Message)), "planted")
				assert.Empty(t, out.order)
				if name == "AccessDeniedException" {
					first := cmp.Or(firstCall[spec.Name], spec.Name)
					assert.Contains(t, failed.Message, first)
					assert.Contains(t, failed.Message, "secretsmanager:"+first)
					if strings.Contains(body, "a/one") && spec.Name != "BatchGetSecretValue" {
						assert.Contains(t, failed.Message, `"a/one"`)
					}
				}
			}
		})
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name  string
		fault emulator.Fault
		errIs string // "" for success
	}{
		{"reset once", emulator.Fault{Kind: emulator.ResetConn, Times: 1}, ""},
		{"5xx once", emulator.Fault{Kind: emulator.ServerError, Times: 1}, ""},
		{"unavailable for long", emulator.Fault{Kind: emulator.Unavailable}, "ServiceUnavailable"},
		{"answer lost once, written once", emulator.Fault{Kind: emulator.LoseResponse, Operation: "PutSecretValue", Times: 1}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLocal(t)
			l.run(t, "CreateSecret", `{"Name":"s","SecretString":"v1"}`)
			require.NoError(t, l.Inject(tt.fault))
			out := new(recorder)
			err := newHandler(t, Specs(testOptions), "PutSecretValue", l.deps("")).
				Handle(t.Context(), newRequest(`{"SecretId":"s","SecretString":"v2"}`), out)
			if tt.errIs != "" {
				var later *component.Rebound
				require.ErrorAs(t, err, &later)
				var failed *component.Error
				require.ErrorAs(t, later.Err, &failed)
				assert.Equal(t, tt.errIs, failed.Name)
				return
			}
			require.NoError(t, err)
			require.Len(t, out.bodies, 1)
			var versions struct{ Versions []json.RawMessage }
			require.NoError(t, json.Unmarshal(l.run(t, "ListSecretVersionIds", `{"SecretId":"s","IncludeDeprecated":true}`), &versions))
			assert.Len(t, versions.Versions, 2)
		})
	}
}

func TestEmitFailureIsReturned(t *testing.T) {
	l := newLocal(t)
	lost := errors.New("broker is gone")
	out := &recorder{refuse: lost, bodies: []json.RawMessage{nil}}
	err := newHandler(t, Specs(testOptions), "GetRandomPassword", l.deps("")).Handle(t.Context(), newRequest(`{}`), out)
	require.ErrorIs(t, err, lost)
}

func TestRole(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/reader"
	e := emulator.New(emulator.Options{
		Credentials: map[string]emulator.Credential{testKeyID: {SecretKey: component.NewSecret(testSecret)}},
		Roles:       map[string]emulator.Role{role: {ExternalID: "customer-1"}},
	})
	server := httptest.NewServer(e)
	defer server.Close()
	l := local{e, server.URL}
	l.run(t, "CreateSecret", `{"Name":"s","SecretString":"v"}`)
	e.Deny(testKeyID, "*") // what follows works with the role alone

	get := func(fields string, messages int) error {
		h := newHandler(t, Specs(testOptions), "GetSecretValue", l.deps(fields))
		for range messages {
			if err := h.Handle(t.Context(), newRequest(`{"SecretId":"s"}`), new(recorder)); err != nil {
				return err
			}
		}
		return nil
	}
	require.NoError(t, get(`"roleArn":"`+role+`","externalId":"customer-1"`, 3))
	assert.Equal(t, 1, e.Calls()["AssumeRole"], "once for the step")

	err := get(`"roleArn":"`+role+`","externalId":"someone-else"`, 1)
	var failed *component.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, component.InvalidCredentials, failed.Name)
	assert.Contains(t, failed.Message, role+" cannot be assumed")
	assert.NotContains(t, strings.ToLower(failed.Message), "planted")
}
