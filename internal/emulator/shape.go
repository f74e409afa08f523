package emulator

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

type kind int

const (
	object kind = iota
	list
	text
	blob
	number
	flag
)

func (k kind) String() string {
	return [...]string{"an object", "a list", "a string", "a base64 string", "an integer", "a boolean"}[k]
}

// shape is what the API's model says of one member of a request.
type shape struct {
	kind     kind
	required bool
	secret   bool // its value is never quoted
	min, max int  // characters, bytes or elements, or the number itself; max 0: no limit
	pattern  *regexp.Regexp
	source   string // of the pattern, in the model's words
	enum     []string
	element  *shape
	members  members
}

type members map[string]shape

func structure(m members) shape        { return shape{kind: object, members: m} }
func listOf(lo, hi int, e shape) shape { return shape{kind: list, min: lo, max: hi, element: &e} }
func textOf(lo, hi int) shape          { return shape{kind: text, min: lo, max: hi} }
func blobOf(lo, hi int) shape          { return shape{kind: blob, min: lo, max: hi} }
func numberOf(lo, hi int) shape        { return shape{kind: number, min: lo, max: hi} }
func oneOf(values ...string) shape     { return shape{kind: text, enum: values} }
func boolean() shape                   { return shape{kind: flag} }
func (s shape) must() shape            { s.required = true; return s }
func (s shape) sensitive() shape       { s.secret = true; return s }
func (s shape) matching(p string) shape {
	s.source, s.pattern = p, regexp.MustCompile(`^(?:`+p+`)$`)
	return s
}

// checker compares a decoded request with a shape. A wrong JSON type ends it
// at once, as the service's parser does; broken limits are collected.
type checker struct{ violations []string }

// check returns v without the members that shape does not know.
func (c *checker) check(s shape, v any, path string) (any, error) {
	switch s.kind {
	case object:
		return c.object(s, v, path)
	case list:
		return c.list(s, v, path)
	case text:
		return c.text(s, v, path)
	case blob:
		return c.blob(s, v, path)
	case number:
		return c.number(s, v, path)
	default:
		if _, ok := v.(bool); !ok {
			return nil, wrongType(s, path)
		}
		return v, nil
	}
}

func (c *checker) object(s shape, v any, path string) (any, error) {
	in, ok := v.(map[string]any)
	if !ok {
		return nil, wrongType(s, path)
	}
	out := make(map[string]any, len(in))
	for _, name := range sortedKeys(s.members) {
		member, at := s.members[name], join(path, lowerFirst(name))
		if in[name] == nil {
			if member.required {
				c.violate("Value null", at, "Member must not be null")
			}
			continue
		}
		checked, err := c.check(member, in[name], at)
		if err != nil {
			return nil, err
		}
		out[name] = checked
	}
	return out, nil
}

func (c *checker) list(s shape, v any, path string) (any, error) {
	in, ok := v.([]any)
	if !ok {
		return nil, wrongType(s, path)
	}
	c.length(s, len(in), "Value", path)
	out := make([]any, 0, len(in))
	for i, e := range in {
		checked, err := c.check(*s.element, e, fmt.Sprintf("%s.%d.member", path, i+1))
		if err != nil {
			return nil, err
		}
		out = append(out, checked)
	}
	return out, nil
}

func (c *checker) text(s shape, v any, path string) (any, error) {
	t, ok := v.(string)
	if !ok {
		return nil, wrongType(s, path)
	}
	quoted := quote(s, t)
	c.length(s, utf8.RuneCountInString(t), quoted, path)
	if s.pattern != nil && !s.pattern.MatchString(t) {
		c.violate(quoted, path, "Member must satisfy regular expression pattern: "+s.source)
	}
	if s.enum != nil && !slices.Contains(s.enum, t) {
		c.violate(quoted, path, "Member must satisfy enum value set: ["+strings.Join(s.enum, ", ")+"]")
	}
	return t, nil
}

func (c *checker) blob(s shape, v any, path string) (any, error) {
	t, ok := v.(string)
	if !ok {
		return nil, wrongType(s, path)
	}
	b, err := base64.StdEncoding.DecodeString(t)
	if err != nil {
		return nil, wrongType(s, path)
	}
	c.length(s, len(b), "Value", path)
	return b, nil
}

func (c *checker) number(s shape, v any, path string) (any, error) {
	j, ok := v.(json.Number)
	if !ok {
		return nil, wrongType(s, path)
	}
	n, err := strconv.ParseInt(j.String(), 10, 64)
	if err != nil {
		return nil, wrongType(s, path)
	}
	if s.max > 0 {
		quoted := fmt.Sprintf("Value '%d'", n)
		if n < int64(s.min) {
			c.violate(quoted, path, fmt.Sprintf("Member must have value greater than or equal to %d", s.min))
		}
		if n > int64(s.max) {
			c.violate(quoted, path, fmt.Sprintf("Member must have value less than or equal to %d", s.max))
		}
	}
	return n, nil
}

func (c *checker) length(s shape, n int, quoted, path string) {
	if n < s.min {
		c.violate(quoted, path, fmt.Sprintf("Member must have length greater than or equal to %d", s.min))
	}
	if s.max > 0 && n > s.max {
		c.violate(quoted, path, fmt.Sprintf("Member must have length less than or equal to %d", s.max))
	}
}

func (c *checker) violate(quoted, path, rule string) {
	c.violations = append(c.violations, fmt.Sprintf("%s at '%s' failed to satisfy constraint: %s", quoted, path, rule))
}

// quote shows a value in a message unless it is sensitive or long.
func quote(s shape, t string) string {
	if s.secret || len(t) > 128 {
		return "Value"
	}
	return "Value '" + t + "'"
}

func wrongType(s shape, path string) *apiError {
	if path == "" {
		path = "request"
	}
	return fail("SerializationException", "%s must be %s.", path, s.kind)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
