package settings

import "log/slog"

// LogFields returns what every log line of a step carries: the variables that
// tell where it runs, so far as they are set, and tag, the flow's id. It needs
// no complete settings, so that their absence can be logged.
func LogFields(lookup func(name string) (string, bool)) []slog.Attr {
	names := []string{
		"API_USERNAME", "COMP_ID", "COMP_NAME", "CONTAINER_ID", "CONTRACT_ID", "EXEC_ID", "EXEC_TYPE",
		"EXECUTION_RESULT_ID", "FLOW_ID", "FLOW_VERSION", "FUNCTION", "STEP_ID", "TASK_USER_EMAIL",
		"TENANT_ID", "USER_ID", "WORKSPACE_ID",
	}
	var fields []slog.Attr
	for _, name := range names {
		if value, set := lookup(prefix + name); set {
			fields = append(fields, slog.String(prefix+name, value))
		}
	}
	if flow, set := lookup(prefix + "FLOW_ID"); set {
		fields = append(fields, slog.String("tag", flow))
	}
	return fields
}
