package schemas

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/apimodel"
)

type member = apimodel.Shape

func model(t *testing.T) map[string]apimodel.Operation {
	t.Helper()
	operations, err := apimodel.Operations()
	require.NoError(t, err)
	return operations
}

// node is a JSON object of a schema.
type node = map[string]any

// elements names, for each listing function, the list whose elements are
// emitted one by one with emitIndividually.
var elements = map[string]string{
	"BatchGetSecretValue":  "SecretValues",
	"ListResourcePolicies": "ResourcePolicies",
	"ListSecrets":          "SecretList",
	"ListSecretVersionIds": "Versions",
}

// forMapper holds what the schemas say for the platform's mapper. Staging labels
// may have commas, so they are never cut.
var forMapper = map[string]string{
	"SecretString": "x-jsonText", "ResourcePolicy": "x-jsonText",
	"SecretIdList": "x-commaSeparated", "TagKeys": "x-commaSeparated", "RemoveReplicaRegions": "x-commaSeparated", "Values": "x-commaSeparated",
}

// beyond holds the rules that AWS documents but its model does not have, and our
// own members, by JSON pointer into the file; null takes a limit away that we have
// not.
var beyond = map[string]string{
	"BatchGetSecretValue.out/properties":                               ofValue,
	"BatchGetSecretValue.out/properties/SecretValues/items/properties": ofValue,
	"DescribeSecret.out/properties":                                    `{"Region":{"type":"string"}}`,
	"CreateSecret.in/properties":                                       asObject,
	"PutSecretValue.in/properties":                                     asObject,
	"UpdateSecret.in/properties":                                       asObject,
	"GetSecretValue.in/properties":                                     refresh,
	"BatchGetSecretValue.in/properties":                                refresh,
	"GetSecretValue.out/properties":                                    ofValue,
	"BatchGetSecretValue.in":                                           `{"oneOf":[{"required":["SecretIdList"]},{"required":["Filters"]}],"dependencies":{"MaxResults":["Filters"]}}`,
	"BatchGetSecretValue.in/properties/SecretIdList":                   `{"maxItems":null}`,
	"CreateSecret.in":                                                  `{"not":{"required":["SecretString","SecretBinary"]},"dependencies":{"CrossAccountPrimaryARN":["KmsKeyId"]}}`,
	"CreateSecret.in/properties/Tags":                                  `{"maxItems":50}`,
	"CreateSecret.in/properties/Tags/items/properties/Key":             `{"not":{"pattern":"^aws:"}}`,
	"DeleteSecret.in":                                                  `{"not":{"required":["RecoveryWindowInDays","ForceDeleteWithoutRecovery"],"properties":{"ForceDeleteWithoutRecovery":{"enum":[true]}}}}`,
	"DeleteSecret.in/properties/RecoveryWindowInDays":                  `{"minimum":7,"maximum":30}`,
	"PutSecretValue.in":                                                `{"oneOf":[{"required":["SecretString"]},{"required":["SecretBinary"]},{"required":["Secret"]}]}`,
	"RotateSecret.in/properties/RotationRules":                         `{"not":{"required":["AutomaticallyAfterDays","ScheduleExpression"]}}`,
	"TagResource.in/properties/Tags":                                   `{"maxItems":50}`,
	"TagResource.in/properties/Tags/items/properties/Key":              `{"not":{"pattern":"^aws:"}}`,
	"UpdateSecret.in":                                                  `{"not":{"required":["SecretString","SecretBinary"]}}`,
	"UpdateSecretVersionStage.in":                                      `{"anyOf":[{"required":["RemoveFromVersionId"]},{"required":["MoveToVersionId"]}]}`,
}

// asObject is the member, ours, that holds a value as an object.
const asObject = `{"Secret":{"type":"object","format":"password","x-asItIs":true}}`

// ofValue are our members of a value that is read.
const ofValue = `{"Secret":{"type":"object","format":"password","x-asItIs":true},"Region":{"type":"string"}}`

// refresh is the member that goes around the cache.
const refresh = `{"Refresh":{"type":"boolean"}}`

// expected returns what a schema file must say, texts aside.
func expected(t *testing.T, file string, m *member) node {
	t.Helper()
	if m == nil { // the answer has no content
		m = &member{Type: "structure"}
	}
	want := translate(m)
	if name, ok := strings.CutSuffix(file, ".out"); ok && elements[name] != "" {
		properties := want["properties"].(node)
		for name, element := range m.Members[elements[name]].Member.Members {
			if _, ok := properties[name]; !ok {
				properties[name] = translate(element)
			}
		}
	}
	if strings.HasSuffix(file, ".in") {
		markForMapper(want)
	}
	for pointer, rules := range beyond {
		if at, ok := within(file, pointer); ok {
			n := find(want, at)
			require.NoError(t, json.Unmarshal([]byte(rules), &n))
			maps.DeleteFunc(n, func(_ string, value any) bool { return value == nil })
		}
	}
	return want
}

func markForMapper(n node) {
	properties, _ := n["properties"].(node)
	for name, property := range properties {
		property := property.(node)
		if keyword, ok := forMapper[name]; ok {
			property[keyword] = true
		}
		markForMapper(property)
	}
	if items, ok := n["items"].(node); ok {
		markForMapper(items)
	}
}

func within(file, pointer string) ([]string, bool) {
	steps := strings.Split(pointer, "/")
	return steps[1:], steps[0] == file
}

func find(in node, steps []string) node {
	for _, step := range steps {
		in = in[step].(node)
	}
	return in
}

// translate turns a member of the model into the schema that it must have.
func translate(m *member) node {
	n := node{}
	limits := func(lowest, highest string) {
		if m.Min > 0 {
			n[lowest] = float64(m.Min)
		}
		if m.Max > 0 {
			n[highest] = float64(m.Max)
		}
	}
	if m.Required {
		n["required"] = true
	}
	if m.Sensitive {
		n["format"] = "password"
	}
	if m.Pattern != "" {
		n["pattern"] = "^" + strings.TrimSuffix(strings.TrimPrefix(m.Pattern, "^"), "$") + "$"
	}
	if m.Enum != nil {
		n["enum"] = anyOf(m.Enum)
	}
	switch m.Type {
	case "string":
		n["type"] = "string"
		limits("minLength", "maxLength")
	case "blob":
		n["type"], n["contentEncoding"] = "string", "base64"
		limits("x-minBytes", "x-maxBytes")
	case "timestamp":
		n["type"], n["format"] = "string", "date-time"
	case "boolean":
		n["type"] = "boolean"
	case "integer", "long":
		n["type"] = "integer"
		limits("minimum", "maximum")
	case "list":
		n["type"], n["items"] = "array", translate(m.Member)
		limits("minItems", "maxItems")
	case "map":
		n["type"], n["additionalProperties"] = "object", false
		n["patternProperties"] = node{fmt.Sprintf("^.{%v,%v}$", m.Key.Min, m.Key.Max): translate(m.Value)}
	case "structure":
		properties := node{}
		for name, sub := range m.Members {
			properties[name] = translate(sub)
		}
		n["type"], n["additionalProperties"], n["properties"] = "object", false, properties
	default:
		n["type"] = "unknown to this test: " + m.Type
	}
	return n
}

// anyOf is a list as encoding/json decodes it.
func anyOf(values []string) []any {
	list := make([]any, 0, len(values))
	for _, v := range values {
		list = append(list, v)
	}
	return list
}

// differences lists, in order, where a schema says something else than wanted,
// and where a property, or the schema itself, has no title or description.
func differences(at string, want, got any) []string {
	wantNode, ok := want.(node)
	gotNode, same := got.(node)
	if !ok || !same {
		if !assert.ObjectsAreEqual(want, got) {
			return []string{fmt.Sprintf("%s is %v, want %v", at, got, want)}
		}
		return nil
	}
	var list []string
	texts := described(at)
	if texts {
		list = untold(at, gotNode)
	}
	for _, key := range slices.Sorted(maps.Keys(merged(wantNode, gotNode))) {
		w, wanted := wantNode[key]
		g, there := gotNode[key]
		switch {
		case texts && (key == "title" || key == "description"):
		case !there:
			list = append(list, fmt.Sprintf("%s/%s is missing", at, key))
		case !wanted:
			list = append(list, fmt.Sprintf("%s/%s is not in the API", at, key))
		default:
			list = append(list, differences(at+"/"+key, w, g)...)
		}
	}
	return list
}

// described tells whether the node at a pointer must have a text: files and
// properties must, entries of lists need not.
func described(at string) bool {
	steps := strings.Split(at, "/")
	if strings.Contains(at, "/not/") {
		return false
	}
	return len(steps) == 1 || len(steps) > 2 && steps[len(steps)-2] == "properties"
}

func untold(at string, n node) []string {
	var list []string
	for _, key := range []string{"title", "description"} {
		if text, _ := n[key].(string); strings.TrimSpace(text) == "" {
			list = append(list, fmt.Sprintf("%s has no %s", at, key))
		}
	}
	return list
}

func merged(a, b node) node {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func document(t *testing.T, file string) node {
	t.Helper()
	text, err := FS.ReadFile(file + ".json")
	require.NoError(t, err)
	var n node
	require.NoError(t, json.Unmarshal(text, &n))
	forgetDesigner(n)
	return n
}

// forgetDesigner takes out what only the designer shows; other tests hold it.
func forgetDesigner(n node) {
	delete(n, "order")
	for _, shown := range []string{"example", "examples", "default"} { // componentjson checks them
		delete(n, shown)
	}
	for _, value := range n {
		if sub, ok := value.(node); ok {
			forgetDesigner(sub)
		}
	}
}

func TestSchemasSayWhatTheAPISays(t *testing.T) {
	operations := model(t)
	names := slices.Sorted(maps.Keys(operations))
	assert.ElementsMatch(t, slices.Concat(names, composedFunctions(), []string{"getNewAndUpdatedSecretsPolling", "secretEvent", "startFlow"}), functions(t))
	for _, name := range names {
		for file, want := range map[string]*member{name + ".in": operations[name].Input, name + ".out": operations[name].Output} {
			t.Run(file, func(t *testing.T) {
				assert.Empty(t, differences(file, expected(t, file, want), document(t, file)))
			})
		}
	}
}

// Each keyword of each file, taken away or changed, must be noticed.
func TestDifferencesNoticeEveryChange(t *testing.T) {
	for name, op := range model(t) {
		for file, m := range map[string]*member{name + ".in": op.Input, name + ".out": op.Output} {
			want, got := expected(t, file, m), document(t, file)
			changes := 0
			eachKeyword(file, got, func(at string, in node, key string) {
				was := in[key]
				delete(in, key)
				assert.NotEmpty(t, differences(file, want, got), "%s/%s was removed", at, key)
				in[key] = changed(was)
				assert.NotEmpty(t, differences(file, want, got), "%s/%s was changed", at, key)
				in[key] = was
				in["surplus"] = true
				assert.NotEmpty(t, differences(file, want, got), "%s/surplus was added", at)
				delete(in, "surplus")
				changes++
			})
			assert.Greater(t, changes, 4, file)
			assert.Empty(t, differences(file, want, got), "the document is as it was")
		}
	}
}

func eachKeyword(at string, in node, do func(at string, in node, key string)) {
	for _, key := range slices.Sorted(maps.Keys(in)) {
		if sub, ok := in[key].(node); ok {
			eachKeyword(at+"/"+key, sub, do)
		}
		if (key == "title" || key == "description") && !described(at) {
			continue
		}
		do(at, in, key)
	}
}

func changed(v any) any {
	switch v := v.(type) {
	case bool:
		return !v
	case float64:
		return v + 1
	case []any:
		return v[1:]
	case string:
		return " "
	}
	return []any{}
}

// The cases that matter most, by name, so that a failure reads well.
func TestDifferencesName(t *testing.T) {
	cases := []struct {
		name   string
		change func(properties node)
		want   string
	}{
		{"missing member", func(p node) { delete(p, "Type") }, "CreateSecret.in/properties/Type is missing"},
		{"member too many", func(p node) { p["Types"] = node{} }, "CreateSecret.in/properties/Types is not in the API"},
		{"missing limit", func(p node) { delete(p["Name"].(node), "maxLength") }, "CreateSecret.in/properties/Name/maxLength is missing"},
		{"other limit", func(p node) { p["Name"].(node)["maxLength"] = 256.0 }, "CreateSecret.in/properties/Name/maxLength is 256, want 512"},
		{"missing pattern", func(p node) {
			delete(find(p, strings.Split("AddReplicaRegions/items/properties/Region", "/")), "pattern")
		}, "CreateSecret.in/properties/AddReplicaRegions/items/properties/Region/pattern is missing"},
		{"missing secret mark", func(p node) { delete(p["SecretString"].(node), "format") }, "CreateSecret.in/properties/SecretString/format is missing"},
		{"not required", func(p node) { delete(p["Name"].(node), "required") }, "CreateSecret.in/properties/Name/required is missing"},
		{"no title", func(p node) { delete(p["Name"].(node), "title") }, "CreateSecret.in/properties/Name has no title"},
		{"empty description", func(p node) { p["Name"].(node)["description"] = " " }, "CreateSecret.in/properties/Name has no description"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := document(t, "CreateSecret.in")
			c.change(got["properties"].(node))
			assert.Equal(t, []string{c.want}, differences("CreateSecret.in", expected(t, "CreateSecret.in", model(t)["CreateSecret"].Input), got))
		})
	}
}
