package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
)

const (
	fixturesFile = "../../test/fixture.json"
	seedFile     = "../../test/seed.json"
)

// needsMore are the functions that cannot succeed in a world that has the
// seed's secrets and no history, and the fixture that succeeds after another.
var needsMore = map[string]struct{ why, fixture string }{
	"CancelRotateSecret":              {"only what rotates can be stopped", "rotated"},
	"DisassociateCrossAccountReplica": {"a seed has no replicas", "linked"},
	"FinishRotation":                  {"a seed has no pending version", "pending"},
	"RemoveRegionsFromReplication":    {"a seed has no replicas", "replicated"},
	"StopReplicationToReplica":        {"a seed has no replicas", "replicated"},
	"UpdateSecretVersionStage":        {"a seed has no version with a known id", "known-version"},
}

func functions(t *testing.T) []string {
	t.Helper()
	var d struct{ Triggers, Actions map[string]any }
	require.NoError(t, json.Unmarshal(connector.Descriptor, &d))
	names := slices.AppendSeq(slices.Collect(maps.Keys(d.Triggers)), maps.Keys(d.Actions))
	slices.Sort(names)
	return names
}

func fixtures(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile(fixturesFile)
	require.NoError(t, err)
	var file struct{ Fixtures map[string]any }
	require.NoError(t, json.Unmarshal(raw, &file))
	return slices.Sorted(maps.Keys(file.Fixtures))
}

// TestFixturesNameFunctions: a typing error in a name would hide a fixture.
func TestFixturesNameFunctions(t *testing.T) {
	for _, name := range fixtures(t) {
		if function, _, ok := strings.Cut(name, ":"); ok {
			assert.Contains(t, functions(t), function, "fixture %s", name)
		}
	}
}

// TestFixturesSucceed: `process --fixture success` works for every function,
// but for those that need more.
func TestFixturesSucceed(t *testing.T) {
	require.NotEmpty(t, functions(t))
	for _, function := range functions(t) {
		t.Run(function, func(t *testing.T) {
			got := call(t.Context(), "process", "--function", function, "--fixture", "success",
				"--fixtures", fixturesFile, "--seed", seedFile, "--json")
			more, needs := needsMore[function]
			if needs {
				assert.Equal(t, 1, got.status, "it succeeds: strike it off the list that says %q", more.why)
				assert.NotContains(t, fixtures(t), function+":success")
				assert.Contains(t, fixtures(t), function+":"+more.fixture)
				return
			}
			assert.Equal(t, 0, got.status, got.stdout+got.stderr)
			assert.Contains(t, got.stdout, `"emit":"data"`)
			assert.Empty(t, got.stderr)
		})
	}
}

// TestFixturesWithHistory runs the others one after the other, against one
// emulator that remembers.
func TestFixturesWithHistory(t *testing.T) {
	url, stop := serveEmulator(t, "--seed", seedFile)
	succeeded := map[string]bool{}
	for _, run := range []struct{ function, fixture, region string }{
		{"PutSecretValue", "known-version", "us-east-1"},
		{"UpdateSecretVersionStage", "known-version", "us-east-1"},
		{"AssociateCrossAccountReplica", "success", "us-east-1"},
		{"DisassociateCrossAccountReplica", "linked", "us-east-1"},
		{"PutSecretValue", "pending", "us-east-1"},
		{"FinishRotation", "pending", "us-east-1"},
		{"RotateSecret", "success", "us-east-1"},
		{"CancelRotateSecret", "rotated", "us-east-1"},
		{"ReplicateSecretToRegions", "success", "us-east-1"},
		{"RemoveRegionsFromReplication", "replicated", "us-east-1"},
		{"ReplicateSecretToRegions", "success", "us-east-1"},
		{"StopReplicationToReplica", "replicated", "eu-west-1"},
	} {
		cfg, err := json.Marshal(map[string]string{
			"accessKeyId": "AKIALOCAL", "accessKeySecret": "local", "region": run.region, "endpoint": url,
		})
		require.NoError(t, err)
		got := call(t.Context(), "process", "--aws", "--function", run.function, "--fixture", run.fixture,
			"--fixtures", fixturesFile, "--cfg", string(cfg), "--json")
		require.Equal(t, 0, got.status, "%s: %s%s", run.function, got.stdout, got.stderr)
		succeeded[run.function+":"+run.fixture] = true
	}
	for function, more := range needsMore {
		assert.True(t, succeeded[function+":"+more.fixture], "%s:%s was not tried", function, more.fixture)
	}
	assert.Equal(t, result{}, stop())
}
