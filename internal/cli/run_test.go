package cli

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTune(t *testing.T) {
	cores, percent := runtime.GOMAXPROCS(2), debug.SetGCPercent(77)
	t.Cleanup(func() {
		runtime.GOMAXPROCS(cores)
		debug.SetGCPercent(percent)
	})
	tune(func(string) (string, bool) { return "as set", true })
	assert.Equal(t, 2, runtime.GOMAXPROCS(0), "the operator's choice")
	assert.Equal(t, 77, debug.SetGCPercent(77), "the operator's choice")

	tune(func(string) (string, bool) { return "", false })
	assert.Equal(t, 1, runtime.GOMAXPROCS(0))
	assert.Equal(t, 180, debug.SetGCPercent(180))
}
