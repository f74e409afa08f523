package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/bunyan"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/loopback"
	"aws-secrets-manager-connector/internal/service"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/internal/workbench"
	"aws-secrets-manager-connector/schemas"
)

type workbenchCommand struct {
	Listen, Seed, Endpoint string

	AWS, Verbose bool
}

func newWorkbench() command {
	var c workbenchCommand
	return command{
		name:    "workbench",
		purpose: "Try the functions in the browser, as the flow's designer sees them.",
		details: `Open the address that it prints. AWS is an emulator inside this process, which
starts with the secrets of --seed, or with those that the examples work on; --aws
takes the real one, --endpoint a server that speaks the same API. The broker is in
memory; set AMQP_URI=amqp://… to take a real RabbitMQ. What is entered stays in
this process and the open page, and is gone with them.`,
		flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&c.Listen, "listen", "127.0.0.1:4585", "`HOST:PORT` to listen on, a loopback address")
			flags.StringVar(&c.Seed, "seed", "", "`FILE` of secrets the emulator starts with")
			flags.BoolVar(&c.AWS, "aws", false, "Call the real AWS, with the credentials entered in the page")
			flags.StringVar(&c.Endpoint, "endpoint", "", "Call the server at this `URL` instead of AWS")
			flags.BoolVarP(&c.Verbose, "verbose", "v", false, "Print the sailors' logs to standard error")
		},
		run: c.run,
	}
}

// run serves the page until the process is told to end.
func (c *workbenchCommand) run(ctx context.Context, p Process) (err error) {
	if host, _, err := net.SplitHostPort(c.Listen); err != nil || !loopback.Is(host) {
		return newUsageError("workbench", "--listen must be a loopback address, such as 127.0.0.1:4585")
	}
	uri, _ := p.Env("AMQP_URI")
	level := bunyan.LevelFatal
	if c.Verbose {
		level = bunyan.LevelTrace
	}
	log := bunyan.New(p.Stderr, bunyan.Options{Name: "sailor", Level: level, Hostname: hostname()})
	var seed io.Reader
	if c.Seed != "" {
		file, err := os.Open(filepath.Clean(c.Seed))
		if err != nil {
			return usageError{fmt.Errorf("open the seed: %w", fileError(err))}
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		seed = file
	}
	bench, err := workbench.New(ctx, workbench.Options{
		Descriptor: connector.Descriptor, Schemas: schemas.Load, SchemaFiles: schemas.FS, Version: p.Version,
		AMQPURI: component.NewSecret(uri), AWS: workbench.AWS{Real: c.AWS, Endpoint: c.Endpoint}, Seed: seed, Log: log,
		Specs: func(transport http.RoundTripper) []component.Spec {
			return specs(awsapi.Options{AllowInsecureEndpoint: true, Transport: transport})
		},
		Methods: func(set settings.Service) service.Methods {
			methods := serviceMethods("", awsapi.Options{AllowInsecureEndpoint: true})
			methods.Log, methods.ComponentLog = log, log
			return methods
		},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bench.Close(context.WithoutCancel(ctx))) }()
	server, err := listenAndServe(ctx, c.Listen, bench.Handler())
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.Stdout, "the workbench is at %s/#%s\nit ends with Ctrl+C\n", server.URL, bench.Token())
	<-ctx.Done()
	return server.Close()
}
