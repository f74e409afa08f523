package componentjson

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/actions"
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/schemas"
	"aws-secrets-manager-connector/triggers"
)

func ours() Component {
	return Component{
		Descriptor: connector.Descriptor, Files: os.DirFS("../.."),
		Specs: append(triggers.Specs(time.Now, awsapi.Options{}), actions.Specs(awsapi.Options{})...),
	}
}

func TestOursBreaksNoRule(t *testing.T) {
	require.NoError(t, ours().Check())
	require.NoError(t, CheckSchemas(schemas.FS))
}

// Each case changes one place of our component.json; a value of nil takes it away.
func TestEachRule(t *testing.T) {
	const docs = "https://example.org/docs.md"
	cases := []struct {
		place string
		value any
		want  string
	}{
		{"title", nil, "component.json: title is missing"},
		{"description", "", "component.json: description is missing"},
		{"docsUrl", "docs/actions.md", "component.json: docsUrl is not an https address"},
		{"docsUrl", "https://example.org/docs/action.md", "component.json: docsUrl leads to no file"},
		{"help/description", "Reads secrets", "component.json: help.description is not one or two sentences"},
		{"help/description", "One. Two. Three.", "component.json: help.description is not one or two sentences"},
		{"help/link", docs, "component.json: help.link is not docsUrl"},
		{"helped", docs, `component.json: key "helped" is unknown`},
		{"envVars/LOG_LEVEL/description", nil, "envVars.LOG_LEVEL: description is missing"},
		{"envVars/LOG_LEVEL/type", "x", `envVars.LOG_LEVEL: key "type" is unknown`},

		{"credentials", nil, "component.json: credentials.fields is missing"},
		{"credentials/help/description", nil, "component.json: credentials.help.description is not one or two sentences"},
		{"credentials/help/link", docs + "#credentials", "component.json: credentials.help.link leads to no section of the docs"},
		{"credentials/fields/region/label", nil, "credentials.fields.region: label is missing"},
		{"credentials/fields/region/viewClass", "DropDownView", "credentials.fields.region: viewClass is none that the platform knows"},
		{"credentials/fields/region/model", nil, "credentials.fields.region: model is missing for a SelectView"},
		{"credentials/fields/region/model", "regions", "credentials.fields.region: model is a method, which credentials cannot call"},
		{"credentials/fields/region/order", nil, "credentials.fields.region: order is missing, or below 1"},
		{"credentials/fields/region/order", 90, "credentials.fields.region: order is taken by another one beside it"},
		{"credentials/fields/region/help/description", nil, "credentials.fields.region: help.description is missing"},
		{"credentials/fields/region/help/link", docs, "credentials.fields.region: help.link leads to no section of the docs"},
		{"credentials/fields/region/help/links", docs, `credentials.fields.region.help: key "links" is unknown`},

		{"triggers", nil, "component.json: triggers is missing"},
		{"triggers/startFlow/type", nil, "triggers.startFlow: type is not polling or webhook"},
		{"actions", nil, "component.json: actions is missing"},
		{"actions/startFlow", map[string]any{}, "component.json: an action and a trigger have the same name"},
		{"actions/Get-Value", map[string]any{}, "actions.Get-Value: the name is not a letter and then letters, digits and _"},
		{"actions/TagResource/title", nil, "actions.TagResource: title is missing"},
		{"actions/TagResource/title", "TagResource", "actions.TagResource: title is the name"},
		{"actions/TagResource/title", "Untag secret", "actions.TagResource: title is that of another function"},
		{"actions/TagResource/description", nil, "actions.TagResource: description is missing"},
		{"actions/TagResource/order", -1, "actions.TagResource: order is missing, or below 1"},
		{"actions/TagResource/help/description", nil, "actions.TagResource: help.description is not one or two sentences"},
		{"actions/TagResource/help/link", docs, "actions.TagResource: help.link is not docsUrl, # and the name in lower case"},
		{"actions/TagResource/help/link", docs, "actions.TagResource: help.link leads to no section of the docs"},
		{"actions/TagResource/main", nil, "actions.TagResource: main is missing"},
		{"actions/TagResource/main", "./actions/none.go", "actions.TagResource: main is not a file"},
		{"actions/TagResource/type", "polling", "actions.TagResource: type is for triggers"},
		{"actions/TagResource/Title", "Tag", `actions.TagResource: key "Title" is unknown`},
		{"actions/GetRandomPassword/metadata", nil, "actions.GetRandomPassword: metadata is missing"},
		{"actions/GetRandomPassword/metadata/in", nil, "actions.GetRandomPassword: metadata.in is missing"},
		{"actions/GetRandomPassword/metadata/in", "./none.json", "actions.GetRandomPassword: metadata.in is not a file"},
		{"actions/GetRandomPassword/metadata/out", nil, "actions.GetRandomPassword: metadata.out is missing"},
		{"actions/GetRandomPassword/metadata/out", "../none.json", "actions.GetRandomPassword: metadata.out is not a file"},
		{"actions/GetRandomPassword/metadata/inn", "./none.json", `actions.GetRandomPassword.metadata: key "inn" is unknown`},
		{"actions/GetRandomPassword/dynamicMetadata", true, "actions.GetRandomPassword: metadata and dynamicMetadata are mutually exclusive"},
		{"actions/GetRandomPassword/dynamicMetadata", true, "actions.GetRandomPassword: dynamicMetadata needs a MetaModel, which the code does not have"},
		{"actions/TagResource/dynamicMetadata", false, "actions.TagResource: the code has a MetaModel, which nobody asks for"},
		{"actions/ListSecrets/fields/emitBehaviour/help/link", docs, "actions.ListSecrets.fields.emitBehaviour: help.link is not that of its function"},
		{"actions/ListSecrets/fields/emitBehaviour/prompt", nil, "actions.ListSecrets.fields.emitBehaviour: prompt is missing for a SelectView"},
		{"actions/ListSecrets/fields/emitBehaviour/model/emitPage", "", "actions.ListSecrets.fields.emitBehaviour: model is neither choices with labels nor the name of a method"},
		{"actions/ListSecrets/fields/emitBehaviour/default", "emitNothing", "actions.ListSecrets.fields.emitBehaviour: default is not in the model"},
		{"actions/TagResource/fields/secret/model", "secrets", "actions.TagResource.fields.secret: model is a method that the code does not have"},
		{"actions/TagResource/fields/secret/require", []string{"prefix"}, "actions.TagResource.fields.secret: require names a field that does not exist beside it"},
		{"actions/TagResource/fields/secret/require", []string{"secret"}, "actions.TagResource.fields.secret: require names a field that does not stand above it"},
	}
	var told []string
	for _, c := range cases {
		t.Run(c.want, func(t *testing.T) {
			broken := ours()
			broken.Descriptor = changed(t, connector.Descriptor, c.place, c.value)
			assertTells(t, broken.Check(), c.want)
		})
		told = append(told, c.want)
	}

	hook := ours()
	for i := range hook.Specs {
		hook.Specs[i].Shutdown = func(context.Context, component.Deps, json.RawMessage) error { return nil }
	}
	const hooked = "the code has Startup or Shutdown, which the platform calls for triggers alone"
	assertTells(t, hook.Check(), "actions.TagResource: "+hooked)
	assert.NotContains(t, hook.Check().Error(), "startFlow")

	texts := append(textsOf(componentRules), textsOf(variableRules)...)
	texts = append(append(texts, textsOf(functionRules)...), textsOf(fieldRules)...)
	for _, text := range append(texts, orderMissing, orderTaken) {
		assert.Contains(t, strings.Join(append(told, "x: "+hooked), "\n")+"\n", ": "+text+"\n", "no case breaks this rule")
	}
}

// assertTells holds that an error has a line with a place, a rule, and what to do.
func assertTells(t *testing.T, err error, want string) {
	t.Helper()
	require.Error(t, err)
	for line := range strings.Lines(err.Error()) {
		if todo, ok := strings.CutPrefix(line, want+" – "); ok {
			assert.NotEmpty(t, strings.TrimSpace(todo))
			return
		}
	}
	assert.Fail(t, "not told", "%s\nin\n%s", want, err)
}

func TestWhatIsAllowed(t *testing.T) {
	for place, value := range map[string]any{
		"triggers/startFlow/metadata/in":                   nil,
		"triggers/startFlow/type":                          "webhook",
		"actions/ListSecrets/fields/emitBehaviour/default": nil,
		"actions/ListSecrets/autoResolveObjectReferences":  false,
		"help/link": "https://example.org/aws-secrets-manager-connector/docs/actions.md",
	} {
		fine := ours()
		fine.Descriptor = changed(t, connector.Descriptor, place, value)
		assert.NoError(t, fine.Check(), place)
	}

	alone := Component{Descriptor: changed(t, connector.Descriptor, "actions/TagResource/main", "./none.go")}
	assert.NoError(t, alone.Check(), "without files and code none are looked for")
	assert.ErrorContains(t, Component{Descriptor: []byte(`{"title":1}`)}.Check(), "read component.json: ")
	assert.Error(t, Component{Descriptor: []byte(`{"actions":{"A":null},"credentials":{"fields":{"a":null}}}`)}.Check())
}

func TestAnchors(t *testing.T) {
	assert.Equal(t, map[string]bool{"a-title": true, "getsecret-in": true, "ünd_x-y": true}, Anchors(
		"# A title\n text # none\n#none\n```\n# in code\n```\n### GetSecret: in\n## Ünd_x-`Y`!\r\n"))
}

func TestEachRuleOfSchemas(t *testing.T) {
	const good = `{"title":"T","description":"D","example":{"A":[{"B":1}]},"type":"object","properties":{
		"A":{"title":"T","description":"D","order":20,"type":"array","items":{"properties":{"B":{"title":"T","description":"D","order":10,"type":"integer","required":true,"enum":[1,2],"examples":[1],"default":2}}}},
		"C":{"title":"T","description":"D","order":10,"patternProperties":{"^x$":{"properties":{"E":{"title":"T","description":"D","order":10}}}}}}}`
	require.NoError(t, CheckSchema("x", []byte(good)))
	b := "properties/A/items/properties/B/"
	cases := []struct {
		place string
		value any
		want  string
	}{
		{"title", nil, "x: title is missing"},
		{"properties/C/description", "", "x.C: description is missing"},
		{b + "title", nil, "x.A[].B: title is missing"},
		{b + "order", nil, "x.A[].B: order is missing, or below 1"},
		{b + "enum", []any{1, "2"}, "x.A[].B: enum has a value of another type"},
		{b + "type", "string", "x.A[].B: enum has a value of another type"},
		{b + "examples", []any{1, 3}, "x.A[].B: examples has a value that is not valid"},
		{b + "default", "one", "x.A[].B: default is not valid"},
		{"properties/C/order", 20, "x.C: order is taken by another one beside it"},
		{"properties/C/patternProperties/^x$/properties/E/title", nil, "x.C{}.E: title is missing"},
		{"example", nil, "x: example is missing"},
		{"example/A", "planted", "x: example is not valid"},
		{"maxLenght", 1, "schema x: /maxLenght: unknown keyword"},
		{"order", "1", "read x: json: cannot unmarshal string into Go struct field plain.Order of type int"},
	}
	var told []string
	for _, c := range cases {
		err := CheckSchema("x", changed(t, []byte(good), c.place, c.value))
		assertTells(t, err, c.want)
		assert.NotContains(t, err.Error(), "planted")
		told = append(told, c.want)
	}
	for _, text := range append(append(textsOf(schemaRules), textsOf(memberRules)...), textsOf(valueRules)...) {
		assert.Contains(t, strings.Join(told, "\n")+"\n", ": "+text+"\n", "no case breaks this rule")
	}

	assertTells(t, CheckSchemas(fstest.MapFS{}), "schemas: the directory has none")
	assertTells(t, CheckSchemas(fstest.MapFS{"a.json": {Data: []byte(good)}, "b.json": {Data: []byte(`{"title":"T"}`)}}), "b.json: description is missing")
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
