package main

import (
	"encoding/json"
	"os"
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
	c := component{Triggers: ordered[*function]{{Name: "startFlow"}}, Actions: ordered[*function]{{Name: "GetSecretValue"}}}
	got, err := updateReadme([]byte("# Title\n"+begin+"old\n"+end+"end\n"), c)
	require.NoError(t, err)
	assert.Equal(t, "# Title\n"+begin+
		"[startFlow](docs/actions.md#startflow),\n[GetSecretValue](docs/actions.md#getsecretvalue).\n"+end+"end\n", string(got))

	for name, readme := range map[string]string{"no marks": "# Title\n", "no end": begin, "wrong order": end + begin} {
		t.Run(name, func(t *testing.T) {
			_, err := updateReadme([]byte(readme), c)
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
