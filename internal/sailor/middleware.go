package sailor

import "aws-secrets-manager-connector/internal/component"

// Middleware adds one concern around a handler.
type Middleware func(component.Handler) component.Handler

// Chain folds middleware around h; the first one is the outermost.
func Chain(h component.Handler, middleware ...Middleware) component.Handler {
	for i := len(middleware) - 1; i >= 0; i-- {
		h = middleware[i](h)
	}
	return h
}

// Guard puts around a function what every one of them has: its input is
// checked, its output is, and its panics are errors.
func Guard(function component.Handler, in, out Schema, strictOutput bool) component.Handler {
	return Chain(function, Recover(), ValidateInput(in), ValidateOutput(out, strictOutput))
}
