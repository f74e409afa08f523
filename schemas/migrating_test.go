package schemas

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMigratingNamesWhatThereIs holds the table for those who come from the
// generated connector, which had 18 actions and a trigger, to the schemas.
func TestMigratingNamesWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("../docs/migrating.md")
	require.NoError(t, err)
	rows := regexp.MustCompile("(?m)^\\| \\[(\\w+)\\]\\(actions\\.md#(\\w+)\\) \\| ([`\\w ]*) ?\\|").FindAllSubmatch(text, -1)
	require.Len(t, rows, 19)
	for _, row := range rows {
		function, members := string(row[1]), strings.Fields(strings.ReplaceAll(string(row[3]), "`", ""))
		assert.Equal(t, strings.ToLower(function), string(row[2]))
		document, err := FS.ReadFile(function + ".in.json")
		require.NoError(t, err)
		var in struct{ Properties map[string]any }
		require.NoError(t, json.Unmarshal(document, &in))
		for _, member := range members {
			assert.Contains(t, in.Properties, member, function)
		}
	}
}
