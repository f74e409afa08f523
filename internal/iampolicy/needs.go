// Package iampolicy knows what IAM must allow for each function of the
// component, and no more than that: in words, and as a policy.
package iampolicy

import (
	"maps"
	"slices"
	"strings"
)

// Need is one IAM action that a function needs, always or When something is
// used.
type Need struct {
	Action string // such as "secretsmanager:GetSecretValue"
	When   string // such as "with tags"; "" is always
}

// Needs are those of one function.
type Needs []Need

// Of returns the needs of a function, which may be none. It reports false when
// there is no function of that name.
func Of(function string) (Needs, bool) {
	needs, known := functions()[function]
	return needs, known
}

// Functions are the names of all functions, sorted.
func Functions() []string { return slices.Sorted(maps.Keys(functions())) }

// String tells the needs in words: "a and b; with tags c".
func (n Needs) String() string {
	if len(n) == 0 {
		return "no permission"
	}
	var cases []string
	actions := map[string][]string{}
	for _, need := range n {
		if !slices.Contains(cases, need.When) {
			cases = append(cases, need.When)
		}
		actions[need.When] = append(actions[need.When], need.Action)
	}
	var parts []string
	for _, when := range cases {
		parts = append(parts, strings.TrimSpace(when+" "+enumerate(actions[when])))
	}
	return strings.Join(parts, "; ")
}

func enumerate(list []string) string {
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + " and " + list[last]
}
