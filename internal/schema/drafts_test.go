package schema

import (
	"os"
	"testing"
)

// TestMain runs the tests as the program runs.
func TestMain(m *testing.M) {
	ForgetOtherDrafts()
	os.Exit(m.Run())
}
