package actions

import (
	"encoding/json"

	"aws-secrets-manager-connector/internal/secretjson"
)

// schema is a schema with values in this format alone.
func (f valueFormat) schema(schema json.RawMessage) json.RawMessage {
	return eachMember(schema, func(keyword string, value json.RawMessage) json.RawMessage {
		switch {
		case keyword == "items":
			return f.schema(value)
		case keyword == "example" && f.json:
			return secretjson.Unfold(value)
		case keyword != "properties":
			return value
		case f.json:
			value = withoutMembers(value, "SecretString", "SecretBinary")
		default:
			value = withoutMembers(value, "Secret")
		}
		return eachMember(value, func(_ string, property json.RawMessage) json.RawMessage { return f.schema(property) })
	})
}

// input is the schema of an input in this format. What may be given together is then
// simpler to say.
func (f valueFormat) input(schema json.RawMessage) json.RawMessage {
	if !hasSecret(schema) {
		return schema
	}
	schema = f.schema(schema)
	if f.json {
		schema = withoutMembers(schema, "oneOf", "not")
	}
	return eachMember(schema, func(keyword string, value json.RawMessage) json.RawMessage {
		switch {
		case keyword == "oneOf":
			return json.RawMessage(`[{"required":["SecretString"]},{"required":["SecretBinary"]}]`)
		case keyword != "properties":
			return value
		}
		return eachMember(value, func(name string, property json.RawMessage) json.RawMessage {
			if name == "Secret" {
				return joined(property, json.RawMessage(`{"required":true}`))
			}
			return property
		})
	})
}
