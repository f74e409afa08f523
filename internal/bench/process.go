package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const stopLimit = 15 * time.Second

// process is a running program, with its output in a file.
type process struct {
	cmd     *exec.Cmd
	log     string
	started time.Time
	done    chan struct{}
}

func startProcess(ctx context.Context, s subject, env []string, log string) (*process, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()
	cmd := exec.CommandContext(ctx, s.command[0], s.command[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.dir, env, out, out
	p := &process{cmd: cmd, log: log, started: time.Now(), done: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = cmd.Wait() // its end is known by its log
		close(p.done)
	}()
	return p, nil
}

// stop asks the program to end, and makes it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopLimit):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// failure is why the program ended too early.
func (p *process) failure() error {
	out, _ := os.ReadFile(p.log)
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return fmt.Errorf("%s has ended:\n%s", p.cmd.Path, bytes.Join(lines[max(0, len(lines)-10):], []byte("\n")))
}

// ticksPerSecond is the unit of /proc/PID/stat, the same on all Linux systems
// that Go runs on.
const ticksPerSecond = 100

// cpuSeconds is the time that the process has spent on CPUs so far, its own and
// the kernel's for it.
func (p *process) cpuSeconds() (float64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return parseStat(string(stat))
}

func parseStat(stat string) (float64, error) {
	// The second field is the program's name, which may contain anything.
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const user, system = 14 - 3, 15 - 3 // counted from 1, behind two fields
	if len(fields) <= system {
		return 0, errors.New("/proc/PID/stat has too few fields")
	}
	u, err1 := strconv.ParseUint(fields[user], 10, 64)
	s, err2 := strconv.ParseUint(fields[system], 10, 64)
	return float64(u+s) / ticksPerSecond, errors.Join(err1, err2)
}

// Members of /proc/PID/status.
const (
	residentNow  = "VmRSS"
	residentPeak = "VmHWM"
)

// memory reads a member of the process's status, in MiB.
func (p *process) memory(member string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return parseMemory(string(status), member)
}

// parseMemory reads a line such as "VmRSS:    1234 kB", in MiB.
func parseMemory(text, member string) (float64, error) {
	for line := range strings.Lines(text) {
		rest, found := strings.CutPrefix(line, member+":")
		if !found {
			continue
		}
		kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
		return kib / 1024, err
	}
	return 0, fmt.Errorf("there is no %s", member)
}
