package maester

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestDelays(t *testing.T) {
	for range 100 {
		delays := delays(defaultRetryDelay)
		for _, want := range []time.Duration{100, 200, 400, 800} {
			delay := delays.NextBackOff()
			assert.GreaterOrEqual(t, delay, want*time.Millisecond)
			assert.LessOrEqual(t, delay, (want+want/5)*time.Millisecond+time.Microsecond)
		}
	}
}
