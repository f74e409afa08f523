package component_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

const descriptor = `{
	"title": "Test",
	"triggers": {"start": {"title": "Start", "main": "start.go"}},
	"actions": {"Get": {
		"title": "Get it", "main": "get.go",
		"fields": {"thing": {"model": "things"}},
		"dynamicMetadata": true,
		"autoResolveObjectReferences": false
	}}
}`

func newHandler(component.Deps) (component.Handler, error) { return component.HandlerFunc(nil), nil }

func spec(kind component.Kind, name string) component.Spec {
	return component.Spec{Kind: kind, Name: name, New: newHandler}
}

func TestRegistry(t *testing.T) {
	r, err := component.NewRegistry([]byte(descriptor), spec(component.Action, "Get"), spec(component.Trigger, "start"))
	require.NoError(t, err)
	assert.Equal(t, []string{"Get", "start"}, r.Names())

	f, err := r.Lookup("Get")
	require.NoError(t, err)
	assert.Equal(t, component.Action, f.Kind)
	assert.Equal(t, "Get it", f.Title)
	assert.Equal(t, "get.go", f.Main)
	assert.True(t, f.DynamicMetadata)
	require.NotNil(t, f.AutoResolveObjectReferences)
	assert.False(t, *f.AutoResolveObjectReferences)
	assert.NotNil(t, f.New)

	f, err = r.Lookup("start")
	require.NoError(t, err)
	assert.Equal(t, component.Trigger, f.Kind)
	assert.Nil(t, f.AutoResolveObjectReferences)

	for _, name := range []string{"Put", "get", ""} {
		_, err = r.Lookup(name)
		require.EqualError(t, err, `Trigger or action "`+name+`" is not found in component.json!`)
	}
}

func TestRegistryRefuses(t *testing.T) {
	get, start := spec(component.Action, "Get"), spec(component.Trigger, "start")
	for _, test := range []struct {
		name       string
		descriptor string
		specs      []component.Spec
		want       []string
	}{
		{"no JSON", `{`, nil, []string{"read component.json"}},
		{"not registered", descriptor, []component.Spec{start}, []string{"Get is in component.json under actions, but not registered"}},
		{"not described", descriptor, []component.Spec{get, start, spec(component.Action, "Put")},
			[]string{"Put is registered, but component.json has no such entry in actions"}},
		{"registered twice", descriptor, []component.Spec{get, start, get}, []string{"Get is registered twice"}},
		{"of another kind", descriptor, []component.Spec{spec(component.Trigger, "Get"), start}, []string{
			"Get is registered, but component.json has no such entry in triggers",
			"Get is in component.json under actions, but not registered",
		}},
		{"of no kind", descriptor, []component.Spec{get, start, {Name: "Put"}}, []string{"Put is registered"}},
		{"all that is wrong", descriptor, []component.Spec{spec(component.Action, "A"), spec(component.Action, "B")},
			[]string{"A is registered", "B is registered", "Get is in", "start is in"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := component.NewRegistry([]byte(test.descriptor), test.specs...)
			require.Error(t, err)
			assert.Nil(t, r)
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
		})
	}
}

func TestEmptyRegistry(t *testing.T) {
	var zero component.Registry
	assert.Empty(t, zero.Names())
	_, err := zero.Lookup("Get")
	require.Error(t, err)

	r, err := component.NewRegistry([]byte(`{"title": "x"}`))
	require.NoError(t, err)
	assert.Empty(t, r.Names())
}
