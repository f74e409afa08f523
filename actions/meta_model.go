package actions

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/rawjson"
	"aws-secrets-manager-connector/schemas"
)

// metaModel is the action's schemas: without SecretId where a secret is chosen,
// for the designer would have to map it, with values in the step's format, and with
// what is emitted alone. In the format json, the keys of the secret that is chosen
// are below Secret.
func metaModel(ctx context.Context, s *step) (json.RawMessage, error) {
	operation, config := s.operation, s.deps.Config
	in, err := schemas.FS.ReadFile(operation + ".in.json")
	if err != nil {
		return nil, err
	}
	out, err := schemas.FS.ReadFile(operation + ".out.json")
	if err != nil {
		return nil, err
	}
	if in, err = filteredSchema(in, config); err != nil {
		return nil, err
	}
	c, err := readChoice(config)
	if err != nil {
		return nil, err
	}
	if c.Secret != "" {
		in = withoutProperty(in, "SecretId")
	}
	if ttl, err := readCacheSeconds(config); err != nil {
		return nil, err
	} else if ttl == 0 {
		in = withoutProperty(in, "Refresh")
	}
	f, err := readValueFormat(config)
	if err != nil {
		return nil, err
	}
	in, out = f.input(in), f.schema(out)
	if operation == "LookupSecret" {
		if in, out, err = lookedUp(in, out, config); err != nil {
			return nil, err
		}
	}
	if cfg, err := awsapi.ParseConfig(config); err != nil || cfg.FailoverRegion == "" {
		out = changedAt(withoutRegion(out), withoutRegion, "properties", "SecretValues", "items")
	}
	if list := elementList(operation); list != "" {
		behaviour, err := emitBehaviour(config)
		if err != nil {
			return nil, err
		}
		out = EmittedSchema(out, list, behaviour)
	}
	if c.Secret != "" && f.json && (hasSecret(in) || hasSecret(out)) {
		keys, err := s.showKeys(ctx, c.Secret, f)
		if err != nil {
			return nil, err
		}
		in, out = keys.in(in), keys.in(out)
	}
	return json.Marshal(map[string]json.RawMessage{"in": in, "out": out})
}

// withoutProperty keeps the order of the others, in which the designer shows them.
func withoutProperty(schema json.RawMessage, name string) json.RawMessage {
	return eachMember(schema, func(keyword string, value json.RawMessage) json.RawMessage {
		if keyword != "properties" && keyword != "example" {
			return value
		}
		return withoutMembers(value, name)
	})
}

// withoutRegion is the schema of a secret that is read in its own region.
func withoutRegion(schema json.RawMessage) json.RawMessage { return withoutProperty(schema, "Region") }

// changedAt changes what lies below the names, if it is there.
func changedAt(object json.RawMessage, change func(json.RawMessage) json.RawMessage, names ...string) json.RawMessage {
	if len(names) == 0 {
		return change(object)
	}
	return eachMember(object, func(name string, value json.RawMessage) json.RawMessage {
		if name == names[0] {
			return changedAt(value, change, names[1:]...)
		}
		return value
	})
}

// eachMember returns the object with each member as change returns it, without
// those for which that is nil.
func eachMember(object json.RawMessage, change func(name string, value json.RawMessage) json.RawMessage) json.RawMessage {
	var members []string
	rawjson.EachMember(object, func(name []byte, value json.RawMessage) bool {
		if value = change(string(name), value); value != nil {
			members = append(members, fmt.Sprintf(`"%s":%s`, name, value))
		}
		return true
	})
	return json.RawMessage("{" + strings.Join(members, ",") + "}")
}

// member returns what lies in an object below the names, nil where there is nothing.
func member(object json.RawMessage, names ...string) json.RawMessage {
	for _, name := range names {
		members, _ := rawjson.Members(object)
		object = members[name]
	}
	return object
}

func memberNames(object json.RawMessage) (names []string) {
	rawjson.EachMember(object, func(name []byte, _ json.RawMessage) bool {
		names = append(names, string(name))
		return true
	})
	return names
}

func withoutMembers(object json.RawMessage, names ...string) json.RawMessage {
	return eachMember(object, func(name string, value json.RawMessage) json.RawMessage {
		if slices.Contains(names, name) {
			return nil
		}
		return value
	})
}
