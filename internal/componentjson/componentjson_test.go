package componentjson

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/schemas"
)

func TestOursBreaksNoRule(t *testing.T) {
	require.NoError(t, Check(connector.Descriptor, os.DirFS("../..")))
	files, err := schemas.FS.ReadDir(".")
	require.NoError(t, err)
	for _, file := range files {
		text, err := schemas.FS.ReadFile(file.Name())
		require.NoError(t, err)
		assert.NoError(t, CheckSchema(file.Name(), text))
	}
}

// Each case changes one place of our component.json; a value of nil takes it away.
func TestEachRule(t *testing.T) {
	const docs = "https://example.org/docs.md"
	cases := []struct {
		place string
		value any
		want  string
	}{
		{"title", nil, "component.json: title must be there"},
		{"description", "", "component.json: description must be there"},
		{"docsUrl", "docs/actions.md", "component.json: docsUrl must be an https address"},
		{"help/description", "Reads secrets", "component.json: help.description must be one or two sentences"},
		{"help/description", "One. Two. Three.", "component.json: help.description must be one or two sentences"},
		{"help/link", docs, "component.json: help.link must be docsUrl"},
		{"envVars/LOG_LEVEL/description", nil, "envVars.LOG_LEVEL: description must be there"},

		{"credentials", nil, "component.json: credentials.fields must be there"},
		{"credentials/help/description", nil, "component.json: credentials.help.description must be one or two sentences"},
		{"credentials/help/link", docs + "#credentials", "component.json: credentials.help.link must lead to a section of docsUrl"},
		{"credentials/fields/region/label", nil, "credentials.fields.region: label must be there"},
		{"credentials/fields/region/viewClass", "DropDownView", "credentials.fields.region: viewClass must be one that the platform knows"},
		{"credentials/fields/region/model", "regions", "credentials.fields.region: model must hold what a SelectView offers"},
		{"credentials/fields/region/order", nil, "credentials.fields.region: order must be above 0"},
		{"credentials/fields/region/help/description", nil, "credentials.fields.region: help.description must tell what the field is for"},
		{"credentials/fields/region/help/link", docs, "credentials.fields.region: help.link must lead to a section of docsUrl"},

		{"triggers", nil, "component.json: triggers must be there"},
		{"triggers/startFlow/type", nil, "triggers.startFlow: type must be polling or webhook for a trigger"},
		{"actions", nil, "component.json: actions must be there"},
		{"actions/startFlow", map[string]any{}, "component.json: an action and a trigger must not have the same name"},
		{"actions/Get-Value", map[string]any{}, "actions.Get-Value: the name must be a letter and then letters, digits and _"},
		{"actions/TagResource/title", nil, "actions.TagResource: title must be there"},
		{"actions/TagResource/description", nil, "actions.TagResource: description must be there"},
		{"actions/TagResource/order", -1, "actions.TagResource: order must be above 0"},
		{"actions/UntagResource/order", 100, "actions.UntagResource: order must differ from that of the others beside it"},
		{"actions/TagResource/help/description", nil, "actions.TagResource: help.description must be one or two sentences"},
		{"actions/TagResource/help/link", docs, "actions.TagResource: help.link must be docsUrl with # and the name in lower case"},
		{"actions/TagResource/main", nil, "actions.TagResource: main must be there"},
		{"actions/TagResource/main", "./actions/none.go", "actions.TagResource: main must be a file that exists"},
		{"actions/CreateSecret/metadata", nil, "actions.CreateSecret: metadata or dynamicMetadata must be there"},
		{"actions/CreateSecret/metadata/in", nil, "actions.CreateSecret: metadata.in must be there"},
		{"actions/CreateSecret/metadata/in", "./none.json", "actions.CreateSecret: metadata.in must be a file that exists"},
		{"actions/CreateSecret/metadata/out", nil, "actions.CreateSecret: metadata.out must be there"},
		{"actions/CreateSecret/metadata/out", "../none.json", "actions.CreateSecret: metadata.out must be a file that exists"},
		{"actions/ListSecrets/fields/emitBehaviour/model", "", "actions.ListSecrets.fields.emitBehaviour: model must hold what a SelectView offers"},
		{"actions/ListSecrets/fields/emitBehaviour/default", "emitNothing", "actions.ListSecrets.fields.emitBehaviour: default must be in the model"},
	}
	var told []string
	for _, c := range cases {
		t.Run(c.want, func(t *testing.T) {
			err := Check(changed(t, connector.Descriptor, c.place, c.value), os.DirFS("../.."))
			require.Error(t, err)
			assert.Contains(t, strings.Split(err.Error(), "\n"), c.want)
		})
		told = append(told, c.want)
	}
	texts := textsOf(componentRules)
	texts = append(texts, textsOf(variableRules)...)
	texts = append(texts, textsOf(functionRules)...)
	texts = append(texts, textsOf(fieldRules)...)
	for _, text := range append(texts, orderThere, orderUnique) {
		assert.Contains(t, strings.Join(told, "\n")+"\n", ": "+text+"\n", "no case breaks this rule")
	}
}

func TestWhatIsAllowed(t *testing.T) {
	for place, value := range map[string]any{
		"triggers/startFlow/metadata/in":                   nil,
		"actions/CreateSecret/dynamicMetadata":             true,
		"actions/ListSecrets/fields/emitBehaviour/model":   "emitBehaviours",
		"actions/ListSecrets/fields/emitBehaviour/default": nil,
	} {
		assert.NoError(t, Check(changed(t, connector.Descriptor, place, value), os.DirFS("../..")), place)
	}
	noMetadata := changed(t, connector.Descriptor, "actions/CreateSecret/dynamicMetadata", true)
	assert.NoError(t, Check(changed(t, noMetadata, "actions/CreateSecret/metadata", nil), nil))
	assert.NoError(t, Check(changed(t, connector.Descriptor, "actions/TagResource/main", "./none.go"), nil), "without files none are looked for")
	assert.ErrorContains(t, Check([]byte(`{"title":1}`), nil), "read component.json: ")
}

func TestEachRuleOfSchemas(t *testing.T) {
	const good = `{"title":"T","description":"D","example":{"A":[{"B":1}]},"type":"object","properties":{
		"A":{"title":"T","description":"D","order":20,"type":"array","items":{"properties":{"B":{"title":"T","description":"D","order":10,"type":"integer"}}}},
		"C":{"title":"T","description":"D","order":10,"patternProperties":{"^x$":{"properties":{"E":{"title":"T","description":"D","order":10}}}}}}}`
	require.NoError(t, CheckSchema("x", []byte(good)))
	b := "properties/A/items/properties/B/"
	for _, c := range []struct {
		place string
		value any
		want  string
	}{
		{"title", nil, "x: title must be there"},
		{"properties/C/description", "", "x.C: description must be there"},
		{b + "title", nil, "x.A[].B: title must be there"},
		{b + "order", nil, "x.A[].B: order must be above 0"},
		{"properties/C/order", 20, "x.C: order must differ from that of the others beside it"},
		{"properties/C/patternProperties/^x$/properties/E/title", nil, "x.C{}.E: title must be there"},
		{"example", nil, "x: example must be there"},
		{"example/A", "planted", `x: example: body.A ("T"): must be a list (given: a string of 7 characters)`},
		{"maxLenght", 1, "schema x: /maxLenght: unknown keyword"},
	} {
		assert.EqualError(t, CheckSchema("x", changed(t, []byte(good), c.place, c.value)), c.want)
	}
}

func textsOf[T any](rules []rule[T]) (texts []string) {
	for _, r := range rules {
		texts = append(texts, r.text)
	}
	return texts
}

// changed sets the place in a JSON document, or takes it away.
func changed(t *testing.T, document []byte, place string, value any) []byte {
	t.Helper()
	var root map[string]any
	require.NoError(t, json.Unmarshal(document, &root))
	at, steps := root, strings.Split(place, "/")
	last := len(steps) - 1
	for _, step := range steps[:last] {
		at = at[step].(map[string]any)
	}
	if at[steps[last]] = value; value == nil {
		delete(at, steps[last])
	}
	text, err := json.Marshal(root)
	require.NoError(t, err)
	return text
}
