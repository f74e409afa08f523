package platform

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzParseStep(f *testing.F) {
	f.Add([]byte(`{"config":{"a":1},"snapshot":[],"variables":{"a":1,"b":null},"is_passthrough":true}`))
	f.Add([]byte(`{"config":"","snapshot":0,"variables":""}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, response []byte) {
		step, err := parseStep(response)
		if err != nil {
			return
		}
		require.True(t, json.Valid(step.Config))
		require.EqualValues(t, '{', step.Config[0])
		require.True(t, json.Valid(step.Snapshot))
	})
}
