package emulator

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/apimodel"
)

func TestOperationsAreTheModels(t *testing.T) {
	model, err := apimodel.Operations()
	require.NoError(t, err)
	require.Equal(t, sortedKeys(model), sortedKeys(New(Options{}).operations))
}

// TestEveryLimitOfTheModel breaks each limit of each member by itself.
func TestEveryLimitOfTheModel(t *testing.T) {
	model, err := apimodel.Operations()
	require.NoError(t, err)
	for name, op := range model {
		t.Run(name, func(t *testing.T) {
			probes := 0
			eachMember(op.Input, "", func(v any) any { return v }, func(s *apimodel.Shape, path string, put func(any) any) {
				for _, p := range probesOf(s) {
					body, err := json.Marshal(put(p.value))
					require.NoError(t, err)
					_, err = parse(op.Input, body)
					require.Error(t, err, "%s: %s", path, p.rule)
					if p.rule == "" {
						assert.Equal(t, wrongType(s, path), err)
						continue
					}
					assert.Contains(t, err.Error(), "ValidationException: ")
					assert.Contains(t, err.Error(), fmt.Sprintf(" at '%s' failed to satisfy constraint: Member must %s", path, p.rule))
					if s.Sensitive {
						assert.Contains(t, err.Error(), "Value at '"+path+"'", "it is not quoted")
					}
				}
				probes++
			})
			assert.Positive(t, probes)
		})
	}
}

// eachMember calls do for every member of s, at any depth. put makes a request
// of a member's value.
func eachMember(s *apimodel.Shape, path string, put func(any) any, do func(s *apimodel.Shape, path string, put func(any) any)) {
	if path != "" {
		do(s, path, put)
	}
	for name, member := range s.Members {
		eachMember(member, join(path, lowerFirst(name)), func(v any) any { return put(map[string]any{name: v}) }, do)
	}
	if s.Member != nil {
		eachMember(s.Member, path+".1.member", func(v any) any { return put([]any{v}) }, do)
	}
}

// probe is a value and the rule that it breaks; "" for a wrong type.
type probe struct {
	value any
	rule  string
}

func probesOf(s *apimodel.Shape) []probe {
	sized := map[string]func(n int) any{
		"string":  func(n int) any { return strings.Repeat("ä", n) },
		"blob":    func(n int) any { return base64.StdEncoding.EncodeToString(make([]byte, n)) },
		"list":    func(n int) any { return slices.Repeat([]any{map[string]any{}}, n) },
		"integer": func(n int) any { return n },
		"long":    func(n int) any { return n },
	}[s.Type]
	if s.Type == "list" && s.Member.Type == "string" {
		sized = func(n int) any { return slices.Repeat([]any{"a"}, n) }
	}
	what := "length"
	if s.Type == "integer" || s.Type == "long" {
		what = "value"
	}
	probes := []probe{{12.5, ""}, {map[string]any{}, ""}}
	if s.Type == "structure" {
		probes[1].value = "text"
	}
	if s.Min > 0 {
		probes = append(probes, probe{sized(s.Min - 1), fmt.Sprintf("have %s greater than or equal to %d", what, s.Min)})
	}
	if s.Max > 0 {
		probes = append(probes, probe{sized(s.Max + 1), fmt.Sprintf("have %s less than or equal to %d", what, s.Max)})
	}
	if s.Pattern != "" {
		probes = append(probes, probe{"§", "satisfy regular expression pattern: " + s.Pattern})
	}
	if s.Enum != nil {
		probes = append(probes, probe{"nothing", "satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"})
	}
	if s.Required {
		probes = append(probes, probe{nil, "not be null"})
	}
	return probes
}
