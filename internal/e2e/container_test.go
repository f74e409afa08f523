package e2e

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// container is the program as the platform runs it.
type container struct {
	cmd    *exec.Cmd
	output *output
	ended  chan error
}

// startContainer starts the program with this environment and no other.
func startContainer(ctx context.Context, t *testing.T, env map[string]string, args ...string) *container {
	t.Helper()
	c := &container{cmd: exec.CommandContext(ctx, program, args...), output: &output{}, ended: make(chan error, 1)}
	// The race detector waits a second at the end unless told otherwise.
	c.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0"}
	for name, value := range env {
		c.cmd.Env = append(c.cmd.Env, name+"="+value)
	}
	c.cmd.Stdout, c.cmd.Stderr = c.output, c.output
	require.NoError(t, c.cmd.Start())
	go func() { c.ended <- c.cmd.Wait() }()
	return c
}

// stop asks the program to end, as the platform does, and finds that it ends
// well.
func (c *container) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	assert.NoError(t, <-c.ended, "exit status")
	assert.NotContains(t, c.output.String(), "DATA RACE")
}

// output collects what a process prints.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
