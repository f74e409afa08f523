package component_test

import (
	"context"
	"encoding/json"
	"fmt"

	"aws-secrets-manager-connector/internal/component"
)

// greet is a function's handler: it emits one message, or returns what is wrong.
func greet(ctx context.Context, req component.Request, out component.Emitter) error {
	var in struct{ Name string }
	if err := json.Unmarshal(req.Message.Body, &in); err != nil || in.Name == "" {
		return component.Errorf(component.InvalidInput, "body.Name: is missing")
	}
	body, err := json.Marshal(map[string]string{"Greeting": "Hello " + in.Name})
	if err != nil {
		return err
	}
	return out.Data(ctx, component.NewMessage(body))
}

// recorder is an Emitter that keeps the data. What it does not implement, a
// handler under test must not call.
type recorder struct {
	component.Emitter
	bodies []json.RawMessage
}

func (r *recorder) Data(_ context.Context, msg component.Message) error {
	r.bodies = append(r.bodies, msg.Body)
	return nil
}

// A handler is written as a function, and called with a message and an emitter
// that records.
func ExampleHandler() {
	handler, out := component.HandlerFunc(greet), &recorder{}
	for _, body := range []string{`{"Name":"Ada"}`, `{}`} {
		request := component.Request{Message: component.NewMessage(json.RawMessage(body))}
		if err := handler.Handle(context.Background(), request, out); err != nil {
			fmt.Println("error:", err)
		}
	}
	for _, body := range out.bodies {
		fmt.Println("data:", string(body))
	}
	// Output:
	// error: body.Name: is missing
	// data: {"Greeting":"Hello Ada"}
}

// A Spec and an entry in component.json make a function of a handler.
func ExampleNewRegistry() {
	registry, err := component.NewRegistry([]byte(`{"actions": {"Greet": {"title": "Greet"}}}`), component.Spec{
		Name: "Greet", Kind: component.Action,
		New: func(component.Deps) (component.Handler, error) { return component.HandlerFunc(greet), nil },
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(registry.Names())
	// Output:
	// [Greet]
}
