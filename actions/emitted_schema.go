package actions

import (
	"encoding/json"

	"aws-secrets-manager-connector/internal/rawjson"
)

// The schema of a listing's output has the members of pages and those of single
// elements side by side. What follows leaves those that really arrive.

// elementList is the list on a page whose elements emitIndividually emits.
func elementList(operation string) string {
	switch operation {
	case "BatchGetSecretValue":
		return "SecretValues"
	case "ListResourcePolicies":
		return "ResourcePolicies"
	case "ListSecrets":
		return "SecretList"
	case "ListSecretVersionIds":
		return "Versions"
	}
	return ""
}

// EmittedSchema narrows the schema of an output down to what a behaviour emits.
func EmittedSchema(out json.RawMessage, list, behaviour string) json.RawMessage {
	properties := member(out, "properties")
	var dropped []string
	description := ""
	switch behaviour {
	case emitIndividually:
		description = "One of " + list + ", each in a message of its own."
		dropped = []string{list, "NextToken", "Errors"}
	case emitAll:
		description = list + " of all pages."
		dropped = append(memberNames(member(properties, list, "items", "properties")), "NextToken")
	default:
		description = list + " of one page."
		dropped = memberNames(member(properties, list, "items", "properties"))
	}
	return eachMember(out, func(keyword string, value json.RawMessage) json.RawMessage {
		switch keyword {
		case "description":
			text, _ := rawjson.Marshal(description)
			return text
		case "properties":
			return withoutMembers(value, dropped...)
		case "example":
			example := withoutMembers(value, dropped...)
			if behaviour == emitIndividually {
				example = joined(example, firstOf(member(value, list)))
			}
			return example
		}
		return value
	})
}

func firstOf(list json.RawMessage) json.RawMessage {
	var entries []json.RawMessage
	if json.Unmarshal(list, &entries) != nil || len(entries) == 0 {
		return json.RawMessage("{}")
	}
	return entries[0]
}

// joined has the members of both objects.
func joined(a, b json.RawMessage) json.RawMessage {
	if string(a) == "{}" {
		return b
	}
	return json.RawMessage(string(a[:len(a)-1]) + "," + string(b[1:]))
}
