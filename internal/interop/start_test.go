//go:build interop

package interop

// startScenarios are about how a container starts and ends.
func startScenarios() []scenario {
	const hooked = `{"id": "step", "config": {"startup": {"result": {"subscription": "s"}}, "a": 1}, "snapshot": {}}`
	step, startup := "GET "+stepPath, "POST "+startupPath
	echo := []input{{name: "echo", message: full}}
	withHooks := func(more ...string) map[string]string {
		settings := map[string]string{"FUNCTION": "hooked"}
		for i := 0; i < len(more); i += 2 {
			settings[more[i]] = more[i+1]
		}
		return settings
	}
	return []scenario{
		{name: "FLOW_ID missing", settings: map[string]string{"FLOW_ID": unset}},
		{name: "AMQP_URI missing", settings: map[string]string{"AMQP_URI": ""}},
		{name: "unknown FUNCTION", settings: map[string]string{"FUNCTION": "unheard"}},
		{name: "step refused", statuses: map[string][]int{step: {401}}},
		{name: "step unknown", statuses: map[string][]int{step: {404}}},
		{name: "platform fails for good", statuses: map[string][]int{step: {500}}},
		{name: "platform fails, two tries", statuses: map[string][]int{step: {500}}, settings: map[string]string{"API_REQUEST_RETRY_ATTEMPTS": "2"}},
		{name: "platform fails twice", statuses: map[string][]int{step: {500, 502, 0}}, inputs: echo},
		{name: "step is null", step: "null"},

		{name: "init", settings: withHooks(), step: hooked, inputs: echo},
		{name: "init fails", settings: withHooks(), step: `{"config": {"init": {"fail": {"name": "Failed", "message": "no init"}}}}`},
		{name: "startup", settings: withHooks("STARTUP_REQUIRED", "true"), step: hooked, inputs: echo},
		{name: "startup, 409", settings: withHooks("STARTUP_REQUIRED", "true"), step: hooked, inputs: echo, statuses: map[string][]int{startup: {409, 0}}},
		{name: "startup, 409 again", settings: withHooks("STARTUP_REQUIRED", "true"), step: hooked, statuses: map[string][]int{startup: {409}}},
		{name: "startup, 500 once", settings: withHooks("STARTUP_REQUIRED", "true"), step: hooked, inputs: echo, statuses: map[string][]int{startup: {500, 0}}},
		{name: "startup refused", settings: withHooks("STARTUP_REQUIRED", "true"), step: hooked, statuses: map[string][]int{startup: {403}}},
		{name: "startup fails", settings: withHooks("STARTUP_REQUIRED", "true"), step: `{"config": {"startup": {"fail": {"name": "Failed", "message": "no startup"}}}}`},
		{name: "startup without a result", settings: withHooks("STARTUP_REQUIRED", "true"), step: `{"config": {}}`, inputs: echo},
		{name: "startup with a number as result", settings: withHooks("STARTUP_REQUIRED", "true"), step: `{"config": {"startup": {"result": 5}}}`, inputs: echo},
		{name: "startup with an empty list as result", settings: withHooks("STARTUP_REQUIRED", "true"), step: `{"config": {"startup": {"result": []}}}`, inputs: echo},
		{name: "startup without a hook", settings: map[string]string{"STARTUP_REQUIRED": "true"}, inputs: echo},
		{name: "startup without a result, 409", settings: withHooks("STARTUP_REQUIRED", "true"), step: `{"config": {}}`, inputs: echo, statuses: map[string][]int{startup: {409, 0}}},

		{name: "shutdown", settings: withHooks("HOOK_SHUTDOWN", "true"), step: hooked},
		{name: "shutdown without queues", settings: withHooks("HOOK_SHUTDOWN", "true", "AMQP_URI", unset, "LISTEN_MESSAGES_ON", unset), step: hooked},
		{name: "shutdown without a hook", settings: map[string]string{"HOOK_SHUTDOWN": "true"}},
		{name: "shutdown without data", settings: withHooks("HOOK_SHUTDOWN", "true"), statuses: map[string][]int{"GET " + startupPath: {404}}},
		{name: "shutdown fails", settings: withHooks("HOOK_SHUTDOWN", "true"), step: `{"config": {"shutdown": {"fail": {"name": "Failed", "message": "no shutdown"}}}}`},
		{name: "shutdown of an unknown FUNCTION", settings: map[string]string{"HOOK_SHUTDOWN": "true", "FUNCTION": "unheard"}},
	}
}
