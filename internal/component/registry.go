package component

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Descriptor is the part of component.json that the runtime needs.
type Descriptor struct {
	Title    string                 `json:"title"`
	Triggers map[string]Description `json:"triggers"`
	Actions  map[string]Description `json:"actions"`
}

// Description is what component.json says of one function.
type Description struct {
	Title string `json:"title"`
	Main  string `json:"main"` // the file that implements it
	// DynamicMetadata: the schemas are those of Spec.MetaModel.
	DynamicMetadata bool `json:"dynamicMetadata"`
	// AutoResolveObjectReferences: nil means true.
	AutoResolveObjectReferences *bool `json:"autoResolveObjectReferences"`
}

// Function is a Spec together with its description.
type Function struct {
	Spec
	Description
}

// Registry holds the functions of one component. The zero value holds none.
type Registry struct {
	functions map[string]Function
	broken    error
}

// BrokenRegistry returns a Registry that could not be made: all that is looked
// up in it fails with err, at the time when somebody can be told.
func BrokenRegistry(err error) *Registry { return &Registry{broken: err} }

// NewRegistry joins specs with the component.json in descriptor. It fails,
// naming each of them, when a function is described but not registered,
// registered but not described, or registered twice.
func NewRegistry(descriptor []byte, specs ...Spec) (*Registry, error) {
	var d Descriptor
	if err := json.Unmarshal(descriptor, &d); err != nil {
		return nil, fmt.Errorf("read component.json: %w", err)
	}
	described := map[Kind]map[string]Description{Trigger: d.Triggers, Action: d.Actions}

	r := &Registry{functions: make(map[string]Function, len(specs))}
	var errs []error
	for _, spec := range specs {
		desc, ok := described[spec.Kind][spec.Name]
		if !ok {
			errs = append(errs, fmt.Errorf("%s is registered, but component.json has no such entry in %s", spec.Name, spec.Kind))
			continue
		}
		if _, twice := r.functions[spec.Name]; twice {
			errs = append(errs, fmt.Errorf("%s is registered twice", spec.Name))
			continue
		}
		if spec.New == nil {
			errs = append(errs, fmt.Errorf("%s has no New", spec.Name))
			continue
		}
		r.functions[spec.Name] = Function{Spec: spec, Description: desc}
	}
	for _, kind := range []Kind{Trigger, Action} {
		for _, name := range slices.Sorted(maps.Keys(described[kind])) {
			if f, ok := r.functions[name]; !ok || f.Kind != kind {
				errs = append(errs, fmt.Errorf("%s is in component.json under %s, but not registered", name, kind))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("component.json and the code disagree: %w", err)
	}
	return r, nil
}

// Lookup returns the function of that name.
func (r *Registry) Lookup(name string) (Function, error) {
	if r.broken != nil {
		return Function{}, r.broken
	}
	f, ok := r.functions[name]
	if !ok {
		//lint:ignore ST1005 the text is the reference sailor's: people search their logs for it
		return Function{}, fmt.Errorf("Trigger or action %q is not found in component.json!", name)
	}
	return f, nil
}

// Names returns the names of all functions in alphabetical order.
func (r *Registry) Names() []string {
	return slices.Sorted(maps.Keys(r.functions))
}
