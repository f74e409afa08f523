// Command component is the AWS Secrets Manager connector: the process inside
// a step's container, and its tools for local work.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"aws-secrets-manager-connector/internal/cli"
	"aws-secrets-manager-connector/internal/schema"
)

// version is set at build time.
var version = "dev"

func main() {
	schema.ForgetOtherDrafts()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)

	os.Exit(cli.Main(untilSignal(signals, os.Exit), cli.Process{
		Args:    os.Args[1:],
		Env:     os.LookupEnv,
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Version: version,
	}))
}

// untilSignal returns a context that ends with the first signal. The second one
// ends the process at once, however soon it comes, with the status that a shell
// tells of a process that the signal killed: as the first process of a container
// it could not be killed by one.
func untilSignal(signals <-chan os.Signal, exit func(status int)) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		cancel(fmt.Errorf("%s signal received", <-signals))
		second, _ := (<-signals).(syscall.Signal)
		exit(128 + int(second))
	}()
	return ctx
}
