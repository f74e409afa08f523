package schemas

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/schema"
)

// Every limit of every member of every action's input, at its edge and one step
// beyond, as the API's model has it.
func TestInputLimitsBite(t *testing.T) {
	operations := model(t)
	for _, name := range slices.Sorted(maps.Keys(operations)) {
		t.Run(name, func(t *testing.T) {
			in, _, err := Load(name)
			require.NoError(t, err)
			input := operations[name].Input
			cases := 0
			walk(input, "body", func(path string, m *member, put func(any) any) {
				for _, probe := range probes(path, m) {
					body := valid(name, path, input, put(probe.value))
					check(t, in, body, path, probe.hinted(!m.Required && !strings.HasSuffix(path, "]")))
					cases++
				}
			})
			assert.Positive(t, cases)
		})
	}
}

// probe is a value for one member and the rule it breaks, none if it is fine.
type probe struct {
	value any
	rule  string
}

// hinted adds the hint for who sends an empty text where nothing is to be sent.
func (p probe) hinted(optional bool) probe {
	if p.value == "" && optional && p.rule != "" {
		p.rule += " – leave it out where there is none"
	}
	return p
}

func check(t *testing.T, in *schema.Schema, body node, path string, p probe) {
	t.Helper()
	doc, err := json.Marshal(body)
	require.NoError(t, err)
	_, err = in.Check(doc)
	if p.rule == "" {
		assert.NoError(t, err, "%s: %.80q", path, fmt.Sprint(p.value))
		return
	}
	var broken *schema.Violations
	require.ErrorAs(t, err, &broken, "%s: %s", path, p.rule)
	var rules []string
	for _, v := range broken.List {
		if strings.HasPrefix(v.Path, path) {
			rule := v.Rule
			if strings.Contains(p.rule, " – ") {
				rule += " – " + v.Hint
			}
			rules = append(rules, rule)
		}
	}
	assert.Len(t, rules, len(broken.List), "nothing else is wrong: %v", err)
	assert.Contains(t, rules, p.rule, path)
	assert.NotContains(t, err.Error(), strings.Repeat("s3cret", 5))
}

// walk calls do for m and all below it. put wraps a value for the place into
// the value of the top-level member.
func walk(m *member, path string, do func(path string, m *member, put func(any) any)) {
	visit(m, path, func(v any) any { return v }, func(path string, m *member, put func(any) any) {
		if path != "body" {
			do(path, m, put)
		}
	})
}

func visit(m *member, path string, put func(any) any, do func(string, *member, func(any) any)) {
	do(path, m, put)
	if m.Member != nil {
		visit(m.Member, path+"[0]", func(v any) any { return put([]any{v}) }, do)
	}
	for name, sub := range m.Members {
		wrap := func(v any) any { return put(node{name: v}) }
		if path == "body" {
			wrap = put
		}
		visit(sub, path+"."+name, wrap, do)
	}
}

// valid returns an input that is fine but for the value of the member at path.
func valid(operation, path string, input *member, value any) node {
	body := node{}
	for name, m := range input.Members {
		if m.Required {
			body[name] = sample(m)
		}
	}
	set := func(name string) { body[name] = sample(input.Members[name]) }
	member := strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' })[1]
	switch {
	case operation == "PutSecretValue" && member != "SecretBinary":
		set("SecretString")
	case operation == "BatchGetSecretValue" && member == "MaxResults":
		set("Filters")
	case operation == "BatchGetSecretValue" && member != "Filters":
		set("SecretIdList")
	case operation == "CreateSecret" && member == "CrossAccountPrimaryARN":
		set("KmsKeyId")
	case operation == "UpdateSecretVersionStage":
		set("MoveToVersionId")
	}
	body[member] = value
	return body
}

// samples are texts that match the model's patterns.
var samples = map[string]string{
	"":                                  "a",
	`^([a-z]+-)+\d+$`:                   "eu-central-1",
	`[0-9]+h`:                           "24h",
	`[0-9A-Za-z\(\)#\?\*\-\/, ]+`:       "rate(10 days)",
	`^[a-zA-Z0-9\-]+$`:                  "a",
	`^\!?[a-zA-Z0-9 :_@\/\+\=\.\-\!]*$`: "!prod/db",
}

// shown are the examples that our schemas give for the model's patterns.
var shown = map[string]string{
	`^([a-z]+-)+\d+$`:             "us-east-1",
	`[0-9]+h`:                     "3h",
	`[0-9A-Za-z\(\)#\?\*\-\/, ]+`: "rate(10 days)",
}

func sample(m *member) any {
	switch m.Type {
	case "string":
		unit := text(m)
		return strings.Repeat(unit, max(1, (m.Min+len(unit)-1)/len(unit)))
	case "blob":
		return "AAAA"
	case "integer", "long":
		return 7
	case "boolean":
		return true
	case "list":
		return []any{sample(m.Member)}
	}
	return node{}
}

func text(m *member) string {
	if m.Enum != nil {
		return m.Enum[0]
	}
	return samples[m.Pattern]
}

func probes(path string, m *member) []probe {
	switch m.Type {
	case "string":
		return textProbes(path, m)
	case "blob":
		base64ed := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
		return []probe{
			{base64ed(m.Min), ""}, {base64ed(m.Max), ""},
			{base64ed(m.Max + 1), fmt.Sprintf("must have at most %s bytes once decoded", thousands(m.Max))},
			{"", "must not be empty once decoded"},
			{strings.Repeat("s3cret", 5), "must be base64 (standard alphabet, padded, no line breaks)"},
			{node{strings.Repeat("s3cret", 5): 1}, "must be a string"},
		}
	case "integer", "long":
		lowest, highest := m.Min, m.Max
		if strings.HasSuffix(path, "RecoveryWindowInDays") {
			lowest, highest = 7, 30
		}
		return []probe{
			{lowest, ""}, {highest, ""}, {fmt.Sprint(highest), ""}, {float64(lowest), ""},
			{lowest - 1, fmt.Sprintf("must be at least %d", lowest)}, {highest + 1, fmt.Sprintf("must be at most %d", highest)},
			{fmt.Sprint(highest + 1), fmt.Sprintf("must be at most %d", highest)},
			{"seven", "must be a whole number"}, {float64(lowest) + 0.5, "must be a whole number"}, {true, "must be a whole number"},
		}
	case "boolean":
		return []probe{{true, ""}, {false, ""}, {"true", ""}, {"false", ""}, {"yes", "must be true or false"}, {1, "must be true or false"}}
	case "list":
		return listProbes(path, m)
	case "structure":
		return []probe{{node{}, ""}, {node{"Nope": 1}, "has an unknown property"}, {[]any{}, "must be an object"}, {"{}", "must be an object"}}
	}
	return []probe{{nil, "unknown to this test: " + m.Type}}
}

func textProbes(path string, m *member) []probe {
	list := []probe{{sample(m), ""}, {7, "must be a string"}}
	if forMapper[path[strings.LastIndex(path, ".")+1:]] != "x-jsonText" {
		list = append(list, probe{[]any{strings.Repeat("s3cret", 5)}, "must be a string"})
	}
	if m.Enum != nil {
		for _, v := range m.Enum {
			list = append(list, probe{v, ""})
		}
		return append(list, probe{"no such thing", "must be one of " + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(m.Enum)), ", "), "[]")})
	}
	if m.Pattern != "" {
		rule := "must match the pattern " + translate(m)["pattern"].(string)
		if example, ok := shown[m.Pattern]; ok {
			rule = "must look like " + example
		}
		list = append(list, probe{text(m) + "§", rule})
	}
	if lowest := m.Min; lowest > 0 {
		list = append(list, probe{"", "must not be empty"})
		if lowest > 1 {
			list = append(list, probe{strings.Repeat("a", lowest-1), fmt.Sprintf("must have at least %d characters", lowest)})
		}
	}
	if highest := m.Max; highest > 0 {
		rule := fmt.Sprintf("must have at most %s characters", thousands(highest))
		list = append(list, probe{strings.Repeat("s3cret", highest), rule})
		if m.Pattern == "" {
			list = append(list, probe{strings.Repeat("ü", highest), ""}, probe{strings.Repeat("ü", highest+1), rule})
		}
	}
	return list
}

func listProbes(path string, m *member) []probe {
	list := []probe{{sample(m), ""}, {7, "must be a list"}, {true, "must be a list"}}
	full := func(n int) []any { return slices.Repeat([]any{sample(m.Member)}, n) }
	if m.Min > 0 {
		list = append(list, probe{full(0), "must not be empty"})
	}
	if highest := m.Max; path == "body.SecretIdList" {
		list = append(list, probe{full(100 * highest), ""}) // in as many calls as it takes
	} else if highest > 0 {
		list = append(list, probe{full(highest), ""}, probe{full(highest + 1), fmt.Sprintf("must have at most %d entries", highest)})
	}
	return list
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
