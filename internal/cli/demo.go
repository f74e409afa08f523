package cli

import (
	"context"

	"aws-secrets-manager-connector/internal/bunyan"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/demo"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/internal/terminal"
)

type demoCommand struct {
	ShowSecrets bool `help:"Print secret values as they are."`
	Verbose     bool `short:"v" help:"Print the sailors' logs to standard error."`
}

// Help is the long text of --help.
func (demoCommand) Help() string {
	return "The broker is in memory; set AMQP_URI=amqp://… to take a real RabbitMQ. What the demo declares there, it removes at its end."
}

// Run shows the demo.
func (c demoCommand) Run(ctx context.Context, p Process) error {
	registry, err := newRegistry("", settings.Operator{})
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
		Registry: registry, Schemas: loadSchemas, AMQPURI: component.NewSecret(uri), Out: p.Stdout, Style: style,
		Log: bunyan.New(p.Stderr, bunyan.Options{Name: "sailor", Level: level, Hostname: hostname()}),
	})
}
