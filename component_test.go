package connector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/internal/apimodel"
)

// descriptor has every key that component.json may have; another one is a
// typing error, or something that the platform does not know.
type descriptor struct {
	Title, Description, Version, BuildType, DocsURL string

	Help    help
	EnvVars map[string]struct {
		Required    bool
		Description string
	}
	Credentials struct {
		Help   help
		Fields map[string]field
	}
	Triggers map[string]function
	Actions  map[string]function
}

type field struct {
	ViewClass, Label, Placeholder, Note, Prompt, Default string
	Order                                                int
	Required                                             bool
	Require                                              []string
	Model                                                json.RawMessage
	Help                                                 help
}

type help struct{ Description, Link string }

type function struct {
	Title, Description, Type, Main string
	Order                          int
	Help                           help
	Fields                         map[string]field
	Metadata                       struct{ In, Out string }
	DynamicMetadata                bool
}

// choices are those of a drop-down.
func (f field) choices(t *testing.T) map[string]string {
	t.Helper()
	var choices map[string]string
	require.NoError(t, json.Unmarshal(f.Model, &choices))
	return choices
}

func describe(t *testing.T) descriptor {
	t.Helper()
	var d descriptor
	dec := json.NewDecoder(bytes.NewReader(connector.Descriptor))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&d))
	return d
}

func TestComponent(t *testing.T) {
	d := describe(t)
	assert.Equal(t, "AWS Secrets Manager", d.Title)
	assert.Regexp(t, `^\d+\.\d+\.\d+$`, d.Version)
	assert.Equal(t, "docker", d.BuildType)
	assert.True(t, strings.HasSuffix(d.DocsURL, "/docs/actions.md"))
	for name, v := range d.EnvVars {
		assert.False(t, v.Required, name)
	}
}

func TestChangelogHasTheVersion(t *testing.T) {
	changelog, err := os.ReadFile("CHANGELOG.md")
	require.NoError(t, err)
	latest := regexp.MustCompile(`(?m)^## \[(\d.*)\] - \d{4}-\d{2}-\d{2}$`).FindSubmatch(changelog)
	require.NotNil(t, latest, "no version is released")
	assert.Equal(t, describe(t).Version, string(latest[1]))
}

func TestComponentIsFormatted(t *testing.T) {
	var want bytes.Buffer
	require.NoError(t, json.Indent(&want, bytes.TrimSpace(connector.Descriptor), "", "  "))
	want.WriteByte('\n')
	assert.Equal(t, want.String(), string(connector.Descriptor))
}

// composed are the actions that AWS does not have.
var composed = []string{"AbortRotation", "BeginRotation", "FinishRotation", "LookupSecret", "MakeRawRequest", "SetSecretKeys", "UpsertSecret"}

func operations(t *testing.T) []string {
	t.Helper()
	operations, err := apimodel.Operations()
	require.NoError(t, err)
	return slices.Sorted(maps.Keys(operations))
}

func TestFunctionsAreTheOperations(t *testing.T) {
	d := describe(t)
	want := slices.Sorted(slices.Values(append(operations(t), composed...)))
	assert.Equal(t, want, slices.Sorted(maps.Keys(d.Actions)))
	assert.Equal(t, []string{"getNewAndUpdatedSecretsPolling", "secretEvent", "startFlow"}, slices.Sorted(maps.Keys(d.Triggers)))

	var inFile []string
	for _, m := range regexp.MustCompile(`(?m)^    "([A-Z]\w+)": \{$`).FindAllSubmatch(connector.Descriptor, -1) {
		inFile = append(inFile, string(m[1]))
	}
	assert.Equal(t, want, slices.DeleteFunc(inFile, func(s string) bool { return strings.ToUpper(s) == s }), "in alphabetical order")
}

func TestFunctionsAreDescribed(t *testing.T) {
	d := describe(t)
	titles := map[string]string{}
	all := maps.Clone(d.Actions)
	maps.Copy(all, d.Triggers)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			f := all[name]
			assert.Empty(t, titles[f.Title], "the title is taken")
			titles[f.Title] = name
			assert.Regexp(t, `^[A-Z][a-z]+( [a-z]+)+$`, f.Title, "a title is words")
			assert.Regexp(t, `^[A-Z].*\.$`, f.Description)
			in, out := "./schemas/"+name+".in.json", "./schemas/"+name+".out.json"
			if f.DynamicMetadata {
				in, out = "", ""
			}
			assert.Equal(t, in, f.Metadata.In)
			assert.Equal(t, out, f.Metadata.Out)
		})
	}
	for name, kind := range map[string]string{"startFlow": "polling", "secretEvent": "webhook", "getNewAndUpdatedSecretsPolling": "polling"} {
		assert.Equal(t, kind, d.Triggers[name].Type)
		assert.Equal(t, "./triggers/"+snake(name)+".go", d.Triggers[name].Main)
	}
}

// Most used first.
func TestOrderOfActions(t *testing.T) {
	actions := describe(t).Actions
	names := slices.SortedFunc(maps.Keys(actions), func(a, b string) int { return actions[b].Order - actions[a].Order })
	assert.Equal(t, []string{"GetSecretValue", "PutSecretValue", "CreateSecret", "UpdateSecret", "ListSecrets"}, names[:5])
}

// The platform stores samples and hands messages on, with the secrets in them.
func TestActionsThatEmitSecretsWarn(t *testing.T) {
	for name, a := range describe(t).Actions {
		out, err := os.ReadFile("schemas/" + name + ".out.json")
		require.NoError(t, err)
		for _, words := range []string{"Generate stub sample", "switch passthrough off"} {
			assert.Equal(t, strings.Contains(string(out), `"format": "password"`), strings.Contains(a.Help.Description, words), name)
		}
	}
}

func TestActionsNameTheirPermissions(t *testing.T) {
	iam := regexp.MustCompile(`\b(\w+):(\w+)`)
	known := operations(t)
	for name, a := range describe(t).Actions {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, !slices.Contains(composed, name), regexp.MustCompile(`\bsecretsmanager:`+name+`\b`).MatchString(a.Description))
			assert.Equal(t, "./actions/"+snake(name)+".go", a.Main)
			assert.Empty(t, a.Type)
			for _, m := range iam.FindAllStringSubmatch(a.Description, -1) {
				switch service, action := m[1], m[2]; service {
				case "secretsmanager":
					if action != "AcceptCrossAccountReplication" { // which AWS does in the name of AssociateCrossAccountReplica
						assert.Contains(t, known, action)
					}
				case "kms":
					assert.Contains(t, []string{"Decrypt", "Encrypt", "GenerateDataKey"}, action)
				case "lambda":
					assert.Equal(t, "InvokeFunction", action)
				case "iam":
					assert.Equal(t, "PassRole", action)
				default:
					assert.Fail(t, "unknown service", service)
				}
			}
		})
	}
}

func snake(name string) string {
	return strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(name, "${1}_$2"))
}

func TestListsOfferThreeWaysToEmit(t *testing.T) {
	d := describe(t)
	lists := []string{"BatchGetSecretValue", "ListResourcePolicies", "ListSecretVersionIds", "ListSecrets"}
	for name, a := range d.Actions {
		emit, ok := a.Fields["emitBehaviour"]
		assert.Equal(t, slices.Contains(lists, name), ok, name)
		if !ok {
			continue
		}
		assert.Equal(t, "SelectView", emit.ViewClass, name)
		assert.Equal(t, "emitPage", emit.Default, name)
		assert.False(t, emit.Required, name)
		assert.Equal(t, map[string]string{"emitPage": "Emit page", "emitAll": "Emit all", "emitIndividually": "Emit individually"}, emit.choices(t), name)
	}
}

// TestListsAreFiltered holds that each action that takes filters offers the same
// three fields.
func TestListsAreFiltered(t *testing.T) {
	d := describe(t)
	list, batch := d.Actions["ListSecrets"].Fields, d.Actions["BatchGetSecretValue"].Fields
	for _, field := range []string{"namePrefix", "tagKey", "tagValue"} {
		want, got := list[field], batch[field]
		assert.Equal(t, "TextFieldView", want.ViewClass)
		assert.False(t, want.Required)
		got.Help.Description = strings.TrimSuffix(got.Help.Description, " With it, SecretIdList cannot be mapped.")
		got.Help.Link, want.Help.Link = "", ""
		assert.Equal(t, want, got)
	}
}

// TestSecretsAreChosen holds that each action on an existing secret offers the
// same two fields, and no other action does.
func TestSecretsAreChosen(t *testing.T) {
	d := describe(t)
	same := d.Actions["GetSecretValue"].Fields
	assert.Equal(t, "TextFieldView", same["namePrefix"].ViewClass)
	assert.Equal(t, "SelectView", same["secret"].ViewClass)
	assert.Equal(t, []string{"namePrefix"}, same["secret"].Require)
	assert.Less(t, bytes.Index(connector.Descriptor, []byte(`"namePrefix"`)), bytes.Index(connector.Descriptor, []byte(`"secret"`)))
	for name, a := range d.Actions {
		t.Run(name, func(t *testing.T) {
			in, err := os.ReadFile("schemas/" + name + ".in.json")
			require.NoError(t, err)
			onSecret := strings.Contains(string(in), "    \"SecretId\": {")
			assert.Equal(t, name != "GetRandomPassword" && name != "MakeRawRequest", a.DynamicMetadata)
			for _, field := range []string{"namePrefix", "secret"} {
				want, got := same[field], a.Fields[field]
				if !onSecret {
					want = got
					assert.NotContains(t, a.Fields, "secret")
				}
				if name == "RestoreSecret" { // lists other secrets, and says so
					got.Help.Description = strings.TrimPrefix(got.Help.Description, "Only secrets that are scheduled for deletion are listed. ")
				}
				got.Help.Link, want.Help.Link = "", ""
				assert.Equal(t, want, got)
				assert.False(t, got.Required)
			}
		})
	}
}

// Each action that reads or stores the value of a secret offers the same formats,
// and those that read it a choice of keys.
func TestValuesHaveAFormat(t *testing.T) {
	d := describe(t)
	reading, writing := []string{"BatchGetSecretValue", "BeginRotation", "GetSecretValue", "LookupSecret"}, []string{"CreateSecret", "PutSecretValue", "UpdateSecret", "UpsertSecret"}
	for name, a := range d.Actions {
		format, ok := a.Fields["valueFormat"]
		assert.Equal(t, slices.Contains(slices.Concat(reading, writing), name), ok, name)
		_, hasKeys := a.Fields["keys"]
		assert.Equal(t, slices.Contains(reading, name), hasKeys, name)
		if ok {
			assert.Equal(t, "text", format.Default, name)
			assert.False(t, format.Required, name)
			assert.Equal(t, map[string]string{"text": "Text", "json": "JSON"}, format.choices(t), name)
		}
	}
}

func TestCredentials(t *testing.T) {
	fields := describe(t).Credentials.Fields
	cases := []struct {
		name, view string
		required   bool
	}{
		{"accessKeyId", "TextFieldView", false},
		{"accessKeySecret", "PasswordFieldView", false},
		{"sessionToken", "PasswordFieldView", false},
		{"region", "SelectView", true},
		{"failoverRegion", "SelectView", false},
		{"roleArn", "TextFieldView", false},
		{"externalId", "TextFieldView", false},
		{"endpoint", "TextFieldView", false},
		{"fips", "CheckBoxView", false},
		{"dualStack", "CheckBoxView", false},
	}
	assert.Len(t, fields, len(cases))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := fields[c.name]
			assert.Equal(t, c.view, f.ViewClass)
			assert.Equal(t, c.required, f.Required)
		})
	}
}

func TestRegionsHaveAnEndpoint(t *testing.T) {
	fields := describe(t).Credentials.Fields
	regions := fields["region"].choices(t)
	assert.Equal(t, regions, fields["failoverRegion"].choices(t))
	assert.GreaterOrEqual(t, len(regions), 38)
	names := map[string]bool{}
	for code, name := range regions {
		assert.False(t, names[name], "two regions are called %s", name)
		names[name] = true
		endpoint, err := secretsmanager.NewDefaultEndpointResolverV2().
			ResolveEndpoint(context.Background(), secretsmanager.EndpointParameters{Region: &code})
		require.NoError(t, err, code)
		suffix := "amazonaws.com"
		switch {
		case strings.HasPrefix(code, "cn-"):
			suffix = "amazonaws.com.cn"
		case strings.HasPrefix(code, "eusc-"):
			suffix = "amazonaws.eu"
		}
		assert.Equal(t, "secretsmanager."+code+"."+suffix, endpoint.URI.Host)
	}
	for _, code := range []string{"us-east-1", "eu-central-1", "ap-southeast-2", "cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1"} {
		assert.Contains(t, regions, code)
	}
}

// Errors name a field as the designer sees it.
func TestErrorsKnowTheLabels(t *testing.T) {
	d := describe(t)
	labels := map[string]map[string]bool{}
	for _, fields := range slices.Concat(
		[]map[string]field{d.Credentials.Fields}, fieldsOf(d.Actions), fieldsOf(d.Triggers),
	) {
		for name, f := range fields {
			if labels[name] == nil {
				labels[name] = map[string]bool{}
			}
			labels[name][f.Label] = true
		}
	}
	literal := regexp.MustCompile(`\{Name: "(\w+)", Label: "([^"]+)"\}`)
	known := map[string]bool{}
	for _, pattern := range []string{"actions/*.go", "triggers/*.go", "internal/awsapi/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, found := range literal.FindAllStringSubmatch(string(text), -1) {
				assert.Equal(t, map[string]bool{found[2]: true}, labels[found[1]], "%s in %s", found[1], file)
				known[found[1]] = true
			}
		}
	}
	for name := range labels {
		assert.True(t, known[name], "no error can name %s", name)
	}
}

func fieldsOf(functions map[string]function) (all []map[string]field) {
	for _, f := range functions {
		all = append(all, f.Fields)
	}
	return all
}

func TestLogo(t *testing.T) {
	file, err := os.Open("logo.png")
	require.NoError(t, err)
	defer file.Close()
	logo, err := png.Decode(file)
	require.NoError(t, err)
	assert.Equal(t, 128, logo.Bounds().Dx())
	assert.Equal(t, 128, logo.Bounds().Dy())
}

// TestChoicesAreOffered holds that members with a few usual values offer them, as
// examples, for others are right, too: labels of one's own, regions to come.
func TestChoicesAreOffered(t *testing.T) {
	regions := slices.Sorted(maps.Keys(describe(t).Credentials.Fields["region"].choices(t)))
	labels := []string{"AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"}
	want := map[string][]string{"Region": regions, "RemoveReplicaRegions": regions, "VersionStage": labels, "VersionStages": labels}
	files, err := filepath.Glob("schemas/*.in.json")
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var root place
		require.NoError(t, json.Unmarshal(text, &root))
		root.walk(func(name string, p place) {
			if choices, ok := want[name]; ok {
				assert.ElementsMatch(t, choices, p.Examples, "%s of %s", name, file)
				seen[name] = true
			}
		})
	}
	assert.Len(t, seen, len(want))
}

// place is one in a schema.
type place struct {
	Examples   []any
	Properties map[string]place
	Items      *place
}

func (p place) walk(do func(name string, p place)) {
	for name, member := range p.Properties {
		do(name, member)
		member.walk(do)
	}
	if p.Items != nil {
		p.Items.walk(do)
	}
}
