package e2e

import (
	"fmt"
	"os"
	"testing"

	"aws-secrets-manager-connector/internal/testkit"
)

// program is the path of the built component.
var program string

func TestMain(m *testing.M) { testkit.Main(build{m}) }

// build builds the program before the tests run.
type build struct{ tests *testing.M }

func (b build) Run() int {
	dir, err := os.MkdirTemp("", "component-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if program, err = testkit.BuildComponent(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return b.tests.Run()
}
