package sailor

import (
	"context"
	"fmt"
	"runtime"
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
					req.Log.Error("function panicked", "panic", describePanic(value), "stack", string(debug.Stack()))
					err = component.Errorf(component.InternalError, "the function failed unexpectedly (%s); please report it", describePanic(value))
				}
			}()
			return next.Handle(ctx, req, out)
		})
	}
}

func describePanic(value any) string {
	if err, ok := value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("panic of type %T", value)
}
