// Command withrabbit runs a command with AMQP_URI set to a RabbitMQ started
// for it, and ends with the command's status:
//
//	go run ./internal/testkit/cmd/withrabbit go test ./...
//
// When AMQP_URI is set already, the command gets that one. When there is no
// RabbitMQ, it is installed where that needs no question: as root on Debian.
// Elsewhere it says how to get one and runs the command without.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"aws-secrets-manager-connector/internal/testkit/rabbitmq"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stderr))
}

func run(ctx context.Context, command []string, log io.Writer) int {
	if len(command) == 0 {
		fmt.Fprintln(log, "usage: withrabbit COMMAND [ARGUMENT]...")
		return 2
	}
	if os.Getenv("AMQP_URI") != "" {
		return execute(command, nil, log)
	}
	server, err := start(ctx, log)
	switch {
	case errors.Is(err, rabbitmq.ErrNotFound):
		fmt.Fprintf(log, "no RabbitMQ found, going on without one\n%s\n", rabbitmq.HowToGet)
		return execute(command, nil, log)
	case err != nil:
		fmt.Fprintln(log, err)
		return 1
	}
	defer func() {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(log, "stop RabbitMQ:", err)
		}
	}()
	return execute(command, []string{"AMQP_URI=" + server.URI}, log)
}

// start ends early when it is interrupted.
func start(ctx context.Context, log io.Writer) (*rabbitmq.Server, error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	server, err := rabbitmq.Start(ctx)
	if !errors.Is(err, rabbitmq.ErrNotFound) || !rabbitmq.CanInstall() {
		return server, err
	}
	fmt.Fprintln(log, "no RabbitMQ found, installing Debian's package")
	if err := rabbitmq.Install(ctx, log); err != nil {
		fmt.Fprintln(log, err)
		return nil, rabbitmq.ErrNotFound
	}
	return rabbitmq.Start(ctx)
}

// execute runs command and returns its status. Signals are passed on, so that
// the broker ends after the command and not before.
func execute(command, environment []string, log io.Writer) int {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(log, err)
		return 127
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s)
		case err := <-ended:
			return status(err)
		}
	}
}

// status is the command's, or 128 and the signal's number as shells have it.
func status(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		return 1
	}
	if wait, ok := exit.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
		return 128 + int(wait.Signal())
	}
	return exit.ExitCode()
}
