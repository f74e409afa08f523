package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/cli"
)

// result is what a run of the program left behind.
type result struct {
	status         int
	stdout, stderr string
}

// call runs the program inside the test, without any environment.
func call(ctx context.Context, args ...string) result {
	var stdout, stderr bytes.Buffer
	status := cli.Main(ctx, cli.Process{
		Args: args, Env: noEnv, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
	})
	return result{status, stdout.String(), stderr.String()}
}

func noEnv(string) (string, bool) { return "", false }

// serveEmulator runs the command emulator and returns its URL. stop ends it as
// a signal does and returns what it left behind, but for its greeting.
func serveEmulator(t *testing.T, args ...string) (url string, stop func() result) {
	t.Helper()
	greeting, stop := serve(t, "emulator", args...)
	_, url, found := strings.Cut(greeting, "emulated in memory, at ")
	require.True(t, found, greeting)
	return url, stop
}

// serve runs a command that serves until it is stopped, and returns the first
// line that it prints.
func serve(t *testing.T, command string, args ...string) (greeting string, stop func() result) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	out, printed := io.Pipe()
	ended := make(chan result, 1)
	go func() {
		var stderr bytes.Buffer
		status := cli.Main(ctx, cli.Process{
			Args: append([]string{command, "--listen", "127.0.0.1:0"}, args...),
			Env:  noEnv, Stdout: printed, Stderr: &stderr,
		})
		printed.Close()
		ended <- result{status: status, stderr: stderr.String()}
	}()
	stop = func() result {
		cancel()
		return <-ended
	}
	lines := bufio.NewReader(out)
	greeting, err := lines.ReadString('\n')
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return strings.TrimSpace(greeting), stop
}

// net/http tells on the standard logger what a server sends unasked.
func TestTheStandardLoggerIsSilent(t *testing.T) {
	require.Zero(t, call(t.Context(), "--version").status)
	require.Equal(t, io.Discard, log.Writer())
}
