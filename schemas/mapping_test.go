package schemas

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The mapper draws lists of objects alone, and whoever uses it sees a member's
// description: that must tell what else is understood.
func TestMembersTellHowTheyCanBeMapped(t *testing.T) {
	type member struct {
		Description string
		Type        string
		Commas      bool `json:"x-commaSeparated"`
		JSON        bool `json:"x-jsonText"`
		Properties  map[string]json.RawMessage
		Items       json.RawMessage
	}
	var check func(path string, text json.RawMessage)
	check = func(path string, text json.RawMessage) {
		var m, entry member
		require.NoError(t, json.Unmarshal(text, &m), path)
		for name, property := range m.Properties {
			check(path+"."+name, property)
		}
		if m.Items != nil {
			check(path+"[]", m.Items)
			require.NoError(t, json.Unmarshal(m.Items, &entry), path)
		}
		if m.Type == "array" && entry.Type == "string" {
			assert.Contains(t, m.Description, "objects with Value", path)
			assert.Equal(t, m.Commas, strings.Contains(m.Description, "a text with commas"), path)
		}
		if m.JSON {
			assert.Contains(t, strings.ToLower(m.Description), "an object", path)
		}
	}
	for _, name := range functions(t) {
		text, err := FS.ReadFile(name + ".in.json")
		require.NoError(t, err)
		check(name, text)
	}
}
