// Package demo shows the whole job on one machine: a broker, the platform's
// API and AWS Secrets Manager, each a fake on loopback, one sailor per
// function between them, and a short story of messages that goes through.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/sailor"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/internal/terminal"
)

// Options say how a demo runs.
type Options struct {
	Registry *component.Registry
	Schemas  sailor.SchemaLoader
	// AMQPURI names a real broker; empty means one in memory. What the demo
	// declares there is removed at its end.
	AMQPURI component.Secret
	Out     io.Writer // the trace
	Style   terminal.Style
	Log     *slog.Logger // of the sailors
}

// outputTimeout is generous: an output takes milliseconds.
const outputTimeout = 20 * time.Second

// Run tells the story. It fails when an output is not what the story says.
func Run(ctx context.Context, o Options) error { return o.run(ctx, story) }

func (o Options) run(ctx context.Context, story []chapter) (err error) {
	started := time.Now()
	var queues fake.Queues
	if !o.AMQPURI.IsZero() {
		queues = fake.OnRabbitMQ(o.AMQPURI, "connector-demo", o.Log)
	}
	environment, err := fake.NewEnvironment(ctx, queues, o.Registry.Names())
	if err != nil {
		return err
	}
	steps := &fake.Steps{Environment: environment, New: o.newSailor}
	defer func() {
		// The steps end first, so that they find their environment in order.
		err = errors.Join(err, steps.Stop(), environment.Close(context.WithoutCancel(ctx)))
	}()

	trace := &trace{Style: o.Style, w: o.Out, schemas: o.Schemas}
	trace.opening(!o.AMQPURI.IsZero())
	known := remembered{}
	for i, chapter := range story {
		trace.chapter(i+1, chapter.title)
		if err := tell(ctx, steps, trace, chapter, known); err != nil {
			return fmt.Errorf("chapter %d, %s: %w", i+1, chapter.title, err)
		}
	}
	trace.ending(len(story), environment.AWS.Calls(), time.Since(started))
	return nil
}

// tell sends a chapter's message and waits for its output.
func tell(ctx context.Context, steps *fake.Steps, trace *trace, c chapter, known remembered) error {
	ctx, cancel := context.WithTimeout(ctx, outputTimeout)
	defer cancel()
	if err := steps.Start(ctx, c.function); err != nil {
		return err
	}
	sent, err := steps.Environment.Send(ctx, c.function, c.body(known), c.protocol, c.headers(known))
	if err != nil {
		return err
	}
	trace.incoming(sent)
	got, err := steps.Environment.Receive(ctx)
	if err != nil {
		return fmt.Errorf("no output: %w", err)
	}
	trace.outgoing(got, time.Since(sent.At))
	return c.check(sent, got, known)
}

func (o Options) newSailor(set settings.Settings, source broker.Source, sink broker.Sink) (fake.Runtime, error) {
	log := o.Log.With("function", set.Function)
	return sailor.New(sailor.Options{
		Settings: set, Registry: o.Registry, Schemas: o.Schemas, Source: source, Sink: sink, Log: log, ComponentLog: log,
	})
}
