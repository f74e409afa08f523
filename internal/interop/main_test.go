//go:build interop

package interop

import (
	"os"
	"testing"

	"aws-secrets-manager-connector/internal/testkit"
)

// serveStepVariable makes the test's own program serve a step.
const serveStepVariable = "INTEROP_SERVE_STEP"

func TestMain(m *testing.M) {
	if os.Getenv(serveStepVariable) != "" {
		os.Exit(serveStep())
	}
	testkit.Main(m)
}
