// Package service serves single requests of the platform while somebody
// configures a step: are these credentials right, what do messages look like,
// what is there to choose from.
package service

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"

	"aws-secrets-manager-connector/internal/component"
)

// The service methods.
const (
	VerifyCredentials = "verifyCredentials"
	GetMetaModel      = "getMetaModel"
	SelectModel       = "selectModel"
)

// Verification is what there is to say about credentials.
type Verification struct {
	Verified bool   `json:"verified"`
	Reason   string `json:"reason,omitempty"` // why they are not verified; safe to show
	Note     string `json:"-"`                // for the log; safe to show
	Caller   string `json:"-"`                // for the log: whose they are, where that is known
}

// Methods are the service methods of one component.
type Methods struct {
	// Verify judges a configuration. Its error means that it could not, for the
	// process is stopping. Without it all credentials are verified.
	Verify func(ctx context.Context, cfg json.RawMessage) (Verification, error)
	// Registry finds the functions for getMetaModel and selectModel.
	Registry func() (*component.Registry, error)
	// Log is the runtime's own log, ComponentLog the functions'.
	Log, ComponentLog *slog.Logger
}

// Call is one call of a service method.
type Call struct {
	Method   string
	Config   component.Secret // JSON, with credentials
	Function string           // for getMetaModel and selectModel
	Model    string           // for selectModel
}

// Call returns the method's result, as JSON. Its errors are safe to show
// as far as the functions' are.
func (m Methods) Call(ctx context.Context, c Call) (data json.RawMessage, err error) {
	defer func() {
		if value := recover(); value != nil {
			m.Log.Error("service method panicked", "panic", component.PanicText(value), "stack", string(debug.Stack()))
			err = fmt.Errorf("%s failed unexpectedly (%s); please report it", c.Method, component.PanicText(value))
		}
	}()
	switch c.Method {
	case VerifyCredentials:
		return m.verify(ctx, json.RawMessage(c.Config.Reveal()))
	case GetMetaModel:
		return m.model(ctx, c, c.Method, func(f component.Function) modelFunc { return f.MetaModel })
	case SelectModel:
		return m.model(ctx, c, c.Model, func(f component.Function) modelFunc { return f.Models[c.Model] })
	default:
		return nil, unknownMethod(c.Method)
	}
}

// unknownMethod is in the reference sailor's words, as are the other errors
// that begin with a capital: people search for them.
func unknownMethod(method string) error {
	//lint:ignore ST1005 the platform's text
	return fmt.Errorf("Unknown service method %q", method)
}

func (m Methods) verify(ctx context.Context, cfg json.RawMessage) (json.RawMessage, error) {
	v := Verification{Verified: true}
	if m.Verify != nil {
		var err error
		if v, err = m.Verify(ctx, cfg); err != nil {
			return nil, err
		}
	}
	switch {
	case !v.Verified:
		m.Log.Info("credentials are not verified", "reason", v.Reason, "note", v.Note)
	case v.Note != "":
		m.Log.Warn("credentials are verified, with a reservation", "caller", v.Caller, "note", v.Note)
	default:
		m.Log.Info("credentials are verified", "caller", v.Caller)
	}
	return json.Marshal(v)
}

type modelFunc = func(ctx context.Context, deps component.Deps) (json.RawMessage, error)

// model calls the function of that name which pick finds.
func (m Methods) model(ctx context.Context, c Call, name string, pick func(component.Function) modelFunc) (json.RawMessage, error) {
	registry, err := m.Registry()
	if err != nil {
		return nil, err
	}
	function, err := registry.Lookup(c.Function)
	if err != nil {
		return nil, err
	}
	model := pick(function)
	if model == nil {
		//lint:ignore ST1005 the platform's text
		return nil, fmt.Errorf("Method %q is not found in %q action or trigger", name, c.Function)
	}
	data, err := model(ctx, component.Deps{Config: json.RawMessage(c.Config.Reveal()), Log: m.ComponentLog})
	switch {
	case err != nil:
		return nil, err
	case len(data) == 0:
		return json.RawMessage("null"), nil
	case !json.Valid(data):
		return nil, fmt.Errorf("%s of %s returned what is not valid JSON", name, c.Function)
	}
	return data, nil
}
