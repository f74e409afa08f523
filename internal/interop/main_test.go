//go:build interop

// Package interop holds our sailor against the reference sailor, the npm
// package elasticio-sailor-nodejs: between two of its steps, and side by side
// with it. Its tests want Node.js, npm and a RabbitMQ; make interop runs them.
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
