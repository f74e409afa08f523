package schemas

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	version  = "11111111-1111-1111-1111-111111111111"
	fiftyOne = 51
)

func TestInputRules(t *testing.T) {
	tags, err := json.Marshal(make([]struct{}, fiftyOne))
	require.NoError(t, err)
	cases := []struct{ name, function, body, want string }{
		{"required", "GetSecretValue", `{}`, `body.SecretId ("Secret name or ARN"): is missing – map a value`},
		{"unknown, with the nearest", "GetSecretValue", `{"SecretId":"a","VersionID":"x"}`, `body.VersionID: is an unknown property – did you mean VersionId ("Version ID")?`},
		{"a member of another action", "GetSecretValue", `{"SecretId":"a","SecretString":"s3cret"}`, "body: has an unknown property (given: a name of 12 characters, not one of Refresh, SecretId, VersionId, VersionStage)"},
		{"text and binary, create", "CreateSecret", `{"Name":"a","SecretString":"a","SecretBinary":"AA=="}`, `body: SecretString ("Secret text") and SecretBinary ("Secret binary (base64)") are mutually exclusive: give one of them`},
		{"neither, create", "CreateSecret", `{"Name":"a"}`, ""},
		{"text and binary, put", "PutSecretValue", `{"SecretId":"a","SecretString":"a","SecretBinary":"AA=="}`, `body: SecretString ("Secret text") and SecretBinary ("Secret binary (base64)") are mutually exclusive: give one of them`},
		{"neither, put", "PutSecretValue", `{"SecretId":"a"}`, `body: one of SecretString ("Secret text"), SecretBinary ("Secret binary (base64)"), Secret ("Secret object") is required`},
		{"text and object, put", "PutSecretValue", `{"SecretId":"a","SecretString":"a","Secret":{}}`, `body: SecretString ("Secret text") and Secret ("Secret object") are mutually exclusive: give one of them`},
		{"text and binary, update", "UpdateSecret", `{"SecretId":"a","SecretString":"a","SecretBinary":"AA=="}`, `body: SecretString ("Secret text") and SecretBinary ("Secret binary (base64)") are mutually exclusive: give one of them`},
		{"neither, update", "UpdateSecret", `{"SecretId":"a"}`, ""},
		{"names and filters", "BatchGetSecretValue", `{"SecretIdList":["a"],"Filters":[]}`, `body: SecretIdList ("Secrets") and Filters are mutually exclusive: give one of them`},
		{"neither names nor filters", "BatchGetSecretValue", `{}`, `body: one of SecretIdList ("Secrets"), Filters is required`},
		{"page size without filters", "BatchGetSecretValue", `{"SecretIdList":["a"],"MaxResults":"5"}`, `body: MaxResults ("Page size") needs Filters as well`},
		{"page size with filters", "BatchGetSecretValue", `{"Filters":[{"Key":"name","Values":["a"]}],"MaxResults":"5"}`, ""},
		{"window and at once", "DeleteSecret", `{"SecretId":"a","RecoveryWindowInDays":7,"ForceDeleteWithoutRecovery":"true"}`,
			`body: RecoveryWindowInDays ("Recovery window (days)") and ForceDeleteWithoutRecovery ("Delete without recovery") = true are mutually exclusive: give one of them`},
		{"window and not at once", "DeleteSecret", `{"SecretId":"a","RecoveryWindowInDays":"30","ForceDeleteWithoutRecovery":false}`, ""},
		{"days and schedule", "RotateSecret", `{"SecretId":"a","RotationRules":{"AutomaticallyAfterDays":1,"ScheduleExpression":"rate(10 days)"}}`,
			`body.RotationRules ("Rotation schedule"): AutomaticallyAfterDays ("Rotation interval (days)") and ScheduleExpression ("Schedule expression") are mutually exclusive: give one of them`},
		{"window of a schedule", "RotateSecret", `{"SecretId":"a","RotationRules":{"Duration":"3h","ScheduleExpression":"cron(0 16 1,15 * ? *)"}}`, ""},
		{"label from nowhere to nowhere", "UpdateSecretVersionStage", `{"SecretId":"a","VersionStage":"x"}`, `body: at least one of RemoveFromVersionId ("Remove from version ID"), MoveToVersionId ("Move to version ID") is required`},
		{"label from here to there", "UpdateSecretVersionStage", `{"SecretId":"a","VersionStage":"x","RemoveFromVersionId":"` + version + `","MoveToVersionId":"` + version + `"}`, ""},
		{"too many tags", "TagResource", `{"SecretId":"a","Tags":` + string(tags) + `}`, "body.Tags: must have at most 50 entries (given: a list of 51 entries)"},
		{"tag of AWS", "CreateSecret", `{"Name":"a","Tags":[{"Key":"team","Value":""},{"Key":"aws:x"}]}`, `body.Tags[1].Key: must not begin with aws: (given: a string of 5 characters)`},
		{"replica without a key", "CreateSecret", `{"Name":"a","CrossAccountPrimaryARN":"arn:aws:secretsmanager:eu-central-1:210987654321:secret:a-AbCdEf"}`,
			`body: CrossAccountPrimaryARN ("Primary secret of another account") needs KmsKeyId ("KMS key") as well`},
		{"replica with a key", "CreateSecret", `{"Name":"a","KmsKeyId":"alias/a","CrossAccountPrimaryARN":"arn:aws:secretsmanager:eu-central-1:210987654321:secret:a-AbCdEf"}`, ""},
		{"organization by an odd name", "AssociateCrossAccountReplica", `{"SecretId":"a","CrossAccountReplicaARN":"arn:aws:secretsmanager:eu-central-1:210987654321:secret:a-AbCdEf","ReplicaRestriction":"sameorg"}`,
			`body.ReplicaRestriction ("Replica's organization"): must be one of SameOrg, NoRestriction (given: a string of 7 characters)`},
		{"policy as a number", "PutResourcePolicy", `{"SecretId":"a","ResourcePolicy":7}`, `body.ResourcePolicy ("Resource policy"): must be a string (given: a number) – make text of it with $string(…)`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in, _, err := Load(c.function)
			require.NoError(t, err)
			_, err = in.Check(json.RawMessage(c.body))
			if c.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, c.want)
		})
	}
}

func TestOutputForms(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AbCdEf"
	cases := []struct{ name, function, body, want string }{
		{"page of versions", "ListSecretVersionIds", `{"ARN":"` + arn + `","Name":"a","Versions":[{"VersionId":"` + version + `","KmsKeyIds":["DefaultEncryptionKey"]}],"NextToken":"x"}`, ""},
		{"single version", "ListSecretVersionIds", `{"ARN":"` + arn + `","Name":"a","VersionId":"` + version + `","VersionStages":["AWSCURRENT"],"CreatedDate":"2030-01-31T12:00:00.000Z"}`, ""},
		{"page of policies", "ListResourcePolicies", `{"ResourcePolicies":[{"PolicyName":"default"}],"NextToken":"x"}`, ""},
		{"single policy", "ListResourcePolicies", `{"PolicyName":"default"}`, ""},
		{"page of secrets", "ListSecrets", `{"SecretList":[{"ARN":"` + arn + `","Name":"a","SecretVersionsToStages":{"` + version + `":["AWSCURRENT"]}}]}`, ""},
		{"single secret", "ListSecrets", `{"ARN":"` + arn + `","Name":"a","Tags":[{"Key":"aws:owner","Value":""}],"RotationRules":{"AutomaticallyAfterDays":1,"ScheduleExpression":"rate(1 days)"}}`, ""},
		{"page of values", "BatchGetSecretValue", `{"SecretValues":[{"Name":"a","SecretBinary":"AA=="}],"Errors":[{"SecretId":"b","ErrorCode":"ResourceNotFoundException","Message":""}]}`, ""},
		{"single value", "BatchGetSecretValue", `{"ARN":"` + arn + `","Name":"a","SecretString":"s","VersionId":"` + version + `"}`, ""},
		{"no content", "TagResource", `{}`, ""},
		{"content where none is", "UntagResource", `{"ARN":"` + arn + `"}`, "body: has an unknown property (given: a name of 3 characters)"},
		{"newer than the model", "GetResourcePolicy", `{"Name":"a","Colour":"s3cret"}`, "body: has an unknown property (given: a name of 6 characters, not one of ARN, Name, PolicyName, ResourcePolicy)"},
		{"seconds since 1970", "GetSecretValue", `{"CreatedDate":1.5e9}`, `body.CreatedDate ("Created"): must be a string (given: a number) – make text of it with $string(…)`},
		{"version by an odd name", "DescribeSecret", `{"VersionIdsToStages":{"x":["AWSCURRENT"]}}`, `body.VersionIdsToStages{} ("Versions and their staging labels"): must have a name that matches the pattern ^.{32,64}$`},
		{"secret of the wrong kind", "GetSecretValue", `{"SecretString":{"s3cret":"s3cret"}}`, `body.SecretString ("Secret text"): must be a string (given: an object)`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, out, err := Load(c.function)
			require.NoError(t, err)
			_, err = out.Check(json.RawMessage(c.body))
			if c.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, c.want)
			assert.NotContains(t, err.Error(), "s3cret")
		})
	}
}
