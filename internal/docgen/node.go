package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"aws-secrets-manager-connector/internal/secretjson"
)

// node is a schema, as far as it shows in the reference.
type node struct {
	Description       string
	Order             int
	Example           json.RawMessage
	Type              string
	Required          bool
	Format            string
	ContentEncoding   string
	Enum, Examples    []any
	Default           any
	Pattern           string
	MinLength         int
	MaxLength         int
	MinBytes          int `json:"x-minBytes"`
	MaxBytes          int `json:"x-maxBytes"`
	Minimum           *int
	Maximum           *int
	MinItems          int
	MaxItems          int
	Items             *node
	Properties        ordered[node]
	PatternProperties ordered[node]
	Not               *condition
	OneOf, AnyOf      []condition
	Dependencies      ordered[[]string]
}

// condition is a schema that other keywords compare with.
type condition struct {
	Required   []string
	Properties map[string]struct{ Enum []any }
	Pattern    string
}

// Sample is the example, indented.
func (n node) Sample() (string, error) { return indented(n.Example) }

// SampleAsJSON is the example with values as objects, nothing where it has none.
func (n node) SampleAsJSON() (string, error) {
	unfolded := secretjson.Unfold(n.Example)
	if !bytes.Contains(unfolded, []byte(`"Secret":`)) {
		return "", nil
	}
	return indented(unfolded)
}

func indented(doc json.RawMessage) (string, error) {
	var b bytes.Buffer
	err := json.Indent(&b, doc, "", "  ")
	return b.String(), err
}

// Members are the described schemas below n by their paths, in the designer's order.
func (n node) Members() ordered[node] { return n.below("") }

func (n node) below(path string) (list ordered[node]) {
	if path != "" {
		path += "."
	}
	highestFirst := func(a, b member[node]) int { return cmp.Compare(b.Value.Order, a.Value.Order) }
	for _, m := range slices.SortedStableFunc(slices.Values(n.Properties), highestFirst) {
		m.Name = path + m.Name
		list = append(list, m)
		if m.Value.Items != nil {
			list = append(list, m.Value.Items.below(m.Name+"[]")...)
		}
		for _, p := range m.Value.PatternProperties {
			list = append(list, p.Value.below(m.Name+"{}")...)
		}
		list = append(list, m.Value.below(m.Name)...)
	}
	return list
}

// isSecret reports whether a value, or one below, is secret.
func (n node) isSecret() bool {
	return n.Format == "password" || n.Items != nil && n.Items.isSecret() ||
		slices.ContainsFunc(n.Properties, func(m member[node]) bool { return m.Value.isSecret() })
}

// Kind tells the type in words.
func (n node) Kind() string {
	switch {
	case n.Format == "date-time":
		return "date"
	case n.ContentEncoding != "":
		return n.ContentEncoding
	case n.Items != nil:
		return "list of " + n.Items.Kind() + "s"
	case len(n.PatternProperties) > 0:
		return "map to " + n.PatternProperties[0].Value.Kind()
	case n.Type == "integer":
		return "number"
	}
	return n.Type
}

// maxOffered is how many examples of a value the reference shows.
const maxOffered = 4

// Offers are examples of a value, and what counts where there is none.
func (n node) Offers() (text string) {
	if n.Examples != nil {
		text = " Such as " + code(n.Examples[:min(len(n.Examples), maxOffered)])
		if len(n.Examples) > maxOffered {
			text += " …"
		}
		text += "."
	}
	if n.Default != nil {
		text += " Default " + strings.Trim(code([]any{n.Default}), "[]") + "."
	}
	return text
}

// Limits tells everything that bounds a value.
func (n node) Limits() string {
	var list []string
	add := func(text string) {
		if text != "" {
			list = append(list, text)
		}
	}
	if n.Format == "password" {
		add("secret")
	}
	if n.Enum != nil {
		add(code(n.Enum))
	}
	add(extent(n.MinItems, n.MaxItems, "entries"))
	add(extent(n.MinLength, n.MaxLength, "characters"))
	add(extent(n.MinBytes, n.MaxBytes, "bytes"))
	if n.Minimum != nil && n.Maximum != nil {
		add(fmt.Sprintf("%s to %s", count(*n.Minimum), count(*n.Maximum)))
	}
	if n.Pattern != "" {
		add("`" + n.Pattern + "`")
	}
	if n.Not != nil && n.Not.Pattern != "" {
		add("not `" + n.Not.Pattern + "`")
	}
	for _, p := range n.PatternProperties {
		add("names `" + p.Name + "`")
	}
	if n.Items != nil && n.Items.Type != "object" {
		if each := n.Items.Limits(); each != "" {
			add("each " + each)
		}
	}
	return strings.Join(list, ", ")
}

func code(values []any) string {
	var list []string
	for _, v := range values {
		list = append(list, fmt.Sprintf("`%v`", v))
	}
	return strings.Join(list, " ")
}

func extent(lowest, highest int, unit string) string {
	switch {
	case lowest == 0 && highest == 0:
		return ""
	case highest == 0:
		return fmt.Sprintf("at least %s %s", count(lowest), strings.TrimSuffix(strings.Replace(unit, "entries", "entry", 1), "s"))
	case lowest == 0:
		return fmt.Sprintf("at most %s %s", count(highest), unit)
	}
	return fmt.Sprintf("%s to %s %s", count(lowest), count(highest), unit)
}

// count writes a number with commas between thousands.
func count(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Rules tell what may be given together with what, at the top and below.
func (n node) Rules() []string {
	list := n.rules("")
	for _, m := range n.Members() {
		list = append(list, m.Value.rules("In `"+m.Name+"`: ")...)
	}
	return list
}

func (n node) rules(prefix string) (list []string) {
	say := func(format string, args ...any) { list = append(list, prefix+fmt.Sprintf(format, args...)) }
	if n.Not != nil && len(n.Not.Required) > 1 {
		say("%s are mutually exclusive.", strings.Join(n.Not.names(), " and "))
	}
	if n.OneOf != nil {
		say("Exactly one of %s is required.", alternatives(n.OneOf))
	}
	if n.AnyOf != nil {
		say("At least one of %s is required.", alternatives(n.AnyOf))
	}
	for _, d := range n.Dependencies {
		say("`%s` needs `%s` as well.", d.Name, strings.Join(d.Value, "` and `"))
	}
	return list
}

func alternatives(list []condition) string {
	var names []string
	for _, c := range list {
		names = append(names, strings.Join(c.names(), " with "))
	}
	return strings.Join(names, ", ")
}

func (c condition) names() []string {
	var list []string
	for _, name := range c.Required {
		text := "`" + name + "`"
		if p, ok := c.Properties[name]; ok {
			text += " (" + code(p.Enum) + ")"
		}
		list = append(list, text)
	}
	return list
}
