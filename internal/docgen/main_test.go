package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/schemas"
)

const outdated = "run go generate ./internal/docgen"

func read(t *testing.T) component {
	t.Helper()
	c, err := readComponent(connector.Descriptor, schemas.FS)
	require.NoError(t, err)
	return c
}

func TestReferenceIsUpToDate(t *testing.T) {
	want, err := render("actions.md.tmpl", read(t))
	require.NoError(t, err)
	got, err := os.ReadFile(referenceFile)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), outdated)
}

func TestReadmeIsUpToDate(t *testing.T) {
	got, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	want, err := updateReadme(got, read(t))
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), outdated)
}

func TestUpdateReadme(t *testing.T) {
	c := component{
		Triggers: ordered[*function]{{"startFlow", &function{Title: "Start flow"}}},
		Actions: ordered[*function]{
			{"ListSecrets", &function{Title: "List secrets", Order: 1, Fields: ordered[field]{{Name: "emitBehaviour"}}}},
			{"GetSecretValue", &function{Title: "Get secret value", Order: 2, IsOperation: true, Out: node{Format: "password"}}},
		},
	}
	c.Triggers[0].Value.Help.Description = "Starts."
	c.Actions[0].Value.Help.Description = "Lists."
	c.Actions[1].Value.Help.Description = "Reads a value. Twice."
	var readme string
	for _, part := range readmeParts {
		begin, end := marks(part)
		readme += string(begin) + "old\n" + string(end)
	}
	got, err := updateReadme([]byte("# Title\n"+readme+"end\n"), c)
	require.NoError(t, err)
	assert.NotContains(t, string(got), "old")
	assert.Contains(t, string(got), "# Title\n<!-- matrix:begin -->\n"+
		"| function | what it does | operation of AWS | page, all, or one by one | emits secret values |\n"+
		"| --- | --- | --- | --- | --- |\n"+
		"| [startFlow](docs/actions.md#startflow) | Starts. |  |  |  |\n"+
		"| [GetSecretValue](docs/actions.md#getsecretvalue) | Reads a value. | ✓ |  | ✓ |\n"+
		"| [ListSecrets](docs/actions.md#listsecrets) | Lists. |  | ✓ |  |\n"+
		"<!-- matrix:end -->\n", "only what some function supports has a column")

	begin, end := marks("matrix")
	for name, broken := range map[string]string{
		"no marks":    "# Title\n",
		"no end":      strings.Replace(readme, string(end), "", 1),
		"wrong order": strings.Replace(readme, string(begin), "", 1) + string(begin),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := updateReadme([]byte(broken), c)
			assert.Error(t, err)
		})
	}
}

func TestOrdered(t *testing.T) {
	var o ordered[int]
	require.NoError(t, json.Unmarshal([]byte(`{"b": 1, "a": 2, "c": 3}`), &o))
	assert.Equal(t, ordered[int]{{"b", 1}, {"a", 2}, {"c", 3}}, o)
	for _, text := range []string{`{"a":"x"}`, `[1]`, `{"\u0061":1}`} {
		assert.Error(t, json.Unmarshal([]byte(text), new(ordered[int])), text)
	}
}
