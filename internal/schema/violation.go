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
	Title string // of the property that the path ends with, or in; may be empty
	Rule  string // in words, such as "must have at most 512 characters"
	Given string // the value as JSON, or what it is when secret or long; may be empty
	Hint  string // what to do, where the rule does not say so; may be empty

	IsNothing bool // what is there is missing, null or empty
}

// String returns all of it, such as
// body.SecretId ("Secret name or ARN"): is missing – map a value.
func (v Violation) String() string {
	text := titled(v.Path, v.Title) + ": " + v.Rule
	if v.Given != "" {
		text += " (given: " + v.Given + ")"
	}
	if v.Hint != "" {
		text += " – " + v.Hint
	}
	return text
}

// titled adds to a name what the designer calls it.
func titled(name, title string) string {
	if title == "" || strings.EqualFold(title, name[strings.LastIndexByte(name, '.')+1:]) {
		return name
	}
	return name + ` ("` + title + `")`
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

// Error lists the violations with all there is to say of them.
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
