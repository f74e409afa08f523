package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// post sends a request as an SDK does and returns the error's code, "" for none.
func post(t *testing.T, e *Emulator, operation, body string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", jsonType)
	r.Header.Set("X-Amz-Target", targetPrefix+operation)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=K/20250314/us-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=00")
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, r)
	if rec.Code == http.StatusOK {
		return ""
	}
	var failed map[string]string
	require.NoError(t, json.NewDecoder(rec.Body).Decode(&failed))
	return failed["__type"]
}

func TestStoredBytesAreBounded(t *testing.T) {
	e := New(Options{})
	e.service.mostStored = 1 << 20
	require.NoError(t, e.Seed(strings.NewReader(`{"secrets": [{"name": "seeded", "secretString": "`+strings.Repeat("x", maxValue)+`"}]}`)))
	sent := 0
	value := func() string {
		sent++
		return fmt.Sprintf(`"ClientRequestToken": "00000000-0000-4000-8000-%012d", "SecretString": "%s"`, sent, strings.Repeat("x", maxValue))
	}
	create := func() string { return post(t, e, "CreateSecret", `{`+value()+fmt.Sprintf(`, "Name": "s%d"}`, sent)) }
	put := func() string { return post(t, e, "PutSecretValue", `{"SecretId": "seeded", `+value()+`}`) }
	fill := func(write func() string) (n int) {
		for code := write(); code == ""; code = write() {
			n++
			require.Less(t, n, 20, "it has no end")
		}
		return n
	}
	remove := func(name string) {
		require.Empty(t, post(t, e, "DeleteSecret", `{"SecretId": "`+name+`", "ForceDeleteWithoutRecovery": true}`))
	}

	require.Equal(t, 14, fill(create), "of 64 KiB and something, beside the seed")
	require.Equal(t, "LimitExceededException", create())
	remove("s1")
	require.Equal(t, 1, fill(create), "what was deleted makes room")
	remove("s2")
	require.Equal(t, 1, fill(put), "versions count")
	require.NoError(t, e.Reset())
	require.Equal(t, 14, fill(create), "nothing is left after a reset")
}

func TestNothingMoreIsStored(t *testing.T) {
	e := New(Options{})
	require.NoError(t, e.Seed(strings.NewReader(`{"secrets": [{"name": "a", "secretString": "x"}]}`)))
	e.service.mostStored = 0
	const token = `"ClientRequestToken": "00000000-0000-4000-8000-000000000001"`
	for operation, body := range map[string]string{
		"AssociateCrossAccountReplica": `{"SecretId": "a", "CrossAccountReplicaARN": "arn:aws:secretsmanager:us-east-1:210987654321:secret:a-AbCdEf"}`,
		"CreateSecret":                 `{"Name": "b"}`,
		"PutResourcePolicy":            `{"SecretId": "a", "ResourcePolicy": "{}"}`,
		"PutSecretValue":               `{"SecretId": "a", "SecretString": "y", ` + token + `}`,
		"ReplicateSecretToRegions":     `{"SecretId": "a", "AddReplicaRegions": [{"Region": "eu-west-1"}]}`,
		"RotateSecret":                 `{"SecretId": "a", ` + token + `}`,
		"TagResource":                  `{"SecretId": "a", "Tags": [{"Key": "k"}]}`,
		"UpdateSecret":                 `{"SecretId": "a", "Description": "d"}`,
	} {
		assert.Equal(t, "LimitExceededException", post(t, e, operation, body), operation)
	}
	for operation, body := range map[string]string{
		"GetSecretValue": `{"SecretId": "a"}`, "ListSecrets": `{}`, "UntagResource": `{"SecretId": "a", "TagKeys": ["k"]}`,
		"DeleteResourcePolicy": `{"SecretId": "a"}`, "DeleteSecret": `{"SecretId": "a"}`, "RestoreSecret": `{"SecretId": "a"}`,
	} {
		assert.Empty(t, post(t, e, operation, body), operation)
	}
}

func TestAssociationsCount(t *testing.T) {
	e := New(Options{})
	require.NoError(t, e.Seed(strings.NewReader(`{"secrets": [{"name": "a", "secretString": "x"}]}`)))
	sec := e.service.secrets[location{"us-east-1", "a"}]
	before := sec.size()
	arn := "arn:aws:secretsmanager:us-east-1:210987654321:secret:" + strings.Repeat("a", 500) + "-AbCdEf"
	role := "arn:aws:iam::123456789012:role/" + strings.Repeat("r", 1000)
	associate := fmt.Sprintf(`{"SecretId": "a", "CrossAccountReplicaARN": %q, "ReplicationRoleARN": %q}`, arn, role)
	require.Empty(t, post(t, e, "AssociateCrossAccountReplica", associate))
	require.Equal(t, before+len(arn)+len(role), sec.size())
	require.Empty(t, post(t, e, "CreateSecret", fmt.Sprintf(`{"Name": "b", "KmsKeyId": "k", "CrossAccountPrimaryARN": %q}`, arn)))
	require.Equal(t, overhead+len(arn), e.service.secrets[location{"us-east-1", "b"}].size())
}

func TestFaultsAreBounded(t *testing.T) {
	e := New(Options{})
	for range maxFaults {
		require.NoError(t, e.Inject(Fault{Kind: Throttle}))
	}
	require.ErrorContains(t, e.Inject(Fault{Kind: Throttle}), "1000 faults")
	require.NoError(t, e.Reset())
	require.NoError(t, e.Inject(Fault{Kind: Throttle}))
}
