//go:build interop

package interop

import "strings"

// lightweightScenarios are about bodies in the object storage.
func lightweightScenarios() []scenario {
	const (
		reference = `{"headers": {"h": 1, "x-ipaas-object-storage-id": "$stored"}, "body": {}}`
		missing   = `{"headers": {"x-ipaas-object-storage-id": "8a1cbd7e-0000-4000-8000-000000000000"}, "body": {}}`
		passed    = `{"body": {"in": 1}, "passthrough": {"before": ` + reference + `, "full": {"headers": {}, "body": {"a": 1}}}}`
		on        = `{"id": "step", "config": {}, "snapshot": {}, "is_passthrough": true}`
	)
	// A message of so many bytes of body, and what of it is over 100 is stored.
	sized := func(bytes int) string {
		return do(`{"data": {"id": "own id", "headers": {"h": 1}, "body": "` + strings.Repeat("x", bytes-len(`""`)) + `"}}`)
	}
	references := []input{
		{name: "body", message: reference},
		{name: "raw", message: reference, raw: true},
		{name: "passthrough", message: passed},
		{name: "both", message: strings.Replace(passed, `{"body": {"in": 1},`, `{"headers": {"x-ipaas-object-storage-id": "$stored"}, "body": {},`, 1)},
	}
	own := input{name: "passthrough of its own", message: do(`{"data": {"headers": {}, "body": 1, "passthrough": {"own": ` + reference + `}}}`)}
	emit := map[string]string{"EMIT_LIGHTWEIGHT_MESSAGE": "true", "OBJECT_STORAGE_SIZE_THRESHOLD": "100"}
	emitted := []input{
		{name: "at the threshold", message: sized(100)},
		{name: "over the threshold", message: sized(101)},
		{name: "with a reference in passthrough", message: passed},
		{name: "with a large body in passthrough", message: `{"body": 1, "passthrough": {"before": {"headers": {"h": 1}, "body": "` + strings.Repeat("x", 100) + `"}, "small": {"headers": {}, "body": 2}}}`},
		{name: "no body", message: do(`{"data": {"headers": {"h": 1}}}`)},
		{name: "no body in passthrough", message: `{"body": 1, "passthrough": {"before": {"headers": {"h": 1}}}}`},
		own,
		{name: "large passthrough of its own", message: do(`{"data": {"headers": {}, "body": 1, "passthrough": {"own": {"headers": {}, "body": "` + strings.Repeat("x", 100) + `"}}}}`)},
		{name: "of small parts", message: strings.Replace(sized(60), `{"body"`, `{"passthrough": {"before": {"headers": {}, "body": "`+strings.Repeat("x", 60)+`"}}, "body"`, 1)},
	}
	refused := map[string]string{"EMIT_LIGHTWEIGHT_MESSAGE": "true", "OBJECT_STORAGE_SIZE_THRESHOLD": "100", "OBJECT_STORAGE_TOKEN": "wrong"}
	return []scenario{
		{name: "references", inputs: append(references[:len(references):len(references)], own)},
		{name: "references, passthrough", step: on, inputs: references},
		{name: "references as they are", settings: map[string]string{"FUNCTION": "actAsIs"}, inputs: references},
		{name: "references as they are, passthrough", step: on, settings: map[string]string{"FUNCTION": "actAsIs"}, inputs: references},
		{name: "reference to nothing", hangs: true, inputs: []input{{name: "body", message: missing}}},
		{name: "reference to nothing in passthrough", hangs: true, inputs: []input{{name: "entry", message: `{"body": {}, "passthrough": {"before": ` + missing + `}}`}}},
		{name: "EMIT_LIGHTWEIGHT_MESSAGE", settings: emit, inputs: emitted},
		{name: "EMIT_LIGHTWEIGHT_MESSAGE, passthrough", step: on, settings: emit, inputs: emitted},
		{name: "storage refuses", settings: refused, inputs: []input{{name: "upload", message: sized(101)}}},
	}
}
