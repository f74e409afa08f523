package component_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func TestFields(t *testing.T) {
	field := component.Field{Name: "size", Label: "Page size"}
	text := func(f component.Fields) (any, error) { return f.Text(field) }
	choice := func(f component.Fields) (any, error) { return f.Choice(field, "small", "large", "huge") }
	checked := func(f component.Fields) (any, error) { return f.Checked(field) }
	number := func(f component.Fields) (any, error) { return f.WholeNumber(field, 1, 100, 10) }
	for _, test := range []struct {
		name, config string
		read         func(component.Fields) (any, error)
		want         any
		fails        string
	}{
		{"text", `{"size":" a "}`, text, "a", ""},
		{"no configuration", ``, text, "", ""},
		{"no such field", `{}`, text, "", ""},
		{"null", `{"size":null}`, text, "", ""},
		{"number as text", `{"size":5}`, text, nil, `size ("Page size") must be text`},
		{"object as text", `{"size":{"pl4nted":1}}`, text, nil, `size ("Page size") must be text`},
		{"list as text", `{"size":["pl4nted"]}`, text, nil, `size ("Page size") must be text`},
		{"choice", `{"size":"large"}`, choice, "large", ""},
		{"no choice", `{"size":""}`, choice, "small", ""},
		{"wrong choice", `{"size":"pl4nted"}`, choice, nil, `size ("Page size") must be small, large or huge (given: a text of 7 characters)`},
		{"object as choice", `{"size":{}}`, choice, nil, `size ("Page size") must be text`},
		{"checked", `{"size":true}`, checked, true, ""},
		{"checked, as text", `{"size":"true"}`, checked, true, ""},
		{"checked, as browsers send it", `{"size":"on"}`, checked, true, ""},
		{"not checked", `{"size":"false"}`, checked, false, ""},
		{"never checked", `{}`, checked, false, ""},
		{"wrong check", `{"size":"y"}`, checked, nil, `size ("Page size") must be true or false (given: a text of 1 character)`},
		{"object as check", `{"size":{}}`, checked, nil, `size ("Page size") must be true or false (given: a text of 2 characters)`},
		{"number", `{"size":"100"}`, number, 100, ""},
		{"no number", `{}`, number, 10, ""},
		{"too high", `{"size":101}`, number, nil, `size ("Page size") must be a whole number from 1 to 100 (given: a text of 3 characters)`},
		{"too low", `{"size":"0"}`, number, nil, `size ("Page size") must be a whole number from 1 to 100 (given: a text of 1 character)`},
		{"fraction", `{"size":1.5}`, number, nil, `size ("Page size") must be a whole number from 1 to 100 (given: a text of 3 characters)`},
		{"object as number", `{"size":{}}`, number, nil, `size ("Page size") must be a whole number from 1 to 100 (given: a text of 2 characters)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			fields, err := component.ReadFields(json.RawMessage(test.config))
			require.NoError(t, err)
			got, err := test.read(fields)
			if test.fails != "" {
				require.EqualError(t, err, test.fails)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
	assert.Equal(t, "keys", component.Field{Name: "keys", Label: "Keys"}.String())
	_, err := component.ReadFields(json.RawMessage(`["pl4nted"]`))
	require.EqualError(t, err, "the step's configuration must be a JSON object")
}
