package connector

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mayImport says which of our packages each of them may import: one way only,
// and the runtime knows nothing of the connector that stands on it.
var mayImport = map[string][]string{
	".":                        {},
	"schemas":                  {"internal/schema"},
	"internal/rawjson":         {},
	"internal/secretjson":      {"internal/rawjson"},
	"internal/httpfault":       {},
	"internal/batchconn":       {},
	"internal/component":       {},
	"internal/cache":           {"internal/component"},
	"internal/schema":          {"internal/rawjson", "internal/schema/fastpath"},
	"internal/schema/fastpath": {"internal/rawjson"},
	"internal/bunyan":          {"internal/component"},
	"internal/settings":        {"internal/component"},
	"internal/broker":          {"internal/batchconn", "internal/component"},
	"internal/envelope":        {"internal/component", "internal/rawjson"},
	"internal/idempotency":     {"internal/component"},
	"internal/httpretry":       {"internal/component", "internal/httpfault"},
	"internal/platform":        {"internal/component", "internal/httpretry"},
	"internal/maester":         {"internal/component", "internal/httpretry"},
	"internal/awsapi":          {"internal/component", "internal/httpfault", "internal/iampolicy", "internal/loopback", "internal/smclient"},
	"internal/smclient":        {},
	"internal/apimodel":        {},
	"internal/iampolicy":       {},
	"internal/loopback":        {},
	"internal/emulator":        {"internal/apimodel", "internal/component", "internal/loopback", "internal/rawjson"},
	"internal/sailor": {
		"internal/component", "internal/broker", "internal/envelope", "internal/httpretry", "internal/idempotency",
		"internal/maester", "internal/platform", "internal/rawjson", "internal/schema", "internal/settings",
	},
	"actions":  {"internal/component", "internal/awsapi", "internal/cache", "internal/rawjson", "internal/secretjson", "schemas"},
	"triggers": {"actions", "internal/component", "internal/awsapi", "schemas"},
	"internal/fake": {
		"internal/component", "internal/broker", "internal/emulator", "internal/envelope", "internal/settings",
	},
	"internal/componentjson": {"internal/component", "internal/schema"},
	"internal/terminal":      {},
	"internal/service":       {"internal/component", "internal/httpretry", "internal/settings"},
	"internal/demo": {
		"internal/component", "internal/broker", "internal/sailor", "internal/settings", "internal/fake", "internal/terminal",
	},
	"internal/workbench": {
		"internal/broker", "internal/component", "internal/demo", "internal/emulator", "internal/fake", "internal/loopback",
		"internal/sailor", "internal/schema", "internal/service", "internal/settings", "internal/terminal",
	},
	"internal/cli": {
		".", "actions", "triggers", "schemas", "internal/awsapi", "internal/broker", "internal/bunyan", "internal/component",
		"internal/componentjson", "internal/demo", "internal/emulator", "internal/envelope", "internal/httpfault", "internal/iampolicy", "internal/sailor", "internal/schema",
		"internal/service", "internal/settings", "internal/fake", "internal/loopback", "internal/terminal", "internal/workbench",
	},
	"cmd/component":                   {"internal/cli", "internal/schema"},
	"internal/docgen":                 {".", "internal/apimodel", "internal/iampolicy", "internal/rawjson", "internal/secretjson", "schemas"},
	"internal/ocilayout":              {"."},
	"internal/testkit":                {"internal/broker", "internal/component", "internal/testkit/rabbitmq"},
	"internal/testkit/rabbitmq":       {"internal/component"},
	"internal/testkit/cmd/withrabbit": {"internal/testkit/rabbitmq"},
	"internal/bench": {
		"internal/broker", "internal/component", "internal/envelope", "internal/fake", "internal/testkit/rabbitmq",
	},
	"internal/clients":        {"internal/component", "internal/emulator", "internal/fake"},
	"internal/clients/story":  {},
	"internal/bench/aws":      {},
	"internal/bench/barecall": {"internal/awsapi", "internal/batchconn", "internal/component", "internal/envelope"},
	"internal/bench/relay":    {},
	// Of tests alone; its other file says what they are for.
	"internal/e2e":     {},
	"internal/faults":  {},
	"internal/interop": {},
}

const module = "aws-secrets-manager-connector"

// TestImports reads the imports of all files that are not tests.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		pkg := path.Dir(filepath.ToSlash(file))
		seen[pkg] = true
		allowed, known := mayImport[pkg]
		assert.True(t, known, "%s is a new package: say above what it may import", pkg)
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			ours, ok := strings.CutPrefix(imported, module)
			if !ok {
				continue
			}
			ours = strings.TrimPrefix(ours, "/")
			if ours == "" {
				ours = "."
			}
			assert.True(t, slices.Contains(allowed, ours), "%s must not import %s", file, ours)
		}
		return nil
	})
	require.NoError(t, err)
	for pkg := range mayImport {
		assert.True(t, seen[pkg], "%s is gone: take it out above", pkg)
	}
}

// TestComponentIsStandardLibraryOnly holds the contract free of dependencies.
func TestComponentIsStandardLibraryOnly(t *testing.T) {
	files, err := filepath.Glob("internal/component/*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			assert.NotContains(t, spec.Path.Value, ".", "%s imports %s", file, spec.Path.Value)
		}
	}
}
