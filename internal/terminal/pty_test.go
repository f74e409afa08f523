//go:build linux

package terminal_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"aws-secrets-manager-connector/internal/terminal"
)

func TestStyleOfTerminal(t *testing.T) {
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminal to try: %v", err)
	}
	defer tty.Close()
	require.NoError(t, unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 20, Col: 77}))
	for name, test := range map[string]struct {
		noColour string
		want     terminal.Style
	}{
		"colours":           {"", terminal.Style{Colour: true, Width: 77}},
		"NO_COLOR is heard": {"1", terminal.Style{Width: 77}},
	} {
		t.Run(name, func(t *testing.T) {
			env := func(name string) (string, bool) { return test.noColour, name == "NO_COLOR" }
			assert.Equal(t, test.want, terminal.StyleOf(tty, env))
		})
	}
}
