package schemas

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/apimodel"
)

var (
	rotationIn  = map[string][]string{"GetSecretValue.in": {"SecretId"}}
	rotationOut = map[string][]string{"PutSecretValue.out": {"ARN", "Name", "VersionId"}}
)

// composed are the functions that AWS does not have: for each of their files the
// members that an operation has as well, with its limits, and the members of ours.
var composed = map[string]struct {
	borrowed map[string][]string // from the file of an operation, "*" for all
	own      []string
}{
	"AbortRotation.in":  {rotationIn, []string{"VersionId"}},
	"AbortRotation.out": {borrowed: rotationOut},
	"BeginRotation.in": {map[string][]string{
		"GetSecretValue.in":    {"SecretId"},
		"PutSecretValue.in":    {"SecretString", "SecretBinary"},
		"GetRandomPassword.in": {"*"},
	}, []string{"Key", "Set"}},
	"BeginRotation.out": {map[string][]string{
		"GetSecretValue.out": {"ARN", "Name", "VersionId", "SecretString", "SecretBinary", "Secret"},
	}, []string{"CurrentVersionId"}},
	"FinishRotation.in":  {rotationIn, []string{"VersionId"}},
	"FinishRotation.out": {borrowed: rotationOut},
	"LookupSecret.in":    {borrowed: map[string][]string{"GetSecretValue.in": {"SecretId", "VersionStage"}}},
	"LookupSecret.out": {borrowed: map[string][]string{
		"DescribeSecret.out": {"*"},
		"GetSecretValue.out": {"SecretString", "SecretBinary", "Secret", "VersionId", "VersionStages"},
	}},
	"SetSecretKeys.in": {map[string][]string{"PutSecretValue.in": {"SecretId"}}, []string{"Set", "Remove"}},
	"UpsertSecret.in": {borrowed: map[string][]string{
		"CreateSecret.in":   {"Name", "Description", "KmsKeyId", "Tags"},
		"PutSecretValue.in": {"SecretString", "SecretBinary", "Secret"},
	}},
	"UpsertSecret.out":   {map[string][]string{"PutSecretValue.out": {"ARN", "Name", "VersionId"}}, []string{"Created", "Changed"}},
	"MakeRawRequest.in":  {own: []string{"Operation", "Body"}},
	"MakeRawRequest.out": {}, // anything
	"SetSecretKeys.out":  {map[string][]string{"PutSecretValue.out": {"ARN", "Name", "VersionId"}}, []string{"Changed"}},
}

// composedFunctions are their names, each once.
func composedFunctions() (names []string) {
	for file := range composed {
		if name, ok := strings.CutSuffix(file, ".in"); ok {
			names = append(names, name)
		}
	}
	return names
}

func TestComposedFunctionsBorrowFromTheAPI(t *testing.T) {
	operations := model(t)
	for file, members := range composed {
		t.Run(file, func(t *testing.T) {
			got, _ := document(t, file)["properties"].(node)
			names := slices.Clone(members.own)
			for from, borrowed := range members.borrowed {
				whole := expected(t, from, shapeOf(operations, from))["properties"].(node)
				if slices.Equal(borrowed, []string{"*"}) {
					borrowed = slices.Collect(maps.Keys(whole))
				}
				for _, name := range borrowed {
					names = append(names, name)
					require.Contains(t, got, name)
					assert.Empty(t, differences(file+"/properties/"+name, whole[name], got[name]))
				}
			}
			assert.ElementsMatch(t, names, slices.Collect(maps.Keys(got)))
		})
	}
}

// shapeOf is what the model says of a file such as PutSecretValue.in.
func shapeOf(operations map[string]apimodel.Operation, file string) *member {
	if name, ok := strings.CutSuffix(file, ".out"); ok {
		return operations[name].Output
	}
	return operations[strings.TrimSuffix(file, ".in")].Input
}
