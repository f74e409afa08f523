package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Violation is one broken rule. All of it is safe to show.
type Violation struct {
	Path  string // such as body.Tags[0].Key
	Rule  string // in words, such as "must have at most 512 characters"
	Given string // the value as JSON, or what it is when secret or long; may be empty
}

// String returns path, rule and what was given.
func (v Violation) String() string {
	if v.Given == "" {
		return v.Path + ": " + v.Rule
	}
	return v.Path + ": " + v.Rule + " (given: " + v.Given + ")"
}

// Violations is the error of a document that breaks its schema.
type Violations struct {
	List []Violation // by path, then rule; never empty
}

// maxTold bounds the texts, not the list: whoever sent ten thousand wrong
// entries learns nothing from the last ones.
const maxTold = 100

func newViolations(list []Violation) *Violations {
	slices.SortFunc(list, func(a, b Violation) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Given, b.Given))
	})
	return &Violations{List: slices.Compact(list)}
}

// Error lists the violations by path, rule and what was given.
func (v *Violations) Error() string {
	return v.text(Violation.String)
}

// ErrorPaths lists the violations by path and rule alone, for the log.
func (v *Violations) ErrorPaths() string {
	return v.text(func(one Violation) string { return one.Path + ": " + one.Rule })
}

func (v *Violations) text(say func(Violation) string) string {
	var parts []string
	for _, one := range v.List[:min(len(v.List), maxTold)] {
		parts = append(parts, say(one))
	}
	if more := len(v.List) - maxTold; more > 0 {
		parts = append(parts, fmt.Sprintf("and %s more", count(more)))
	}
	return strings.Join(parts, "; ")
}
