package emulator

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// modelled is a shape in the words of the API's model.
type modelled struct {
	Type      string              `json:"type"`
	Required  bool                `json:"required"`
	Sensitive bool                `json:"sensitive"`
	Min       int                 `json:"min"`
	Max       int                 `json:"max"`
	Pattern   string              `json:"pattern"`
	Enum      []string            `json:"enum"`
	Members   map[string]modelled `json:"members"`
	Member    *modelled           `json:"member"`
}

// TestShapesAreTheModels shows when the API changes, or a limit is mistyped.
func TestShapesAreTheModels(t *testing.T) {
	b, err := os.ReadFile("../awsapi/testdata/secretsmanager-api.json")
	require.NoError(t, err)
	var model struct {
		Operations map[string]struct{ Input modelled }
	}
	require.NoError(t, json.Unmarshal(b, &model))

	operations := New(Options{}).operations
	require.ElementsMatch(t, sortedKeys(model.Operations), sortedKeys(operations))
	for name, op := range operations {
		t.Run(name, func(t *testing.T) { compareShape(t, model.Operations[name].Input, op.input, "") })
	}
}

func compareShape(t *testing.T, want modelled, have shape, path string) {
	t.Helper()
	kinds := map[string]kind{
		"structure": object, "list": list, "string": text, "blob": blob,
		"integer": number, "long": number, "boolean": flag,
	}
	assert.Equal(t, kinds[want.Type], have.kind, "kind of %s", path)
	assert.Equal(t, want.Required, have.required, "required %s", path)
	assert.Equal(t, want.Sensitive, have.secret, "sensitive %s", path)
	assert.Equal(t, want.Min, have.min, "minimum of %s", path)
	assert.Equal(t, want.Max, have.max, "maximum of %s", path)
	assert.Equal(t, want.Pattern, have.source, "pattern of %s", path)
	assert.Equal(t, want.Enum, slices.Clone(have.enum), "values of %s", path)
	if want.Member != nil && assert.NotNil(t, have.element, "element of %s", path) {
		compareShape(t, *want.Member, *have.element, path+"[]")
	}
	if assert.ElementsMatch(t, sortedKeys(want.Members), sortedKeys(have.members), "members of %s", path) {
		for name, member := range want.Members {
			compareShape(t, member, have.members[name], path+"."+name)
		}
	}
}
