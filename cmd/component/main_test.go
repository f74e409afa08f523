package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/testkit"
)

// busyVariable makes the test's own program one that is busy for good.
const busyVariable = "COMPONENT_TEST_BUSY"

func TestMain(m *testing.M) {
	if os.Getenv(busyVariable) != "" {
		signals := make(chan os.Signal, 2)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		ctx := untilSignal(signals, os.Exit)
		fmt.Println("busy")
		<-ctx.Done()
		select {}
	}
	testkit.Main(m)
}

func TestSecondSignal(t *testing.T) {
	for name, tc := range map[string]struct {
		second os.Signal
		want   int
	}{
		"SIGTERM": {syscall.SIGTERM, 143},
		"SIGINT":  {syscall.SIGINT, 130},
	} {
		t.Run(name, func(t *testing.T) {
			signals, status := make(chan os.Signal, 2), make(chan int, 1)
			signals <- syscall.SIGTERM
			signals <- tc.second // nobody has seen the first one yet
			ctx := untilSignal(signals, func(s int) { status <- s })
			assert.Equal(t, tc.want, <-status)
			require.EqualError(t, context.Cause(ctx), "terminated signal received")
		})
	}
}

// TestSecondSignalEndsAtOnce sends two different signals, for of two equal ones
// the system may deliver a single one.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	p := testkit.Start(ctx, t, "", map[string]string{busyVariable: "true"}, self)
	t.Cleanup(p.Kill)
	require.Eventually(t, func() bool { return strings.Contains(p.Output(), "busy") }, 10*time.Second, time.Millisecond)
	require.NoError(t, p.Signal(syscall.SIGTERM))
	require.NoError(t, p.Signal(syscall.SIGINT))
	assert.Contains(t, []int{130, 143}, p.Status(), "either may come first")
}
