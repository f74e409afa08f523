package schema

import (
	"encoding/json"

	"aws-secrets-manager-connector/internal/rawjson"
)

// Masked stands for a value that must not show.
const Masked = "***"

// Mask returns doc for people to read: secret values, and whatever the schema
// does not know, are replaced by Masked, and members stand in alphabetical
// order. What is not JSON is replaced as a whole.
func (s *Schema) Mask(doc json.RawMessage) json.RawMessage {
	read := decode(doc, s.shape)
	read.restore()
	value := any(Masked)
	if read.readable && len(read.errs) == 0 {
		value = s.shape.mask(read.value)
	}
	out, err := rawjson.Marshal(value)
	if err != nil { // cannot happen: the value came from JSON
		return json.RawMessage(`"` + Masked + `"`)
	}
	return out
}

func (s *shape) mask(v any) any {
	if s == nil || s.secret {
		return Masked
	}
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = s.member(name).mask(member)
		}
	case []any:
		for i, entry := range v {
			v[i] = s.entries.mask(entry)
		}
	}
	return v
}
