//go:build interop

package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/bunyan"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/sailor"
	"aws-secrets-manager-connector/internal/schema"
	"aws-secrets-manager-connector/internal/settings"
)

// serveStep is the container of our side: the component of testdata/node, in
// Go and on our sailor. It returns the exit status.
func serveStep() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := bunyan.New(os.Stdout, bunyan.Options{Name: "sailor", Level: slog.LevelDebug})
	if err := serve(ctx, log); err != nil {
		log.Error("failed", "err", err)
		return 1
	}
	return 0
}

func serve(ctx context.Context, log *slog.Logger) error {
	set, err := settings.Read(os.LookupEnv)
	if err != nil {
		return err
	}
	descriptor, err := os.ReadFile("component.json")
	if err != nil {
		return err
	}
	registry, err := component.NewRegistry(descriptor, specs()...)
	if err != nil {
		return err
	}
	anything, err := schema.Compile("anything", []byte("{}"))
	if err != nil {
		return err
	}
	s, err := sailor.New(sailor.Options{
		Settings: set,
		Registry: registry,
		Schemas:  func(string) (in, out *schema.Schema, err error) { return anything, anything, nil },
		Source: broker.NewAMQPSource(broker.AMQPOptions{
			URI: set.AMQPURI, ConnectionName: "ours-read", Queue: set.ListenMessagesOn, Prefetch: set.Prefetch, Log: log,
		}),
		Sink: broker.NewAMQPSink(broker.AMQPOptions{URI: set.AMQPURI, ConnectionName: "ours-write", Log: log}),
		Log:  log, ComponentLog: log,
	})
	if err != nil {
		return err
	}
	if set.HookShutdown {
		return s.RunShutdownHook(ctx)
	}
	return s.Run(ctx)
}

func specs() []component.Spec {
	act := component.Spec{Name: "act", Kind: component.Action, New: newAct}
	asIs, hooked := act, act
	asIs.Name, hooked.Name = "actAsIs", "hooked"
	hooked.Init = func(ctx context.Context, deps component.Deps) error {
		_, err := hook(ctx, "init", deps, nil)
		return err
	}
	hooked.Startup = func(ctx context.Context, deps component.Deps) (json.RawMessage, error) {
		return hook(ctx, "startup", deps, nil)
	}
	hooked.Shutdown = func(ctx context.Context, deps component.Deps, data json.RawMessage) error {
		_, err := hook(ctx, "shutdown", deps, data)
		return err
	}
	return []component.Spec{act, asIs, hooked}
}

// deeds list what to do, one member each.
type deeds struct {
	Do []map[string]json.RawMessage `json:"do"`
}

// newAct makes the function that does what the message's body, or else the
// step's configuration, lists; act.js has the same deeds.
func newAct(deps component.Deps) (component.Handler, error) {
	configured, err := read[deeds](deps.Config)
	if err != nil {
		return nil, err
	}
	return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
		list, err := read[deeds](req.Message.Body)
		if err != nil || list.Do == nil {
			list = configured
		}
		if list.Do == nil {
			list.Do = []map[string]json.RawMessage{{"echo": nil}}
		}
		for _, deed := range list.Do {
			for name, how := range deed {
				if err := perform(ctx, name, how, req, out); err != nil {
					return err
				}
			}
		}
		return nil
	}), nil
}

func perform(ctx context.Context, name string, how json.RawMessage, req component.Request, out component.Emitter) error {
	switch name {
	case "data":
		msg, err := envelope.ParseMessage(how)
		return errors.Join(err, out.Data(ctx, msg))
	case "echo":
		return out.Data(ctx, component.NewMessage(received(req)))
	case "error":
		failure, err := read[failure](how)
		return errors.Join(err, out.Error(ctx, failure.error()))
	case "fail":
		failure, err := read[failure](how)
		return errors.Join(err, failure.error())
	case "panic":
		panic(string(how))
	case "rebound":
		reason, err := read[string](how)
		return errors.Join(err, &component.Rebound{Reason: reason})
	case "snapshot":
		return out.Snapshot(ctx, how)
	case "updateSnapshot":
		return out.UpdateSnapshot(ctx, how)
	case "httpReply":
		reply, err := read[component.HTTPReply](how)
		return errors.Join(err, out.HTTPReply(ctx, reply))
	case "replyWithEcho":
		return out.HTTPReply(ctx, component.HTTPReply{StatusCode: http.StatusOK, Body: received(req)})
	case "updateKeys":
		return out.UpdateKeys(ctx, how)
	case "ask":
		path, err := read[string](how)
		return errors.Join(err, ask(ctx, http.MethodGet, path, nil))
	default:
		return fmt.Errorf("there is no deed %q", name)
	}
}

func received(req component.Request) json.RawMessage {
	message, err := envelope.FormatMessage(req.Message)
	if err != nil {
		panic(err) // it was JSON
	}
	text, err := json.Marshal(map[string]any{"message": json.RawMessage(message), "snapshot": req.Snapshot})
	if err != nil {
		panic(err) // it was JSON
	}
	return text
}

func read[T any](how json.RawMessage) (value T, err error) {
	err = json.Unmarshal(how, &value)
	return value, err
}

type failure struct{ Name, Message string }

func (f failure) error() error { return component.Errorf(f.Name, "%s", f.Message) }

// hook ends as the step's configuration tells, and tells the fake
// platform that it ran.
func hook(ctx context.Context, name string, deps component.Deps, data json.RawMessage) (json.RawMessage, error) {
	told := map[string]json.RawMessage{}
	if data != nil {
		told["data"] = data
	}
	body, err := json.Marshal(told)
	if err != nil {
		return nil, err
	}
	if err := ask(ctx, http.MethodPost, "/ran/"+name, body); err != nil {
		return nil, err
	}
	config, err := read[map[string]json.RawMessage](deps.Config)
	if err != nil || config[name] == nil {
		return nil, err
	}
	end, err := read[struct {
		Fail   *failure
		Result json.RawMessage
	}](config[name])
	if err == nil && end.Fail != nil {
		err = end.Fail.error()
	}
	return end.Result, err
}

func ask(ctx context.Context, method, path string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, method, os.Getenv("ELASTICIO_API_URI")+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
