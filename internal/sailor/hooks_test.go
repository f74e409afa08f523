package sailor

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHooks(t *testing.T) {
	for name, tc := range map[string]struct {
		prepare func(*harness)
		want    []string
	}{
		"init runs in every container": {func(*harness) {}, []string{"hook init"}},
		"startup comes first": {
			func(r *harness) {
				r.env["STARTUP_REQUIRED"] = "true"
				r.startupData = json.RawMessage(`{"id":1}`)
			},
			[]string{"hook startup", `create flow {"id":1}`, "hook init"},
		},
		"nothing returned is an empty object": {
			func(r *harness) { r.env["STARTUP_REQUIRED"] = "true" },
			[]string{"hook startup", "create flow {}", "hook init"},
		},
		"what has nothing in it is an empty object": {
			func(r *harness) {
				r.env["STARTUP_REQUIRED"] = "true"
				r.startupData = json.RawMessage(`5`)
			},
			[]string{"hook startup", "create flow {}", "hook init"},
		},
		"old data are replaced": {
			func(r *harness) {
				r.env["STARTUP_REQUIRED"] = "true"
				r.conflict = true
			},
			[]string{"hook startup", "create flow {}", "delete flow", "create flow {}", "hook init"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, echo)
			tc.prepare(r)
			stop := r.start()
			r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
			r.receiveData()
			r.requireDrained(stop)
			assert.Equal(t, tc.want, r.notes())
		})
	}
}

func TestFailedHook(t *testing.T) {
	for name, prepare := range map[string]func(*harness){
		"init":    func(*harness) {},
		"startup": func(r *harness) { r.env["STARTUP_REQUIRED"] = "true" },
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, echo)
			prepare(r)
			r.hookErr = errTest
			require.ErrorIs(t, r.sailor().Run(r.ctx), errTest)
			_, failure, _ := r.receiveError()
			assert.Equal(t, name+" hook of echo: something failed", failure.Message)
		})
	}
}

func TestShutdownHook(t *testing.T) {
	r := newHarness(t, echo)
	require.NoError(t, r.sailor().RunShutdownHook(r.ctx))
	assert.Equal(t, []string{"fetch flow", `hook shutdown {"id": 1}`, "delete flow"}, r.notes())

	r = newHarness(t, echo)
	r.hookErr = errTest
	require.ErrorIs(t, r.sailor().RunShutdownHook(r.ctx), errTest)
	assert.NotContains(t, r.notes(), "delete flow", "the data stay for another try")

	r = newHarness(t, echo)
	r.env["FUNCTION"] = "unheard"
	require.ErrorContains(t, r.sailor().RunShutdownHook(r.ctx), `"unheard" is not found`)
	assert.Equal(t, []string{"fetch flow"}, r.notes())
}
