package e2e

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/actions"
	"aws-secrets-manager-connector/internal/apimodel"
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/bunyan"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/sailor"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/internal/testkit"
	"aws-secrets-manager-connector/schemas"
	"aws-secrets-manager-connector/triggers"
)

// A kind of violation makes a wrong value for a member, or reports that the
// kind does not apply to it.
type kind struct {
	name  string
	wrong func(m *apimodel.Shape, secret string) (value any, applies bool)
}

var kinds = []kind{
	{"too long", func(m *apimodel.Shape, secret string) (any, bool) {
		return strings.Repeat(secret, m.Max/utf8.RuneCountInString(secret)+1), m.Type == "string" && m.Max > 0
	}},
	{"wrong pattern", func(m *apimodel.Shape, secret string) (any, bool) {
		return "~ ~ ~" + secret, m.Type == "string" && m.Pattern != ""
	}},
	{"wrong enum", func(m *apimodel.Shape, secret string) (any, bool) {
		return secret, len(m.Enum) > 0
	}},
	{"wrong type", func(m *apimodel.Shape, secret string) (any, bool) {
		if m.Type == "list" && m.Member.Type == "string" { // one text is a list of it
			return secretNumber, true
		}
		if m.Type == "list" || m.Type == "structure" {
			return secret, true
		}
		return []any{secret}, true
	}},
	{"secret as a name", func(_ *apimodel.Shape, secret string) (any, bool) {
		return map[string]any{secret: map[string]any{secret: secret}}, true
	}},
	{"number for a text", func(m *apimodel.Shape, _ string) (any, bool) {
		return secretNumber, m.Type == "string" || m.Type == "blob"
	}},
	{"text for a number", func(m *apimodel.Shape, secret string) (any, bool) {
		return secret, m.Type == "integer" || m.Type == "long" || m.Type == "boolean"
	}},
}

// secretNumber is planted where the schemas ask for something else.
const secretNumber = json.Number("4829105736481920")

// isJSONText are the members for which objects and lists are right: they become
// JSON text.
var isJSONText = map[string]bool{"SecretString": true, "ResourcePolicy": true}

// violate fills every member, at any depth, that the kind applies to, and
// returns the body with the paths of what is wrong in it.
func violate(k kind, m *apimodel.Shape, path, secret string) (value any, paths []string) {
	wrong, applies := k.wrong(m, secret)
	if _, text := wrong.(string); applies && path != "" && (text || wrong == secretNumber || !isJSONText[path]) {
		return wrong, []string{path}
	}
	switch m.Type {
	case "structure":
		body := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(m.Members)) {
			below := name
			if path != "" {
				below = path + "." + name
			}
			if v, found := violate(k, m.Members[name], below, secret); len(found) > 0 {
				body[name] = v
				paths = append(paths, found...)
			}
		}
		return body, paths
	case "list":
		v, found := violate(k, m.Member, path+"[0]", secret)
		return []any{v}, found
	}
	return nil, nil
}

// exclusions are the members of which a message has one at the most.
var exclusions = map[string][2]string{
	"CreateSecret":        {"SecretString", "SecretBinary"},
	"PutSecretValue":      {"SecretString", "SecretBinary"},
	"UpdateSecret":        {"SecretString", "SecretBinary"},
	"BatchGetSecretValue": {"SecretIdList", "Filters"},
	"DeleteSecret":        {"RecoveryWindowInDays", "ForceDeleteWithoutRecovery"},
}

func TestBadInput(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	var planted testkit.Planted
	log := &testkit.Output{}
	names := functions(t)
	environment, err := fake.NewEnvironment(ctx, fake.InMemory(), names)
	require.NoError(t, err)
	for label, value := range environment.Secrets() {
		planted.Add(label, value)
	}
	planted.Add("number", secretNumber.String())
	steps := fake.Steps{Environment: environment, New: inProcess(t, log)}
	defer func() {
		assert.NoError(t, steps.Stop())
		assert.NoError(t, environment.Close(context.WithoutCancel(ctx)))
		planted.AssertAbsent(t, "log", []byte(log.String()))
	}()

	refused := func(t *testing.T, function string, body any, texts ...string) (message string) {
		t.Helper()
		require.NoError(t, steps.Start(ctx, function))
		_, err := environment.Send(ctx, function, body, 2, nil)
		require.NoError(t, err)
		got, err := environment.Receive(ctx)
		require.NoError(t, err)
		require.Equal(t, "error", got.Kind)
		assert.Equal(t, component.InvalidInput, got.Failure.Name)
		for _, text := range texts {
			assert.Contains(t, got.Failure.Message, text)
		}
		planted.AssertAbsent(t, "error text", []byte(got.Failure.Message))
		assert.Empty(t, environment.AWS.Calls(), "AWS was called")
		return got.Failure.Message
	}

	operations, err := apimodel.Operations()
	require.NoError(t, err)
	for operation, model := range operations {
		input := model.Input
		for _, k := range kinds {
			secret := planted.New(operation + " " + k.name)
			body, paths := violate(k, input, "", secret)
			if len(paths) == 0 {
				continue // the operation has no such member
			}
			t.Run(operation+"/"+k.name, func(t *testing.T) { refused(t, operation, body, paths...) })
		}
		t.Run(operation+"/missing", func(t *testing.T) {
			var required []string
			for name, m := range input.Members {
				if m.Required {
					required = append(required, name)
				}
			}
			if len(required) == 0 {
				t.Skip("nothing is required")
			}
			refused(t, operation, map[string]any{}, required...)
		})
		t.Run(operation+"/unknown property", func(t *testing.T) {
			body := map[string]any{planted.New(operation + " name"): planted.New(operation + " unknown property")}
			for name := range input.Members {
				body[name[:len(name)-1]] = planted.New(operation + " misspelt " + name)
				refused(t, operation, body, "has an unknown property (given: a name of ", name[:len(name)-1], name)
				break
			}
		})
	}
	for operation := range operations {
		t.Run(operation+"/shape of the generated connector", func(t *testing.T) {
			message := refused(t, operation, map[string]any{
				"Action": operation, "Version": "2017-10-17", "X_Amz_Security_Token": planted.New(operation + " token"),
				"requestBody": map[string]any{"SecretId": planted.New(operation + " id"), "SecretString": planted.New(operation + " value")},
			}, "body: has the shape of the generated connector: ", "docs/migrating.md")
			assert.NotContains(t, message, "; ", "it is one error")
		})
	}
	for _, name := range names {
		if _, ok := operations[name]; ok || strings.ToLower(name[:1]) == name[:1] {
			continue // an operation, or a trigger
		}
		t.Run(name+"/wrong type", func(t *testing.T) {
			body, members := wrongTypes(t, name, planted.New(name+" wrong type"))
			refused(t, name, body, members...)
		})
		t.Run(name+"/unknown property", func(t *testing.T) {
			refused(t, name, map[string]any{planted.New(name + " name"): planted.New(name + " unknown property")}, "has an unknown property")
		})
	}
	for operation, pair := range exclusions {
		t.Run(operation+"/both", func(t *testing.T) {
			values := map[string]any{
				"SecretString": planted.New("string of both"), "SecretBinary": "AAECAwQ=",
				"SecretIdList": []any{"a"}, "Filters": []any{map[string]any{"Key": "name", "Values": []any{"a"}}},
				"RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": true,
			}
			body := map[string]any{pair[0]: values[pair[0]], pair[1]: values[pair[1]]}
			for _, id := range []string{"Name", "SecretId"} {
				if _, ok := operations[operation].Input.Members[id]; ok {
					body[id] = "some-secret"
				}
			}
			refused(t, operation, body, pair[0], pair[1])
		})
	}
	for name, body := range map[string]any{"null": nil, "a text": planted.New("body"), "a number": secretNumber, "a list": []any{planted.New("entry")}} {
		t.Run("body is "+name, func(t *testing.T) { refused(t, "GetSecretValue", body) })
	}
}

// wrongTypes fills every member of a function's input with what it does not take.
func wrongTypes(t *testing.T, function, secret string) (body map[string]any, members []string) {
	t.Helper()
	text, err := schemas.FS.ReadFile(function + ".in.json")
	require.NoError(t, err)
	var in struct {
		Properties map[string]struct {
			Type     string
			JSONText bool `json:"x-jsonText"`
		}
	}
	require.NoError(t, json.Unmarshal(text, &in))
	body = map[string]any{}
	for name, property := range in.Properties {
		body[name] = []any{secret}
		if property.Type == "array" || property.JSONText {
			body[name] = secretNumber
		}
		members = append(members, name)
	}
	return body, members
}

// inProcess makes sailors that log everything they have to say.
func inProcess(t *testing.T, log *testkit.Output) func(settings.Settings, broker.Source, broker.Sink) (fake.Runtime, error) {
	aws := awsapi.Options{AllowInsecureEndpoint: true}
	registry, err := component.NewRegistry(connector.Descriptor,
		append(triggers.Specs(time.Now, aws), actions.Specs(aws)...)...)
	require.NoError(t, err)
	return func(set settings.Settings, source broker.Source, sink broker.Sink) (fake.Runtime, error) {
		set.ErrorRateLimit = 1000
		logger := bunyan.New(log, bunyan.Options{Name: "sailor", Level: bunyan.LevelTrace})
		return sailor.New(sailor.Options{
			Settings: set, Registry: registry, Schemas: schemas.Load, Source: source, Sink: sink,
			Log: logger, ComponentLog: logger,
		})
	}
}
