package cli_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"aws-secrets-manager-connector/internal/cli"
)

// TestMain lets scripts call the command line as the program component, which
// is this test itself, so that the race detector watches it.
func TestMain(m *testing.M) {
	testscript.Main(leakChecked{m}, map[string]func(){"component": component})
}

const statusLeaked = 99

func component() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := cli.Main(ctx, cli.Process{
		Args: os.Args[1:], Env: os.LookupEnv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Version: "1.2.3",
	})
	stop()
	if err := goleak.Find(goleak.IgnoreTopFunction("os/signal.loop")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = statusLeaked
	}
	os.Exit(status)
}

type leakChecked struct{ tests *testing.M }

func (l leakChecked) Run() int {
	status := l.tests.Run()
	if err := goleak.Find(); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, err)
		status = statusLeaked
	}
	return status
}
