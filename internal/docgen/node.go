package docgen

import (
	"fmt"
	"strconv"
	"strings"
)

// node is a schema, as far as it shows in the reference.
type node struct {
	Description       string
	Type              string
	Required          bool
	Format            string
	ContentEncoding   string
	Enum              []any
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
	Properties ordered[struct{ Enum []any }]
	Pattern    string
}

// walk calls do for n and every described schema below it, in the file's order.
func (n node) walk(path string, do func(path string, n node)) {
	do(path, n)
	if n.Items != nil && n.Items.Type == "object" {
		n.Items.below(path+"[]", do)
	}
	for _, value := range n.PatternProperties.all() {
		value.below(path+"{}", do)
	}
	n.below(path, do)
}

// below calls do for what is below n alone: entries of lists and values of maps
// have no text of their own.
func (n node) below(path string, do func(path string, n node)) {
	if path != "" {
		path += "."
	}
	for name, sub := range n.Properties.all() {
		sub.walk(path+name, do)
	}
}

// kind tells the type in words.
func (n node) kind() string {
	switch {
	case n.Format == "date-time":
		return "date"
	case n.ContentEncoding != "":
		return n.ContentEncoding
	case n.Items != nil:
		return "list of " + n.Items.kind() + "s"
	case len(n.PatternProperties.names) > 0:
		return "map to " + n.PatternProperties.values[n.PatternProperties.names[0]].kind()
	case n.Type == "integer":
		return "number"
	}
	return n.Type
}

// limits tells everything that bounds a value.
func (n node) limits() string {
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
	for name := range n.PatternProperties.all() {
		add("names `" + name + "`")
	}
	if n.Items != nil && n.Items.Type != "object" {
		if each := n.Items.limits(); each != "" {
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

// rules tells what may be given together with what.
func (n node) rules(path string) []string {
	var list []string
	say := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		if path != "" {
			text = "In `" + path + "`: " + text
		}
		list = append(list, text)
	}
	if n.Not != nil && len(n.Not.Required) > 1 {
		say("%s are mutually exclusive.", strings.Join(n.Not.names(), " and "))
	}
	if n.OneOf != nil {
		say("Exactly one of %s is required.", alternatives(n.OneOf))
	}
	if n.AnyOf != nil {
		say("At least one of %s is required.", alternatives(n.AnyOf))
	}
	for name, needs := range n.Dependencies.all() {
		say("`%s` needs `%s` as well.", name, strings.Join(needs, "` and `"))
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
		if p, ok := c.Properties.values[name]; ok {
			text += " (" + code(p.Enum) + ")"
		}
		list = append(list, text)
	}
	return list
}
