// Command component is the AWS Secrets Manager connector: the process inside
// a step's container, and its tools for local work.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"aws-secrets-manager-connector/internal/cli"
)

// version is set at build time.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Once the first signal has begun the end, the next one ends at once.
	context.AfterFunc(ctx, stop)

	os.Exit(cli.Main(ctx, cli.Process{
		Args:    os.Args[1:],
		Env:     os.LookupEnv,
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Version: version,
	}))
}
