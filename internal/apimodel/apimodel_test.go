package apimodel

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryWordIsRead: a new kind of limit must not go unseen.
func TestEveryWordIsRead(t *testing.T) {
	var api struct {
		API, Version, Protocol string
		Operations             map[string]Operation
	}
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&api))

	operations, err := Operations()
	require.NoError(t, err)
	assert.Len(t, operations, 26)
	assert.Equal(t, api.Operations, operations)
}

func TestEveryShapeCanBeChecked(t *testing.T) {
	operations, err := Operations()
	require.NoError(t, err)
	for name, op := range operations {
		t.Run(name, func(t *testing.T) {
			assert.NotEmpty(t, op.Errors)
			checkable(t, op.Input, name+".Input")
			if op.Output != nil {
				checkable(t, op.Output, name+".Output")
			}
		})
	}
}

func checkable(t *testing.T, s *Shape, path string) {
	t.Helper()
	assert.Contains(t, []string{"structure", "list", "map", "string", "blob", "integer", "long", "boolean", "timestamp"}, s.Type, path)
	assert.Equal(t, s.Type == "list", s.Member != nil, path)
	assert.Equal(t, s.Type == "map", s.Key != nil && s.Value != nil, path)
	if s.Max > 0 {
		assert.LessOrEqual(t, s.Min, s.Max, path)
	}
	_, err := regexp.Compile(s.Pattern)
	assert.NoError(t, err, path)
	for name, sub := range s.Members {
		checkable(t, sub, path+"."+name)
	}
	for name, sub := range map[string]*Shape{"member": s.Member, "key": s.Key, "value": s.Value} {
		if sub != nil {
			checkable(t, sub, path+"/"+name)
		}
	}
}
