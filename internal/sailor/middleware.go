package sailor

import (
	"encoding/json"

	"aws-secrets-manager-connector/internal/component"
)

// Middleware adds one concern around a handler.
type Middleware func(component.Handler) component.Handler

// Chain folds middleware around h; the first one is the outermost.
func Chain(h component.Handler, middleware ...Middleware) component.Handler {
	for i := len(middleware) - 1; i >= 0; i-- {
		h = middleware[i](h)
	}
	return h
}

// Guard is what every function has around it: its input is checked, its output
// is, and its panics are errors.
type Guard struct {
	In, Out Schema
	// StrictOutput makes output that breaks its schema an error.
	StrictOutput bool
	// Function tells what the step's configuration, Config, adds to a body.
	Function component.Spec
	Config   json.RawMessage
	// References tells that the function takes references in the place of bodies,
	// which In does not describe.
	References bool
}

// Around returns the function with the guard around it.
func (g Guard) Around(function component.Handler) component.Handler {
	input := func(next component.Handler) component.Handler {
		return Chain(next, CompleteInput(g.Function, g.Config), ValidateInput(g.In, g.Function.Defaults, g.Config))
	}
	if g.References {
		input = UnlessReference(input)
	}
	return Chain(function, Recover(), input, ValidateOutput(g.Out, g.StrictOutput))
}
