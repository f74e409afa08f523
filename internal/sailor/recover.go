package sailor

import (
	"context"
	"runtime/debug"

	"aws-secrets-manager-connector/internal/component"
)

// Recover turns a panic into an error, so that one message cannot end the
// process. The panic's value may hold anything, so only its type is told,
// unless it is the Go runtime's own text.
func Recover() Middleware {
	return func(next component.Handler) component.Handler {
		return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) (err error) {
			defer func() {
				if value := recover(); value != nil {
					req.Log.Error("function panicked", "panic", component.PanicText(value), "stack", string(debug.Stack()))
					err = component.Errorf(component.InternalError, "the function failed unexpectedly (%s); please report it", component.PanicText(value))
				}
			}()
			return next.Handle(ctx, req, out)
		})
	}
}
