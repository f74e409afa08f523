package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/bunyan"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/sailor"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/schemas"
)

func newRun() command {
	return command{
		name:    defaultCommand,
		purpose: "Serve a step of a flow; this is what the container does.",
		run:     run,
	}
}

// run serves the step until the process is told to end.
func run(ctx context.Context, p Process) error {
	set, err := settings.Read(p.Env)
	if err != nil {
		newLog(p.Stdout, p, set.Operator, "sailor").Log(ctx, bunyan.LevelFatal, err.Error())
		return fmt.Errorf("%w\nto try the component without a platform: component demo, component process --help", err)
	}
	tune(p.Env)
	log := newLog(p.Stdout, p, set.Operator, "sailor")
	if err := serve(ctx, p, set, log); err != nil {
		log.Log(ctx, bunyan.LevelFatal, "the step ends with a failure", "err", err)
		return errReported
	}
	return nil
}

// tune sets what suits a process that works on few messages at once and mostly
// waits (decision 18), unless the operator did so.
func tune(env func(string) (string, bool)) {
	if _, chosen := env("GOMAXPROCS"); !chosen {
		runtime.GOMAXPROCS(1)
	}
	if _, chosen := env("GOGC"); !chosen {
		debug.SetGCPercent(180)
	}
}

func serve(ctx context.Context, p Process, set settings.Settings, log *slog.Logger) error {
	aws := awsOptions(set.Operator)
	aws.Concurrency = set.Prefetch
	registry, err := newRegistry(set.ComponentPath, aws)
	if err != nil {
		log.Error("the component cannot serve any function", "err", err)
		registry = component.BrokenRegistry(err) // so that the platform hears of it, too
	}
	options := sailor.Options{
		Settings: set, Registry: registry, Schemas: schemas.Load,
		Log: log, ComponentLog: newLog(p.Stdout, p, set.Operator, "component"),
	}
	if !set.HookShutdown {
		host := hostname()
		options.Source = broker.NewAMQPSource(broker.AMQPOptions{
			URI: set.AMQPURI, ConnectionName: host + "-read", Queue: set.ListenMessagesOn, Prefetch: set.Prefetch, Log: log,
		})
		options.Sink = broker.NewAMQPSink(broker.AMQPOptions{URI: set.AMQPURI, ConnectionName: host + "-write", Log: log})
	}
	s, err := sailor.New(options)
	if err != nil {
		return err
	}
	if set.HookShutdown {
		return s.RunShutdownHook(ctx)
	}
	return s.Run(ctx)
}

func newLog(w io.Writer, p Process, operator settings.Operator, name string) *slog.Logger {
	return bunyan.New(w, bunyan.Options{
		Name: name, Level: bunyan.ParseLevel(operator.LogLevel), Fields: settings.LogFields(p.Env),
	})
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(name)
}
