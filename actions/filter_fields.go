package actions

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
)

// filterField is a field of the step that narrows a list down. AWS takes what it
// holds as the beginning of what it looks for, and a ! in front as "not".
type filterField struct {
	component.Field

	key types.FilterNameStringType
}

func filterFields() []filterField {
	return []filterField{
		nameFilter(),
		{component.Field{Name: "tagKey", Label: "Tag keys begin with"}, types.FilterNameStringTypeTagKey},
		{component.Field{Name: "tagValue", Label: "Tag values begin with"}, types.FilterNameStringTypeTagValue},
	}
}

func nameFilter() filterField {
	return filterField{component.Field{Name: "namePrefix", Label: "Names begin with"}, types.FilterNameStringTypeName}
}

// AWS's limits of filters, and of what they look for.
const (
	maxFilters     = 10
	maxFilterValue = 512 // characters
)

var filterValue = regexp.MustCompile(`^\!?[a-zA-Z0-9 :_@\/\+\=\.\-\!]*$`)

// filterByFields joins the step's fields to the Filters of an input. A secret must
// match all of them.
func filterByFields(spec *component.Spec) { spec.Complete = addFilters }

func addFilters(config, body json.RawMessage) (json.RawMessage, error) {
	filters, names, err := readFilterFields(config)
	if err != nil || len(filters) == 0 {
		return body, err
	}
	var members map[string]json.RawMessage
	if len(body) > 0 && json.Unmarshal(body, &members) != nil {
		return body, nil // the schema tells what is wrong with it
	}
	if isGiven(members["SecretIdList"]) {
		return nil, component.Errorf(component.InvalidInput, "body.SecretIdList (\"Secrets\"): is mutually exclusive with the step's %s – "+
			"leave it out, or clear what the step has there", names)
	}
	mapped, ok := mappedFilters(members["Filters"])
	if !ok {
		return body, nil
	}
	if all := len(mapped) + len(filters); all > maxFilters {
		return nil, component.Errorf(component.InvalidInput, "body.Filters: must have at most %d entries, together with the step's %s (given: %d entries)",
			maxFilters, names, all)
	}
	if members == nil {
		members = map[string]json.RawMessage{}
	}
	if members["Filters"], err = rawjson.Marshal(append(mapped, filters...)); err != nil {
		return nil, err
	}
	return rawjson.Marshal(members)
}

// FilterFields returns the filters that the fields of a step stand for.
func FilterFields(config json.RawMessage) (filters []types.Filter, err error) {
	raw, _, err := readFilterFields(config)
	if err != nil {
		return nil, err
	}
	for _, text := range raw {
		var filter types.Filter
		if err := json.Unmarshal(text, &filter); err != nil {
			return nil, err
		}
		filters = append(filters, filter)
	}
	return filters, nil
}

// readFilterFields returns a filter for each field that is not empty, and how
// the designer knows these fields.
func readFilterFields(config json.RawMessage) (filters []json.RawMessage, names string, err error) {
	fields, err := component.ReadFields(config)
	if err != nil {
		return nil, "", err
	}
	var known []string
	for _, f := range filterFields() {
		value, err := f.read(fields)
		switch {
		case err != nil:
			return nil, "", err
		case value == "":
			continue
		}
		filter, err := rawjson.Marshal(map[string]any{"Key": f.key, "Values": []string{value}})
		if err != nil {
			return nil, "", err
		}
		filters, known = append(filters, filter), append(known, f.String())
	}
	return filters, strings.Join(known, ", "), nil
}

// read returns the field's value, "" where there is none.
func (f filterField) read(fields component.Fields) (string, error) {
	value, err := fields.Text(f.Field)
	switch {
	case err != nil:
		return "", err
	case utf8.RuneCountInString(value) > maxFilterValue:
		return "", f.Wrong(fmt.Sprintf("must have at most %d characters", maxFilterValue), value)
	case !filterValue.MatchString(value):
		return "", f.Wrong("must be letters from a to z, digits, spaces or any of :_@/+=.-!, for AWS finds no others", value)
	}
	return value, nil
}

// mappedFilters are those in an input: a list, or the bare value that the
// platform's mapper makes of a list of one.
func mappedFilters(raw json.RawMessage) (list []json.RawMessage, ok bool) {
	switch {
	case !isGiven(raw):
		return nil, true
	case raw[0] == '{':
		return []json.RawMessage{raw}, true
	}
	return list, json.Unmarshal(raw, &list) == nil
}

// isGiven reports whether a member is there; null stands for one that is not.
func isGiven(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// filteredSchema is the schema of an input without what must not be mapped
// beside the step's fields.
func filteredSchema(in, config json.RawMessage) (json.RawMessage, error) {
	if member(in, "properties", "Filters") == nil {
		return in, nil
	}
	filters, _, err := readFilterFields(config)
	if err != nil || len(filters) == 0 {
		return in, err
	}
	// The rules speak of Filters, which need not be mapped any more.
	return withoutProperty(withoutMembers(in, "oneOf", "dependencies"), "SecretIdList"), nil
}
