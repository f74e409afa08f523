package sailor

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/schema"
)

// Schema checks a document and returns it with numbers and booleans given as
// text turned into what they mean.
type Schema interface {
	Check(document json.RawMessage) (json.RawMessage, error)
}

// SchemaLoader returns the schemas of a function's input and output.
type SchemaLoader func(function string) (in, out *schema.Schema, err error)

// CompleteInput has the function add to the body what the step's fields say.
func CompleteInput(function component.Spec, config json.RawMessage) Middleware {
	return func(next component.Handler) component.Handler {
		if function.Complete == nil {
			return next
		}
		return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) (err error) {
			if req.Message.Body, err = function.Complete(config, req.Message.Body); err != nil {
				return err
			}
			return next.Handle(ctx, req, out)
		})
	}
}

// ValidateInput keeps a message that breaks the schema from the function. What
// the body lacks comes from the step's configuration first.
func ValidateInput(in Schema, list []component.Default, config json.RawMessage) Middleware {
	defaults := readDefaults(list, config)
	return func(next component.Handler) component.Handler {
		return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
			completed := defaults.complete(req.Message.Body)
			body, err := in.Check(orNull(completed))
			if err != nil {
				defaults.addHints(err)
				return &component.Error{Name: component.InvalidInput, Message: err.Error(), Err: err}
			}
			if completed != nil {
				req.Message.Body = body
			}
			return next.Handle(ctx, req, out)
		})
	}
}

// UnlessReference leaves the middleware out for a message whose body is a
// reference to what is in the object storage.
func UnlessReference(middleware Middleware) Middleware {
	return func(next component.Handler) component.Handler {
		inside := middleware(next)
		return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
			if isReference(req.Message) {
				return next.Handle(ctx, req, out)
			}
			return inside.Handle(ctx, req, out)
		})
	}
}

// ValidateOutput logs by path what breaks the schema in an emitted message;
// strict makes it an error instead of a message.
func ValidateOutput(schema Schema, strict bool) Middleware {
	return func(next component.Handler) component.Handler {
		return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
			return next.Handle(ctx, req, validating{Emitter: out, schema: schema, strict: strict, log: req.Log})
		})
	}
}

type validating struct {
	component.Emitter
	schema Schema
	strict bool
	log    *slog.Logger
}

func (v validating) Data(ctx context.Context, msg component.Message) error {
	if _, err := v.schema.Check(orNull(msg.Body)); err != nil {
		text := withoutValues(err)
		if v.strict {
			return &component.Error{Name: component.InvalidOutput, Message: text, Err: err}
		}
		v.log.Error("output breaks the schema", "violations", text)
	}
	return v.Emitter.Data(ctx, msg)
}

// orNull is what schemas say of a body that is absent.
func orNull(body json.RawMessage) json.RawMessage {
	if body == nil {
		return json.RawMessage("null")
	}
	return body
}

func withoutValues(err error) string {
	var violations *schema.Violations
	if errors.As(err, &violations) {
		return violations.ErrorPaths()
	}
	return "output is not valid"
}
