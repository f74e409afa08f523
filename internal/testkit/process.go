package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// BuildComponent builds the real program into dir, with the race detector when
// the test has it, and returns its path.
func BuildComponent(dir string) (string, error) {
	program := filepath.Join(dir, "component")
	args := []string{"build", "-o", program}
	if raceEnabled {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "aws-secrets-manager-connector/cmd/component")...)
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the component: %w\n%s", err, out)
	}
	return program, nil
}

// Process is a program that a test runs the way the platform does: with an
// environment of its own.
type Process struct {
	cmd    *exec.Cmd
	output Output
	ended  chan struct{}
	err    error // once ended
}

// Start starts a program in dir, the current directory when that is empty,
// with this environment and no other. It is killed when ctx ends.
func Start(ctx context.Context, t testing.TB, dir string, env map[string]string, program string, args ...string) *Process {
	t.Helper()
	p := &Process{cmd: exec.CommandContext(ctx, program, args...), ended: make(chan struct{})}
	p.cmd.Dir = dir
	// What is left of the program cannot hold up the test.
	p.cmd.WaitDelay = 10 * time.Second
	// The race detector waits a second at the end unless told otherwise.
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0"}
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	require.NoError(t, p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p
}

// Stop asks the program to end, as the platform does, and finds that it ends
// well.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	require.NoError(t, p.Terminate())
	<-p.ended
	assert.NoError(t, p.err, "exit status")
	assert.NotContains(t, p.output.String(), "DATA RACE")
}

// Terminate asks the program to end, and waits for nothing.
func (p *Process) Terminate() error { return p.Signal(syscall.SIGTERM) }

// Signal sends a signal, and waits for nothing.
func (p *Process) Signal(signal os.Signal) error { return p.cmd.Process.Signal(signal) }

// Ended is closed when the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Status waits for the program's end and returns its exit status, -1 when a
// signal ended it.
func (p *Process) Status() int {
	<-p.ended
	return p.cmd.ProcessState.ExitCode()
}

// Kill ends the program at once, if it has not ended yet.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// Output is all that the program has printed so far.
func (p *Process) Output() string { return p.output.String() }

// LastOutput is the end of what the program has printed, with what matters of
// its log records.
func (p *Process) LastOutput() string {
	lines := strings.Split(strings.TrimSpace(p.Output()), "\n")
	lines = lines[max(0, len(lines)-40):]
	for i, line := range lines {
		var record struct {
			Time, Msg, MessageID string
			Err, Error           json.RawMessage
		}
		if json.Unmarshal([]byte(line), &record) == nil {
			lines[i] = fmt.Sprintf("%s %s %.8s %s%s", record.Time, record.Msg, record.MessageID, record.Err, record.Error)
		}
	}
	return strings.Join(lines, "\n")
}

// Output collects what is printed, from any goroutine.
type Output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// String returns what was printed so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
