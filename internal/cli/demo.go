package cli

import (
	"context"

	"github.com/spf13/pflag"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/bunyan"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/demo"
	"aws-secrets-manager-connector/internal/terminal"
	"aws-secrets-manager-connector/schemas"
)

type demoCommand struct{ ShowSecrets, Verbose bool }

func newDemo() command {
	var c demoCommand
	return command{
		name:    "demo",
		purpose: "Show the whole job on this machine, with a short story of messages.",
		details: `The platform and AWS are fakes, and the broker is in memory; set
AMQP_URI=amqp://… to take a real RabbitMQ. What the demo declares there, it
removes at its end.`,
		flags: func(flags *pflag.FlagSet) {
			flags.BoolVar(&c.ShowSecrets, "show-secrets", false, "Print secret values as they are")
			flags.BoolVarP(&c.Verbose, "verbose", "v", false, "Print the sailors' logs to standard error")
		},
		run: c.run,
	}
}

// run shows the demo.
func (c *demoCommand) run(ctx context.Context, p Process) error {
	registry, err := newRegistry("", awsapi.Options{AllowInsecureEndpoint: true})
	if err != nil {
		return err
	}
	uri, _ := p.Env("AMQP_URI")
	level := bunyan.LevelFatal
	if c.Verbose {
		level = bunyan.LevelTrace
	}
	style := terminal.StyleOf(p.Stdout, p.Env)
	style.ShowSecrets = c.ShowSecrets
	return demo.Run(ctx, demo.Options{
		Registry: registry, Schemas: schemas.Load, AMQPURI: component.NewSecret(uri), Out: p.Stdout, Style: style,
		Log: bunyan.New(p.Stderr, bunyan.Options{Name: "sailor", Level: level, Hostname: hostname()}),
	})
}
