package workbench_test

import (
	"testing"

	"aws-secrets-manager-connector/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
