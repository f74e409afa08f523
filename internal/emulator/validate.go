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

	"aws-secrets-manager-connector/internal/apimodel"
)

// validator compares a decoded request with the API's model. A wrong JSON type
// ends it at once, as the service's parser does; broken limits are collected.
type validator struct{ violations []string }

// check returns v without the members that the model does not know.
func (c *validator) check(s *apimodel.Shape, v any, path string) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if s.Type == "structure" {
			return c.structure(s, v, path)
		}
	case []any:
		if s.Type == "list" {
			return c.list(s, v, path)
		}
	case string:
		if s.Type == "string" {
			return c.text(s, v, path), nil
		}
		if b, err := base64.StdEncoding.DecodeString(v); err == nil && s.Type == "blob" {
			c.limits(s, len(b), "length", "Value", path)
			return b, nil
		}
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil && (s.Type == "integer" || s.Type == "long") {
			c.limits(s, int(n), "value", fmt.Sprintf("Value '%d'", n), path)
			return n, nil
		}
	case bool:
		if s.Type == "boolean" {
			return v, nil
		}
	}
	return nil, wrongType(s, path)
}

func (c *validator) structure(s *apimodel.Shape, in map[string]any, path string) (any, error) {
	out := make(map[string]any, len(in))
	for _, name := range sortedKeys(s.Members) {
		member, at := s.Members[name], join(path, lowerFirst(name))
		if in[name] == nil {
			if member.Required {
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

func (c *validator) list(s *apimodel.Shape, in []any, path string) (any, error) {
	c.limits(s, len(in), "length", "Value", path)
	out := make([]any, 0, len(in))
	for i, e := range in {
		checked, err := c.check(s.Member, e, fmt.Sprintf("%s.%d.member", path, i+1))
		if err != nil {
			return nil, err
		}
		out = append(out, checked)
	}
	return out, nil
}

func (c *validator) text(s *apimodel.Shape, t, path string) string {
	quoted := quote(s, t)
	c.limits(s, utf8.RuneCountInString(t), "length", quoted, path)
	if s.Pattern != "" {
		if matched, err := regexp.MatchString(`^(?:`+s.Pattern+`)$`, t); !matched || err != nil {
			c.violate(quoted, path, "Member must satisfy regular expression pattern: "+s.Pattern)
		}
	}
	if s.Enum != nil && !slices.Contains(s.Enum, t) {
		c.violate(quoted, path, "Member must satisfy enum value set: ["+strings.Join(s.Enum, ", ")+"]")
	}
	return t
}

// limits checks a length or a value.
func (c *validator) limits(s *apimodel.Shape, n int, what, quoted, path string) {
	if s.Min > 0 && n < s.Min {
		c.violate(quoted, path, fmt.Sprintf("Member must have %s greater than or equal to %d", what, s.Min))
	}
	if s.Max > 0 && n > s.Max {
		c.violate(quoted, path, fmt.Sprintf("Member must have %s less than or equal to %d", what, s.Max))
	}
}

func (c *validator) violate(quoted, path, rule string) {
	c.violations = append(c.violations, fmt.Sprintf("%s at '%s' failed to satisfy constraint: %s", quoted, path, rule))
}

// quote shows a value in a message unless it is sensitive or long.
func quote(s *apimodel.Shape, t string) string {
	if s.Sensitive || len(t) > 128 {
		return "Value"
	}
	return "Value '" + t + "'"
}

func wrongType(s *apimodel.Shape, path string) *apiError {
	if path == "" {
		path = "request"
	}
	names := map[string]string{
		"structure": "an object", "list": "a list", "string": "a string", "blob": "a base64 string",
		"integer": "an integer", "long": "an integer", "boolean": "a boolean",
	}
	return fail("SerializationException", "%s must be %s.", path, names[s.Type])
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
