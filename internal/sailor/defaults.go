package sailor

import (
	"encoding/json"
	"errors"
	"maps"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
	"aws-secrets-manager-connector/internal/schema"
)

// defaults is what fields of the step say of a message's body.
type defaults struct {
	values map[string]json.RawMessage // by member
	hints  map[string]string          // what to do about a member that is missing, null or empty, by path
}

func readDefaults(list []component.Default, config json.RawMessage) defaults {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(config, &fields) // the function tells what is wrong with it
	d := defaults{values: map[string]json.RawMessage{}, hints: map[string]string{}}
	for _, one := range list {
		switch value := fields[one.Field]; string(value) {
		case "", "null", `""`:
			d.hints["body."+one.Member] = one.Hint
		default:
			d.values[one.Member] = value
			d.hints["body."+one.Member] = "leave it out, and the one of the step is taken"
		}
	}
	return d
}

// complete returns body with the members that it lacks. A body that is neither
// an object nor absent is left to the schema.
func (d defaults) complete(body json.RawMessage) json.RawMessage {
	var members map[string]json.RawMessage
	if len(d.values) == 0 || json.Unmarshal(orNull(body), &members) != nil {
		return body
	}
	all := maps.Clone(d.values)
	for name, value := range members {
		if all[name] == nil || string(value) != "null" {
			all[name] = value
		}
	}
	completed, err := rawjson.Marshal(all)
	if err != nil { // cannot happen: the values came from JSON
		return body
	}
	return completed
}

// addHints says of a member that has nothing which field helps.
func (d defaults) addHints(err error) {
	violations, ok := errors.AsType[*schema.Violations](err)
	if !ok {
		return
	}
	for i, v := range violations.List {
		if hint := d.hints[v.Path]; hint != "" && v.IsNothing {
			violations.List[i].Hint = hint
		}
	}
}
