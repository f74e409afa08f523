package actions

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/schema"
	"aws-secrets-manager-connector/schemas"
)

// Every action on an existing secret, and no other, has the secret chosen; lists
// are in TestMetaModelOfLists.
func TestMetaModel(t *testing.T) {
	for _, spec := range Specs(testOptions) {
		t.Run(spec.Name, func(t *testing.T) {
			isList := elementList(spec.Name) != ""
			in, err := schemas.FS.ReadFile(spec.Name + ".in.json")
			require.NoError(t, err)
			if !strings.Contains(string(in), `    "SecretId": {`) {
				assert.Equal(t, spec.Name != "GetRandomPassword" && spec.Name != "MakeRawRequest", spec.MetaModel != nil)
				assert.Nil(t, spec.Models)
				assert.Nil(t, spec.Defaults)
				return
			}
			out, err := schemas.FS.ReadFile(spec.Name + ".out.json")
			require.NoError(t, err)
			for _, config := range []string{`{}`, `{"secret":""}`, `{"secret":"app/db"}`} {
				if spec.Name == "LookupSecret" { // has the rest with this field only
					config = strings.Replace(config, "{", `{"withValue":true,`, 1)
					config = strings.Replace(config, ",}", "}", 1)
				}
				got := metaModelOf(t, spec, config)
				if !isList {
					assert.JSONEq(t, string(inText(t, inOwnRegion(t, out))), string(got.Out))
				}
				want := withoutCache(t, inText(t, in))
				if strings.Contains(config, "app/db") {
					want = without(t, want, "SecretId")
				}
				assert.JSONEq(t, string(want), string(got.In))
			}
			_, err = spec.MetaModel(t.Context(), component.Deps{Config: json.RawMessage(`{"secret":5}`)})
			require.EqualError(t, err, "secret must be text")
		})
	}
}

type schemaPair struct{ In, Out json.RawMessage }

func metaModelOf(t *testing.T, spec component.Spec, config string) (pair schemaPair) {
	t.Helper()
	text, err := spec.MetaModel(t.Context(), component.Deps{Config: json.RawMessage(config)})
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &pair))
	return pair
}

// without returns a schema without one of its properties, in any order.
func without(t *testing.T, schema []byte, property string) json.RawMessage {
	t.Helper()
	var parsed map[string]any
	require.NoError(t, json.Unmarshal(schema, &parsed))
	properties, _ := parsed["properties"].(map[string]any)
	require.Contains(t, properties, property)
	delete(properties, property)
	if example, ok := parsed["example"].(map[string]any); ok {
		delete(example, property)
	}
	text, err := json.Marshal(parsed)
	require.NoError(t, err)
	return text
}

// inOwnRegion returns a schema of what is not read in the failoverRegion.
func inOwnRegion(t *testing.T, schema []byte) json.RawMessage {
	t.Helper()
	if member(schema, "properties", "Region") == nil {
		return schema
	}
	return without(t, schema, "Region")
}

// withoutCache returns a schema of a step that keeps no answers.
func withoutCache(t *testing.T, schema []byte) json.RawMessage {
	t.Helper()
	if member(schema, "properties", "Refresh") == nil {
		return schema
	}
	return without(t, schema, "Refresh")
}

// inText returns a schema of the format text.
func inText(t *testing.T, schema []byte) json.RawMessage {
	t.Helper()
	if !strings.Contains(string(schema), `"Secret":`) {
		return schema
	}
	schema = without(t, schema, "Secret")
	return json.RawMessage(strings.Replace(string(schema), `,{"required":["Secret"]}`, "", 1))
}

func TestMetaModelKeepsTheOrder(t *testing.T) {
	in := string(metaModelOf(t, specOf(t, "GetSecretValue"), `{"secret":"app/db"}`).In)
	assert.True(t, strings.HasPrefix(in, `{"title":"Get secret value: input","description":`), in)
	assert.Less(t, strings.Index(in, `"VersionId"`), strings.Index(in, `"VersionStage"`))
	assert.NotContains(t, in, "SecretId")
}

// A list's schema has what really arrives, and the example that fits it.
func TestMetaModelOfLists(t *testing.T) {
	for _, test := range []struct{ function, behaviour, want, example string }{
		{"ListSecrets", emitPage, "SecretList NextToken", `{"SecretList":`},
		{"ListSecrets", emitAll, "SecretList", `{"SecretList":`},
		{"ListSecrets", emitIndividually, "ARN Name Description KmsKeyId RotationEnabled RotationLambdaARN RotationRules LastRotatedDate " +
			"LastChangedDate LastAccessedDate DeletedDate NextRotationDate Tags SecretVersionsToStages OwningService CreatedDate PrimaryRegion " +
			"Type ExternalSecretRotationMetadata ExternalSecretRotationRoleArn", `{"ARN":`},
		{"ListResourcePolicies", emitPage, "ResourcePolicies NextToken", `{"ResourcePolicies":`},
		{"ListResourcePolicies", emitAll, "ResourcePolicies", `{"ResourcePolicies":`},
		{"ListResourcePolicies", emitIndividually, "PolicyName", `{"PolicyName":`},
		{"ListSecretVersionIds", emitPage, "Versions NextToken ARN Name", `{"ARN":`},
		{"ListSecretVersionIds", emitAll, "Versions ARN Name", `{"ARN":`},
		{"ListSecretVersionIds", emitIndividually, "ARN Name VersionId VersionStages LastAccessedDate CreatedDate KmsKeyIds", `{"ARN":`},
		{"BatchGetSecretValue", emitPage, "SecretValues NextToken Errors", `{"Errors":`},
		{"BatchGetSecretValue", emitAll, "SecretValues Errors", `{"Errors":`},
		{"BatchGetSecretValue", emitIndividually, "ARN Name VersionId SecretBinary SecretString VersionStages CreatedDate", `{"ARN":`},
	} {
		t.Run(test.function+" "+test.behaviour, func(t *testing.T) {
			got := metaModelOf(t, specOf(t, test.function), string(emitConfig(test.behaviour)))
			checkExample(t, got.Out)
			assert.ElementsMatch(t, strings.Fields(test.want), memberNames(member(got.Out, "properties")))
			assert.Contains(t, string(got.Out), `"example":`+test.example)
			assert.NotContains(t, string(member(got.Out, "description")), "With emit")
		})
	}
	spec := specOf(t, "ListSecrets")
	assert.Equal(t, metaModelOf(t, spec, `{"emitBehaviour":"emitPage"}`), metaModelOf(t, spec, ``), "the default")
	_, err := spec.MetaModel(t.Context(), component.Deps{Config: emitConfig("planted")})
	require.EqualError(t, err, `emitBehaviour ("Emit behaviour") must be emitPage, emitAll or emitIndividually (given: a text of 7 characters)`)
}

// With valueFormat json a value is the object Secret, in the example as well.
func TestMetaModelAsJSON(t *testing.T) {
	spec := specOf(t, "GetSecretValue")
	out := metaModelOf(t, spec, `{"valueFormat":"json"}`).Out
	checkExample(t, out)
	assert.ElementsMatch(t, strings.Fields("ARN Name VersionId Secret VersionStages CreatedDate"), memberNames(member(out, "properties")))
	assert.JSONEq(t, `{"username":"shop","password":"example"}`, string(member(out, "example", "Secret")))
	_, err := spec.MetaModel(t.Context(), component.Deps{Config: json.RawMessage(`{"valueFormat":"planted"}`)})
	require.EqualError(t, err, `valueFormat ("Format of the value") must be text or json (given: a text of 7 characters)`)

	for behaviour, path := range map[string][]string{
		emitPage: {"properties", "SecretValues", "items", "properties"}, emitIndividually: {"properties"},
	} {
		out := metaModelOf(t, specOf(t, "BatchGetSecretValue"), `{"valueFormat":"json","emitBehaviour":"`+behaviour+`"}`).Out
		checkExample(t, out)
		assert.ElementsMatch(t, strings.Fields("ARN Name VersionId Secret VersionStages CreatedDate"), memberNames(member(out, path...)))
		assert.Contains(t, string(member(out, "example")), `"Secret":{"username":"shop","password":"example"}`)
		assert.NotContains(t, string(out), "SecretString")
	}
}

// checkExample holds the example of a schema against it.
func checkExample(t *testing.T, text json.RawMessage) *schema.Schema {
	t.Helper()
	compiled, err := schema.Compile("x", text)
	require.NoError(t, err)
	_, err = compiled.Check(member(text, "example"))
	require.NoError(t, err)
	return compiled
}

// What is chosen by fields need not be mapped, and its ids must not.
func TestMetaModelOfFilteredLists(t *testing.T) {
	in := metaModelOf(t, specOf(t, "BatchGetSecretValue"), `{"tagKey":"team"}`).In
	assert.Equal(t, []string{"Filters", "MaxResults", "NextToken"}, memberNames(member(in, "properties")))
	_, err := checkExample(t, in).Check(json.RawMessage(`{}`))
	require.NoError(t, err)

	for _, function := range []string{"BatchGetSecretValue", "ListSecrets"} {
		spec := specOf(t, function)
		whole, err := schemas.FS.ReadFile(function + ".in.json")
		require.NoError(t, err)
		assert.JSONEq(t, string(withoutCache(t, whole)), string(metaModelOf(t, spec, `{"namePrefix":" "}`).In))
		_, err = spec.MetaModel(t.Context(), component.Deps{Config: json.RawMessage(`{"namePrefix":5}`)})
		require.EqualError(t, err, `namePrefix ("Names begin with") must be text`)
	}
}

// Everything that a list emits fits the schema that the designer sees.
func TestListsEmitWhatTheMetaModelSays(t *testing.T) {
	l := newLocal(t)
	for i := range 3 {
		l.run(t, "CreateSecret", fmt.Sprintf(`{"Name":"s/%d","SecretString":"v","Description":"d","Tags":[{"Key":"k","Value":"v"}]}`, i))
	}
	l.run(t, "PutSecretValue", `{"SecretId":"s/0","SecretString":"w"}`)
	l.run(t, "PutResourcePolicy", strings.Replace(example(t, "PutResourcePolicy.in"), "shop/database", "s/0", 1))
	for function, body := range map[string]string{
		"ListSecrets":          `{"MaxResults":2}`,
		"ListSecretVersionIds": `{"SecretId":"s/0","MaxResults":1}`,
		"ListResourcePolicies": `{"SecretId":"s/0"}`,
		"BatchGetSecretValue":  `{"SecretIdList":["s/0","missing","s/1"]}`,
	} {
		for _, behaviour := range []string{emitPage, emitAll, emitIndividually} {
			t.Run(function+" "+behaviour, func(t *testing.T) {
				deps := l.deps(`"emitBehaviour":"` + behaviour + `"`)
				out := new(recorder)
				require.NoError(t, newHandler(t, Specs(testOptions), function, deps).Handle(t.Context(), newRequest(body), out))
				require.NotEmpty(t, out.bodies)
				told := checkExample(t, metaModelOf(t, specOf(t, function), string(deps.Config)).Out)
				for _, body := range out.bodies {
					_, err := told.Check(body)
					assert.NoError(t, err)
				}
			})
		}
	}
	assert.NotContains(t, l.Calls(), "GetSecretValue")
}

// Region is there where the credentials have a failoverRegion.
func TestMetaModelWithAFailoverRegion(t *testing.T) {
	for _, test := range []struct {
		function, behaviour string
		path                []string
	}{
		{"GetSecretValue", "", []string{"properties"}},
		{"DescribeSecret", "", []string{"properties"}},
		{"LookupSecret", "", []string{"properties"}},
		{"BatchGetSecretValue", emitPage, []string{"properties", "SecretValues", "items", "properties"}},
		{"BatchGetSecretValue", emitIndividually, []string{"properties"}},
	} {
		spec := specOf(t, test.function)
		without := metaModelOf(t, spec, `{"emitBehaviour":"`+test.behaviour+`"}`).Out
		with := metaModelOf(t, spec, `{"failoverRegion":"eu-west-1","emitBehaviour":"`+test.behaviour+`"}`).Out
		assert.NotContains(t, memberNames(member(without, test.path...)), "Region", test.function)
		assert.Contains(t, memberNames(member(with, test.path...)), "Region", test.function)
	}
	replicas := metaModelOf(t, specOf(t, "DescribeSecret"), ``).Out
	assert.NotNil(t, member(replicas, "properties", "ReplicationStatus", "items", "properties", "Region"), "another one")
}
