package docgen

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReferenceIsUpToDate(t *testing.T) {
	want, err := Reference()
	require.NoError(t, err)
	got, err := os.ReadFile("../../docs/actions.md")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "run go generate ./internal/docgen")
}

func TestReferenceTells(t *testing.T) {
	text, err := Reference()
	require.NoError(t, err)
	for _, line := range []string{
		"| [CreateSecret](#createsecret) | Creates a secret, with or without a first value. | `secretsmanager:CreateSecret`; with tags `secretsmanager:TagResource`;",
		"\n### CreateSecret\n\n**Create secret.** Creates a secret, with or without a first value.\n",
		"| `Name` | string | yes | 1 to 512 characters | ",
		"| `SecretBinary` | base64 |  | secret, 1 to 65,536 bytes | ",
		"| `Tags` | list of objects |  | at most 50 entries | ",
		"| `Tags[].Key` | string |  | 1 to 128 characters, not `^aws:` | ",
		"| `AddReplicaRegions` | list of objects |  | at least 1 entry | ",
		"| `SecretIdList` | list of strings |  | 1 to 20 entries, each 1 to 2,048 characters | ",
		"| `VersionIdsToStages` | map to list of strings |  | names `^.{32,64}$` | ",
		"| `RecoveryWindowInDays` | number |  | 7 to 30 | ",
		"| `SortOrder` | string |  | `asc` `desc` | ",
		"\n- `SecretString` and `SecretBinary` are mutually exclusive.\n",
		"\n- Exactly one of `SecretIdList`, `Filters` is required.\n- `MaxResults` needs `Filters` as well.\n",
		"\n- `RecoveryWindowInDays` and `ForceDeleteWithoutRecovery` (`true`) are mutually exclusive.\n",
		"\n- At least one of `RemoveFromVersionId`, `MoveToVersionId` is required.\n",
		"\n- In `RotationRules`: `AutomaticallyAfterDays` and `ScheduleExpression` are mutually exclusive.\n",
		"\n- `emitPage`: One message for each page\n",
		"\n### startFlow\n",
	} {
		assert.Contains(t, string(text), line)
	}
}

func TestReadmeTable(t *testing.T) {
	text, err := ReadmeTable()
	require.NoError(t, err)
	assert.Equal(t, 2+24, strings.Count(text, "\n"))
	assert.Contains(t, text, "| [GetSecretValue](docs/actions.md#getsecretvalue) | Reads the value of a secret: the current version or another one. |"+
		" `secretsmanager:GetSecretValue`; `kms:Decrypt` when the key is customer-managed |\n")
}

func TestUpdateReadme(t *testing.T) {
	text, err := ReadmeTable()
	require.NoError(t, err)
	got, err := UpdateReadme([]byte("# Title\n" + Begin + "\nold\n" + End + "\nend\n"))
	require.NoError(t, err)
	assert.Equal(t, "# Title\n"+Begin+"\n"+text+End+"\nend\n", string(got))
	again, err := UpdateReadme(got)
	require.NoError(t, err)
	assert.Equal(t, string(got), string(again))

	for name, readme := range map[string]string{"no marks": "# Title\n", "no end": Begin + "\n", "wrong order": End + "\n" + Begin + "\n"} {
		t.Run(name, func(t *testing.T) {
			_, err := UpdateReadme([]byte(readme))
			assert.Error(t, err)
		})
	}
}

func TestOrderedKeepsTheFilesOrder(t *testing.T) {
	var o ordered[int]
	require.NoError(t, o.UnmarshalJSON([]byte(`{"b":1,"a":2,"c":3}`)))
	assert.Equal(t, []string{"b", "a", "c"}, o.names)
	assert.Equal(t, 2, o.values["a"])
	for _, text := range []string{``, `{"a":"x"}`, `{"a"`} {
		assert.Error(t, o.UnmarshalJSON([]byte(text)), text)
	}
}

func TestReadmeIsUpToDate(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	want, err := UpdateReadme(readme)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(readme), "run go generate ./internal/docgen")
}
