package connector

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSecurityPageNamesTests looks for the tests that SECURITY.md says show what
// it promises.
func TestSecurityPageNamesTests(t *testing.T) {
	page, err := os.ReadFile("SECURITY.md")
	require.NoError(t, err)
	promised := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z]+)`").FindAllSubmatch(page, -1)
	require.NotEmpty(t, promised)

	defined := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	require.NoError(t, filepath.WalkDir(".", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := os.ReadFile(file)
		for _, found := range declaration.FindAllSubmatch(source, -1) {
			defined[string(found[1])] = true
		}
		return err
	}))
	for _, name := range promised {
		assert.True(t, defined[string(name[1])], "there is no %s", name[1])
	}
}
