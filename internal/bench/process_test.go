package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseStat(t *testing.T) {
	const tail = " S 1 2 3 4 5 6 7 8 9 10 150 25 0 0 20 0 1 0 100\n"
	for name, stat := range map[string]string{
		"plain":                   "42 (component)" + tail,
		"spaces in the name":      "42 (a b c)" + tail,
		"parentheses in the name": "42 (a) S 1 (b))" + tail,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseStat(stat)
			require.NoError(t, err)
			assert.InDelta(t, 1.75, got, 1e-9)
		})
	}
	for name, stat := range map[string]string{"empty": "", "short": "42 (x) S 1 2", "no number": "42 (x) S 1 2 3 4 5 6 7 8 9 10 a 25"} {
		t.Run(name, func(t *testing.T) {
			_, err := parseStat(stat)
			assert.Error(t, err)
		})
	}
}

func TestParseMemory(t *testing.T) {
	const status = "Name:\tcomponent\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n"
	peak, err := parseMemory(status, residentPeak)
	require.NoError(t, err)
	assert.InDelta(t, 20, peak, 1e-9)
	now, err := parseMemory(status, residentNow)
	require.NoError(t, err)
	assert.InDelta(t, 10, now, 1e-9)
	_, err = parseMemory(status, "VmSwap")
	assert.Error(t, err)
	_, err = parseMemory("VmRSS: some kB\n", residentNow)
	assert.Error(t, err)
}

func TestOwnProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc")
	}
	own := &process{cmd: &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}}
	used, err := own.cpuSeconds()
	require.NoError(t, err)
	assert.GreaterOrEqual(t, used, 0.0)
	now, err := own.memory(residentNow)
	require.NoError(t, err)
	peak, err := own.memory(residentPeak)
	require.NoError(t, err)
	assert.Positive(t, now)
	assert.GreaterOrEqual(t, peak, now)
}

func TestProcessThatEndsTooEarly(t *testing.T) {
	dir := t.TempDir()
	s := subject{name: "x", command: []string{"/bin/sh", "-c", "echo why; exit 3"}, dir: dir}
	p, err := startProcess(t.Context(), s, nil, filepath.Join(dir, "log"))
	require.NoError(t, err)
	_, err = (&step{subject: s, queues: &queues{}, process: p}).next(t.Context())
	assert.ErrorContains(t, err, "why")
	p.stop() // does no harm
}

func TestProcessIsStopped(t *testing.T) {
	dir := t.TempDir()
	s := subject{name: "x", command: []string{"/bin/sleep", "600"}, dir: dir}
	p, err := startProcess(t.Context(), s, nil, filepath.Join(dir, "log"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(assert.AnError)
	_, err = (&step{subject: s, queues: &queues{}, process: p}).next(ctx)
	assert.ErrorIs(t, err, assert.AnError)
	p.stop()
	<-p.done
}
