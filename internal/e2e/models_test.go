package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/internal/testkit"
)

// asked is what component.json says of a function that is asked for models.
type asked struct {
	DynamicMetadata bool
	Fields          map[string]struct {
		ViewClass string
		Model     any
	}
}

// TestModelsOfEveryFunction asks every function for what the designer sees, as the
// platform does: its schemas with no field set and with all of them, and its
// drop-downs. UPDATE_GOLDENS=1 writes what they are.
func TestModelsOfEveryFunction(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	var d struct{ Triggers, Actions map[string]asked }
	require.NoError(t, json.Unmarshal(connector.Descriptor, &d))
	maps.Copy(d.Actions, d.Triggers)

	c := newServiceCall(openDesk(t, http.StatusOK))
	k := keys{c.token("access key secret"), c.token("session token")}
	c.planted.Add("number", "48291057364819")
	aws := emulate(t, k, `{"secrets": [
		{"name": "shop/mail", "description": "of the shop", "secretString": "`+c.token("value")+`"},
		{"name": "shop/old", "secretString": "`+c.token("old value")+`"},
		{"name": "shop/database", "secretString": {"username": "`+c.token("user name")+`", "port": 48291057364819}}]}`)
	credentials := map[string]any{"accessKeyId": userKey, "accessKeySecret": k.secret, "region": "us-east-1", "endpoint": aws}
	deleteSecret(ctx, t, c, credentials, "shop/old")
	// The fields that change what the mapper shows.
	set := map[string]any{"namePrefix": "shop/", "secret": "shop/database", "valueFormat": "json", "emitBehaviour": "emitIndividually", "tagKey": "team", "withValue": true}

	goldens := map[string]bool{}
	for name, function := range d.Actions {
		models := methods(function)
		if !function.DynamicMetadata && len(models) == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			ask := func(method, model string, fields map[string]any) json.RawMessage {
				desk := openDesk(t, http.StatusOK)
				c.postTo(desk)
				c.env["ELASTICIO_ACTION_OR_TRIGGER"], c.env["ELASTICIO_GET_MODEL_METHOD"] = name, model
				c.cfg = maps.Clone(credentials)
				for name, field := range function.Fields {
					if value, ok := fields[name]; ok {
						c.cfg[name] = value
					} else if fields != nil && field.ViewClass == "CheckBoxView" {
						c.cfg[name] = true
					}
				}
				c.run(ctx, t, 0, "node", "./node_modules/elasticio-sailor-nodejs/runService.js", method)
				return data(t, desk.only(t, c))
			}
			var text strings.Builder
			if function.DynamicMetadata {
				text.WriteString("no field is set\n" + outline(t, ask("getMetaModel", "", nil)))
				text.WriteString("\nall fields are set\n" + outline(t, ask("getMetaModel", "", set)))
			}
			for _, model := range models {
				text.WriteString("\n" + model + "\n" + choices(t, ask("selectModel", model, set)))
			}
			assertGolden(t, "models/"+name+".txt", text.String())
		})
		goldens[name+".txt"] = true
	}
	files, err := os.ReadDir("testdata/models")
	require.NoError(t, err)
	for _, file := range files {
		assert.True(t, goldens[file.Name()], "%s is of no function", file.Name())
	}
}

// methods are the models that are names of methods.
func methods(function asked) (names []string) {
	for _, field := range function.Fields {
		if name, ok := field.Model.(string); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// deleteSecret schedules a secret for deletion, by the program itself.
func deleteSecret(ctx context.Context, t *testing.T, c *serviceCall, cfg map[string]any, name string) {
	t.Helper()
	text, err := json.Marshal(cfg)
	require.NoError(t, err)
	p := testkit.Start(ctx, t, t.TempDir(), nil, program, "process", "-f", "DeleteSecret", "--aws",
		"--cfg", string(text), "--body", `{"SecretId":"`+name+`"}`)
	require.Equal(t, 0, p.Status(), p.Output())
	c.planted.AssertAbsent(t, "the output", []byte(p.Output()))
}

// shown is a place in a schema, as the designer's mapper shows it.
type shown struct {
	Title, Type, Format string
	Order               int
	Required            any
	Properties          map[string]*shown
	Items               *shown
}

// outline has a line for each member of the input and the output, in the order in
// which the designer shows them.
func outline(t *testing.T, schemas json.RawMessage) string {
	t.Helper()
	var both struct{ In, Out *shown }
	require.NoError(t, json.Unmarshal(schemas, &both))
	require.NotNil(t, both.In)
	require.NotNil(t, both.Out)
	return both.In.lines("  in  ") + both.Out.lines("  out ")
}

func (s *shown) lines(at string) string {
	if s == nil {
		return ""
	}
	var text strings.Builder
	names := slices.SortedFunc(maps.Keys(s.Properties), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Properties[b].Order, s.Properties[a].Order), strings.Compare(a, b))
	})
	for _, name := range names {
		p := s.Properties[name]
		kind := p.Type
		if p.Format != "" {
			kind += ", " + p.Format
		}
		if p.Required == true {
			kind += ", required"
		}
		_, _ = fmt.Fprintf(&text, "%s%s: %q (%s)\n", at, name, p.Title, kind)
		text.WriteString(p.lines(at + name + "."))
		text.WriteString(p.Items.lines(at + name + "[]."))
	}
	return text.String()
}

// choices has a line for each choice of a drop-down.
func choices(t *testing.T, model json.RawMessage) string {
	t.Helper()
	var labels map[string]string
	require.NoError(t, json.Unmarshal(model, &labels))
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		_, _ = fmt.Fprintf(&text, "  %s: %q\n", key, labels[key])
	}
	return text.String()
}
