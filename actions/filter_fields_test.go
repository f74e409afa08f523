package actions

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/schemas"
)

func TestFilterFields(t *testing.T) {
	const (
		all  = `{"namePrefix":" prod/ ","tagKey":"!team","tagValue":"shop"}`
		name = `{"namePrefix":"prod/"}`
	)
	for _, test := range []struct{ name, config, body, want string }{
		{"no configuration", ``, `{"MaxResults":1}`, `{"MaxResults":1}`},
		{"no field", `{"namePrefix":"","tagKey":null,"tagValue":"  "}`, `{"MaxResults":1}`, `{"MaxResults":1}`},
		{"all fields", all, `{}`, `{"Filters":[{"Key":"name","Values":["prod/"]},{"Key":"tag-key","Values":["!team"]},{"Key":"tag-value","Values":["shop"]}]}`},
		{"no body", name, ``, `{"Filters":[{"Key":"name","Values":["prod/"]}]}`},
		{"null", name, `null`, `{"Filters":[{"Key":"name","Values":["prod/"]}]}`},
		{"other members stay", name, `{"SortBy":"name","MaxResults":"5"}`, `{"SortBy":"name","MaxResults":"5","Filters":[{"Key":"name","Values":["prod/"]}]}`},
		{"Filters of nothing", name, `{"Filters":null,"SecretIdList":null}`, `{"SecretIdList":null,"Filters":[{"Key":"name","Values":["prod/"]}]}`},
		{"a list", name, `{"Filters":[{"Key":"all","Values":["<a>"]}]}`, `{"Filters":[{"Key":"all","Values":["<a>"]},{"Key":"name","Values":["prod/"]}]}`},
		{"an empty list", name, `{"Filters":[]}`, `{"Filters":[{"Key":"name","Values":["prod/"]}]}`},
		{"the bare value of a list of one", name, `{"Filters":{"Key":"all","Values":"a"}}`, `{"Filters":[{"Key":"all","Values":"a"},{"Key":"name","Values":["prod/"]}]}`},
		{"what is wrong is left to the schema", name, `{"Filters":"all"}`, `{"Filters":"all"}`},
		{"as is a body that is no object", name, `["a"]`, `["a"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := addFilters(json.RawMessage(test.config), json.RawMessage(test.body))
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(got))
		})
	}
}

func TestFilterFieldsRefuse(t *testing.T) {
	ten := `{"Filters":[` + strings.TrimSuffix(strings.Repeat(`{"Key":"all","Values":["a"]},`, 10), ",") + `]}`
	for _, test := range []struct{ name, config, body, code, want string }{
		{"no text", `{"tagKey":{"planted":1}}`, `{}`, component.InvalidConfig, "tagKey (\"Tag keys begin with\") must be text"},
		{"other characters", `{"namePrefix":"planted/*"}`, `{}`, component.InvalidConfig,
			"namePrefix (\"Names begin with\") must be letters from a to z, digits, spaces or any of :_@/+=.-!, for AWS finds no others (given: a text of 9 characters)"},
		{"too long", `{"tagValue":"` + strings.Repeat("p", 513) + `"}`, `{}`, component.InvalidConfig,
			"tagValue (\"Tag values begin with\") must have at most 512 characters (given: a text of 513 characters)"},
		{"a configuration that is none", `[]`, `{}`, component.InvalidConfig, "the step's configuration must be a JSON object"},
		{"ids as well", `{"namePrefix":"a","tagKey":"b"}`, `{"SecretIdList":["planted"]}`, component.InvalidInput,
			"body.SecretIdList (\"Secrets\"): is mutually exclusive with the step's namePrefix (\"Names begin with\"), tagKey (\"Tag keys begin with\") – " +
				"leave it out, or clear what the step has there"},
		{"more than ten", `{"tagValue":"a"}`, ten, component.InvalidInput,
			"body.Filters: must have at most 10 entries, together with the step's tagValue (\"Tag values begin with\") (given: 11 entries)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := addFilters(json.RawMessage(test.config), json.RawMessage(test.body))
			failed, ok := errors.AsType[*component.Error](err)
			require.True(t, ok)
			assert.Equal(t, test.code, failed.Name)
			assert.Equal(t, test.want, failed.Message)
		})
	}
}

// The fields are called what component.json calls them, and take what the API does.
func TestFilterFieldsAgree(t *testing.T) {
	var d struct {
		Actions map[string]struct {
			Fields map[string]struct{ Label string }
		}
	}
	require.NoError(t, json.Unmarshal(connector.Descriptor, &d))
	for _, spec := range Specs(testOptions) {
		text, err := schemas.FS.ReadFile(spec.Name + ".in.json")
		require.NoError(t, err)
		if !strings.Contains(string(text), `"Filters"`) {
			assert.Nil(t, spec.Complete)
			continue
		}
		require.NotNil(t, spec.Complete, spec.Name)
		for _, f := range filterFields() {
			assert.Equal(t, f.Label, d.Actions[spec.Name].Fields[f.Name].Label, spec.Name)
		}
		var schema struct {
			Properties struct {
				Filters struct {
					MaxItems int
					Items    struct {
						Properties struct {
							Values struct {
								Items struct {
									Pattern   string
									MaxLength int
								}
							}
						}
					}
				}
			}
		}
		require.NoError(t, json.Unmarshal(text, &schema))
		assert.Equal(t, schema.Properties.Filters.MaxItems, maxFilters)
		value := schema.Properties.Filters.Items.Properties.Values.Items
		assert.Equal(t, value.MaxLength, maxFilterValue)
		assert.Equal(t, value.Pattern, filterValue.String())
	}
}

// What a step's fields leave of the secrets, alone and with mapped Filters.
func TestListsByFields(t *testing.T) {
	l := newLocal(t)
	for _, body := range []string{
		`{"Name":"prod/db","SecretString":"v","Tags":[{"Key":"team","Value":"shop"},{"Key":"tier","Value":"gold"}]}`,
		`{"Name":"prod/mail","SecretString":"v","Tags":[{"Key":"team","Value":"mail"}]}`,
		`{"Name":"test/db","SecretString":"v","Tags":[{"Key":"teams","Value":"shop"}]}`,
		`{"Name":"other","SecretString":"v"}`,
	} {
		l.run(t, "CreateSecret", body)
	}
	names := regexp.MustCompile(`"Name":"([^"]*)"`)
	for _, test := range []struct{ name, fields, body, want string }{
		{"by name", `"namePrefix":"prod/"`, `{}`, "prod/db prod/mail"},
		{"by what the name is not", `"namePrefix":"!prod/"`, `{}`, "other test/db"},
		{"by the beginning of a tag's key", `"tagKey":"team"`, `{}`, "prod/db prod/mail test/db"},
		{"by key and value of different tags", `"tagKey":"team","tagValue":"gold"`, `{}`, "prod/db"},
		{"with mapped Filters", `"tagValue":"shop"`, `{"Filters":{"Key":"name","Values":"test/, other"}}`, "test/db"},
	} {
		for _, function := range []string{"ListSecrets", "BatchGetSecretValue"} {
			t.Run(function+" "+test.name, func(t *testing.T) {
				deps := l.deps(test.fields + `,"emitBehaviour":"emitAll"`)
				body, err := specOf(t, function).Complete(deps.Config, json.RawMessage(test.body))
				require.NoError(t, err)
				in, _, err := schemas.Load(function)
				require.NoError(t, err)
				body, err = in.Check(body)
				require.NoError(t, err)
				out := new(recorder)
				require.NoError(t, newHandler(t, Specs(testOptions), function, deps).Handle(t.Context(), newRequest(string(body)), out))
				require.Len(t, out.bodies, 1)
				var got []string
				for _, found := range names.FindAllStringSubmatch(string(out.bodies[0]), -1) {
					got = append(got, found[1])
				}
				assert.ElementsMatch(t, strings.Fields(test.want), got)
			})
		}
	}
}
