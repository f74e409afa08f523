//go:build interop

package interop

import "strings"

// settingScenarios are about what settings and the step's data change.
func settingScenarios() []scenario {
	waiting := header{"reply_to": "reply"}
	all := []input{
		{name: "echo", message: full},
		{name: "data", message: do(`{"data": {"headers": {}, "body": {"n": 1}}}`)},
		{name: "error", message: do(`{"error": {"name": "Emitted", "message": "an error"}}`)},
		{name: "error, raw, with a reply", message: do(`{"error": {"name": "Emitted", "message": "an error"}}`), raw: true, headers: waiting},
		{name: "httpReply", message: do(`{"httpReply": {"statusCode": 201, "headers": {"x": "y"}, "body": {"a": 1}}}`), headers: waiting},
		{name: "rebound", message: do(`{"rebound": "not now"}`)},
		{name: "snapshot", message: do(`{"snapshot": {"a": 1}}`, `{"updateSnapshot": {"b": 1}}`)},
	}
	passed := []input{
		{name: "none came", message: `{"headers": {"h": 1}, "body": {"in": 1}}`},
		{name: "some came", message: full},
		{name: "from a step", message: `{"headers": {"h": 1}, "body": {"in": 1}}`, headers: header{"stepId": "before"}},
		{name: "from a step, and some came", message: full, headers: header{"stepId": "before", "reply_to": "reply"}},
		{name: "from a step, with other members", message: `{"headers": {}, "method": "GET"}`, headers: header{"stepId": "before"}},
		{name: "from a step, with null passthrough", message: `{"headers": {}, "body": {}, "passthrough": null}`, headers: header{"stepId": "before"}},
		{name: "from this step", message: strings.Replace(full, "before", "step", 1), headers: header{"stepId": "step"}},
		{name: "twice", message: do(`{"data": {"body": 1}}`, `{"data": {"id": "own id", "headers": {"x-eio-routing-key": "elsewhere"}, "body": 2, "attachments": {}}}`)},
		{name: "of its own", message: do(`{"data": {"body": 1, "passthrough": {"own": {"body": 1}}}}`)},
	}
	large := strings.Repeat("x", 2000)
	passthrough := `{"id": "step", "config": {}, "snapshot": {}, "is_passthrough": true}`
	return []scenario{
		{name: "PROTOCOL_VERSION=2", settings: map[string]string{"PROTOCOL_VERSION": "2"}, inputs: all},
		{name: "AMQP_PERSISTENT_MESSAGES", settings: map[string]string{"AMQP_PERSISTENT_MESSAGES": "true"}, inputs: all},
		{name: "NO_ERROR_REPLIES", settings: map[string]string{"NO_ERROR_REPLIES": "true"}, inputs: all},
		{name: "ADDITIONAL_VARS_FOR_HEADERS", settings: map[string]string{
			"ADDITIONAL_VARS_FOR_HEADERS": "ELASTICIO_SOME_NEW_VAR2, OTHER_VARIABLE,ELASTICIO_NOT_SET,ELASTICIO_TASK_ID,ELASTICIO_REPLY_TO,",
			"SOME_NEW_VAR2":               "new", "TASK_ID": "yields", "REPLY_TO": "wins",
		}, inputs: all},
		{name: "OUTGOING_MESSAGE_SIZE_LIMIT", settings: map[string]string{"OUTGOING_MESSAGE_SIZE_LIMIT": "1000"}, inputs: []input{
			{name: "data", message: do(`{"data": {"headers": {}, "body": "` + large + `"}}`)},
			{name: "large data between small", message: do(`{"data": {"headers": {}, "body": 1}}`, `{"data": {"headers": {}, "body": "`+large+`"}}`)},
			{name: "error", message: do(`{"fail": {"name": "Failed", "message": "` + large + `"}}`)},
			{name: "httpReply", message: do(`{"httpReply": {"headers": {}, "body": "` + large + `"}}`), headers: waiting},
			{name: "snapshot", message: do(`{"snapshot": {"a": "` + large + `"}}`)},
		}},
		{name: "REBOUND_LIMIT", settings: map[string]string{"REBOUND_LIMIT": "2", "REBOUND_INITIAL_EXPIRATION": "1000ms"}, inputs: []input{
			{name: "second", message: do(`{"rebound": "not now"}`), headers: header{"reboundIteration": 1}},
			{name: "third", message: do(`{"rebound": "not now"}`), headers: header{"reboundIteration": 2}},
		}},
		{name: "keys that lead nowhere", settings: map[string]string{
			"ERROR_ROUTING_KEY": "nowhere", "REBOUND_ROUTING_KEY": "nowhere", "SNAPSHOT_ROUTING_KEY": "nowhere",
		}, inputs: []input{
			{name: "error", message: do(`{"error": {"name": "Emitted", "message": "an error"}}`)},
			{name: "error with a reply", message: do(`{"error": {"name": "Emitted", "message": "an error"}}`), headers: waiting},
			{name: "snapshot", message: do(`{"snapshot": {"a": 1}}`), headers: waiting},
			{name: "rebound", message: do(`{"rebound": "not now"}`)},
		}},
		{name: "INPUT_FORMAT=error", settings: map[string]string{"INPUT_FORMAT": "error"}, inputs: errorInputs()},
		{name: "no snapshot", step: `{"id": "step", "config": null, "snapshot": null}`, inputs: []input{
			{name: "updateSnapshot", message: do(`{"updateSnapshot": {"a": 1}}`, `{"echo": true}`)},
			{name: "updated", message: full},
			{name: "updateKeys", message: do(`{"updateKeys": {"a": 1}}`)},
		}},

		{name: "passthrough off", inputs: passed},
		{name: "passthrough off, as text", inputs: passed, step: `{"id": "step", "config": {}, "snapshot": {}, "is_passthrough": "true"}`},
		{name: "passthrough", inputs: passed, step: passthrough},
		{name: "passthrough, NO_SELF_PASSTRHOUGH", inputs: passed, step: passthrough, settings: map[string]string{"NO_SELF_PASSTRHOUGH": "true"}},

		{name: "no messageId", stuck: true, settings: map[string]string{"RABBITMQ_PREFETCH_SAILOR": "2"}, inputs: []input{
			{name: "echo", message: full, noID: true, awaited: 1},
		}},
		{name: "twice at once", stuck: true, settings: map[string]string{"RABBITMQ_PREFETCH_SAILOR": "3"}, play: twiceAtOnce, inputs: []input{{name: "input"}}},
		{name: "odd passthrough", hangs: true, inputs: []input{
			{name: "text", message: `{"passthrough": "a", "body": {}}`},
			{name: "null entry", message: `{"passthrough": {"before": null}, "body": {}}`},
			{name: "list as entry", message: `{"passthrough": {"before": []}, "body": {}}`},
		}},
	}
}

// errorInputs are messages to an error handler.
func errorInputs() []input {
	failure := base64Of(`{"name": "Error", "message": "it failed", "stack": "at"}`)
	cause := base64Of(full)
	return []input{
		{name: "error and its input", plain: `{"error": "` + failure + `", "errorInput": "` + cause + `"}`},
		{name: "error alone", plain: `{"error": "` + failure + `"}`, headers: header{"reply_to": "reply", "X-EIO-META-A": "a", "x-other": "o", "n": 5}},
		{name: "with other members", plain: `{"error": "` + failure + `", "other": {"a": 1}}`},
		{name: "empty object", plain: `{}`},
		{name: "empty texts", plain: `{"error": "", "errorInput": null}`},
		{name: "empty", plain: ""},
		{name: "no JSON", plain: "x"},
		{name: "null", plain: "null"},
		{name: "list", plain: "[]"},
		{name: "text", plain: `"a"`},
		{name: "number", plain: "5"},
		{name: "not encrypted", plain: `{"error": "x"}`},
		{name: "input not encrypted", plain: `{"error": "` + failure + `", "errorInput": "x"}`},
		{name: "error is an object", plain: `{"error": {"a": 1}}`},
		{name: "no headers", plain: `{"error": "` + failure + `"}`, noHeaders: true},
		{name: "fails itself", plain: `{"do": [{"fail": {"name": "Failed", "message": "again"}}]}`},
	}
}
