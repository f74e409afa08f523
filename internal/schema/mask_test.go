package schema

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMask(t *testing.T) {
	s, err := Compile("test", []byte(`{"type": "object", "additionalProperties": false, "properties": {
		"Name":   {"type": "string"},
		"Secret": {"type": "string", "format": "password"},
		"List":   {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {
			"Secret": {"type": "string", "format": "password"}, "Size": {"type": "integer"}}}}}}`))
	require.NoError(t, err)

	for name, tc := range map[string]struct{ in, want string }{
		"plain values stay":            {`{"Name": "a<b"}`, `{"Name": "a<b"}`},
		"secrets are masked":           {`{"Secret": "planted"}`, `{"Secret": "***"}`},
		"of any type":                  {`{"Secret": {"deep": ["planted"]}}`, `{"Secret": "***"}`},
		"also below lists":             {`{"List": [{"Secret": "planted", "Size": 2}]}`, `{"List": [{"Secret": "***", "Size": 2}]}`},
		"unknown members are masked":   {`{"secret": "planted"}`, `{"secret": "***"}`},
		"wrong types are masked below": {`{"Name": {"x": "planted"}}`, `{"Name": {"x": "***"}}`},
		"what is no JSON is masked":    {`planted`, `"***"`},
		"nothing is null":              {``, `null`},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.Mask(json.RawMessage(tc.in))
			assert.JSONEq(t, tc.want, string(got))
			assert.NotContains(t, string(got), "planted")
		})
	}
}
