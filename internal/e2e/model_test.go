package e2e

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// member is the API model of a member; see its test data.
type member struct {
	Type      string            `json:"type"`
	Required  bool              `json:"required"`
	Sensitive bool              `json:"sensitive"`
	Max       int               `json:"max"`
	Pattern   string            `json:"pattern"`
	Enum      []string          `json:"enum"`
	Members   map[string]member `json:"members"`
	Member    *member           `json:"member"`
}

// model returns the inputs of all operations.
func model(t *testing.T) map[string]member {
	t.Helper()
	raw, err := os.ReadFile("../awsapi/testdata/secretsmanager-api.json")
	require.NoError(t, err)
	var api struct {
		Operations map[string]struct {
			Input member `json:"input"`
		} `json:"operations"`
	}
	require.NoError(t, json.Unmarshal(raw, &api))
	inputs := map[string]member{}
	for name, operation := range api.Operations {
		inputs[name] = operation.Input
	}
	return inputs
}
