package main

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// The runtime keeps this one once a signal has been asked for.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("os/signal.loop"))
}

func TestRunWithAGivenBroker(t *testing.T) {
	t.Setenv("AMQP_URI", "amqp://given")
	for name, test := range map[string]struct {
		command []string
		status  int
		log     string
	}{
		"success":         {[]string{"sh", "-c", `test "$AMQP_URI" = amqp://given`}, 0, ""},
		"its status":      {[]string{"sh", "-c", "exit 7"}, 7, ""},
		"ended by signal": {[]string{"sh", "-c", "kill -TERM $$"}, 128 + int(syscall.SIGTERM), ""},
		"no such program": {[]string{"/no/such/program"}, 127, "no such file"},
		"no command":      {nil, 2, "usage"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			assert.Equal(t, test.status, run(t.Context(), test.command, &log))
			assert.Contains(t, log.String(), test.log)
		})
	}
}

func TestRunStartsAndStopsABroker(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server of its own")
	}
	t.Setenv("AMQP_URI", "")
	file := filepath.Join(t.TempDir(), "uri")
	var log bytes.Buffer
	status := run(t.Context(), []string{"sh", "-c", `printf %s "$AMQP_URI" >"$0"; exit 5`, file}, &log)
	require.Equal(t, 5, status, log.String())
	uri, err := os.ReadFile(file)
	require.NoError(t, err)
	if len(uri) == 0 {
		require.Contains(t, log.String(), "going on without one")
		t.Skip(log.String())
	}
	_, err = amqp.Dial(string(uri))
	require.Error(t, err, "the broker is still there")
}
