package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNothingCallsMethodsByName: who does keeps the linker from leaving out the
// unused methods of all types, a fifth of the program (decision 16).
func TestNothingCallsMethodsByName(t *testing.T) {
	if testing.Short() {
		t.Skip("links the program")
	}
	link := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-dumpdep",
		"-o", filepath.Join(t.TempDir(), "component"), "aws-secrets-manager-connector/cmd/component")
	link.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := link.CombinedOutput()
	require.NoError(t, err, "%.1000s", out)
	require.Contains(t, string(out), "main.main -> ")
	var callers []string
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "<ReflectMethod> ->") {
			callers = append(callers, line)
		}
	}
	assert.Empty(t, callers)
}
