package connector_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/componentjson"
)

// TestLinksOfPages follows the links of all pages to files and sections of this
// repository, and holds that each page is found by one.
func TestLinksOfPages(t *testing.T) {
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/decisions/*.md"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			texts[file] = string(text)
		}
	}

	link := regexp.MustCompile(`\]\(([^):\s]*)\)`) // a colon is that of another host's address
	linked := map[string]bool{"README.md": true}
	for file, text := range texts {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			path, section, hasSection := strings.Cut(found[1], "#")
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			if info, err := os.Stat(target); err != nil {
				assert.Fail(t, "no such file", "%s: %s", file, found[1])
			} else if info.IsDir() {
				target = filepath.Join(target, "README.md") // is shown there
			}
			linked[target] = true
			if hasSection {
				assert.Contains(t, componentjson.Anchors(texts[target]), section, "%s: %s", file, found[1])
			}
		}
	}
	for file := range texts {
		assert.True(t, linked[file], "no page links to %s", file)
	}
}

// TestIndexOfDecisions holds that each decision is listed under its title.
func TestIndexOfDecisions(t *testing.T) {
	index, err := os.ReadFile("docs/decisions/README.md")
	require.NoError(t, err)
	pages, err := filepath.Glob("docs/decisions/0*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		heading, _, _ := strings.Cut(string(text), "\n")
		number, title, _ := strings.Cut(strings.TrimPrefix(heading, "# "), " ")
		assert.Contains(t, string(index), "\n"+number+" ["+title+"]("+filepath.Base(page)+")\n")
	}
}
