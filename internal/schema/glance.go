package schema

import (
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"aws-secrets-manager-connector/internal/rawjson"
)

// A glance tells at once of most documents that are right that they are, and
// that nothing in them has to be converted: in one pass over their bytes. What
// it cannot tell, because the document or the schema holds something unusual,
// the validator decides. A glance never decides that something is wrong.
type glance struct {
	kind byte // what the value begins with: one of { [ " 0 t

	members  map[string]property // of an object; it has no others
	required uint64              // the bits of those that must be there

	entries            *glance // of a list
	minItems, maxItems int

	minLength, maxLength int // of a text, in characters
	pattern              jsonschema.Regexp
	enum                 map[string]bool
	dateTime             bool

	minimum, maximum int64 // of a whole number
}

type property struct {
	bit    uint64
	glance *glance // nil: only the validator can tell
}

const (
	mostMembers = 64
	unlimited   = int(^uint(0) >> 1)
)

// newGlance returns nil for a schema with anything that a glance does not know.
func newGlance(node *jsonschema.Schema) *glance {
	if node == nil || node.Types == nil || !plain(node) {
		return nil
	}
	types := node.Types.ToStrings()
	if len(types) != 1 {
		return nil
	}
	switch types[0] {
	case "object":
		return glanceObject(node)
	case "array":
		return glanceList(node)
	case "string":
		return glanceText(node)
	case "integer", "number":
		return glanceNumber(node)
	case "boolean":
		if node.Enum == nil {
			return &glance{kind: 't'}
		}
	}
	return nil
}

// plain reports whether node says nothing but what is read here.
func plain(node *jsonschema.Schema) bool {
	rest := *node
	rest.DraftVersion, rest.Location, rest.Title, rest.Description, rest.Default = 0, "", "", "", nil
	rest.Types, rest.Enum, rest.Format, rest.Required, rest.Properties, rest.AdditionalProperties = nil, nil, nil, nil, nil, nil
	rest.MinItems, rest.MaxItems, rest.Items, rest.MinLength, rest.MaxLength, rest.Pattern = nil, nil, nil, nil, nil, nil
	rest.Minimum, rest.Maximum = nil, nil
	value := reflect.ValueOf(rest)
	for i := range value.NumField() {
		if value.Type().Field(i).IsExported() && !value.Field(i).IsZero() {
			return false
		}
	}
	return true
}

func glanceObject(node *jsonschema.Schema) *glance {
	if node.AdditionalProperties != false || len(node.Properties) > mostMembers || node.Enum != nil {
		return nil
	}
	g := &glance{kind: '{', members: map[string]property{}}
	for name, sub := range node.Properties {
		g.members[name] = property{bit: 1 << len(g.members), glance: newGlance(sub)}
	}
	for _, name := range node.Required {
		m, ok := g.members[name]
		if !ok {
			return nil
		}
		g.required |= m.bit
	}
	return g
}

func glanceList(node *jsonschema.Schema) *glance {
	items, ok := node.Items.(*jsonschema.Schema)
	if !ok || node.Enum != nil {
		return nil
	}
	return &glance{kind: '[', entries: newGlance(items), minItems: or(node.MinItems, 0), maxItems: or(node.MaxItems, unlimited)}
}

func glanceText(node *jsonschema.Schema) *glance {
	g := &glance{kind: '"', minLength: or(node.MinLength, 0), maxLength: or(node.MaxLength, unlimited), pattern: node.Pattern}
	if node.Enum != nil {
		g.enum = map[string]bool{}
		for _, value := range node.Enum.Values {
			text, _ := value.(string)
			g.enum[text] = true
		}
	}
	if node.Format != nil {
		g.dateTime = node.Format.Name == formatDateTime
		if !g.dateTime && node.Format.Name != formatSecret {
			return nil
		}
	}
	return g
}

func glanceNumber(node *jsonschema.Schema) *glance {
	g := &glance{kind: '0', minimum: -1 << 63, maximum: 1<<63 - 1}
	if node.Enum != nil {
		return nil
	}
	if node.Minimum != nil {
		if !node.Minimum.IsInt() || !node.Minimum.Num().IsInt64() {
			return nil
		}
		g.minimum = node.Minimum.Num().Int64()
	}
	if node.Maximum != nil {
		if !node.Maximum.IsInt() || !node.Maximum.Num().IsInt64() {
			return nil
		}
		g.maximum = node.Maximum.Num().Int64()
	}
	return g
}

func or(value *int, otherwise int) int {
	if value == nil {
		return otherwise
	}
	return *value
}

// clear reports whether doc is right for sure.
func (g *glance) clear(doc []byte) bool {
	if g == nil || !utf8.Valid(doc) {
		return false
	}
	s := rawjson.NewScanner(doc)
	return g.value(&s) && s.End()
}

func (g *glance) value(s *rawjson.Scanner) bool {
	if g == nil {
		return false
	}
	switch g.kind {
	case '{':
		return g.object(s)
	case '[':
		return g.list(s)
	case '"':
		return g.text(s)
	case '0':
		return g.number(s)
	}
	return s.Peek() == 't' && s.Word("true") || s.Peek() == 'f' && s.Word("false")
}

func (g *glance) object(s *rawjson.Scanner) bool {
	seen := uint64(0)
	return s.Object(func(name []byte) bool {
		p, known := g.members[string(name)]
		twice := seen&p.bit != 0
		seen |= p.bit
		return known && !twice && p.glance.value(s)
	}) && seen&g.required == g.required
}

func (g *glance) list(s *rawjson.Scanner) bool {
	entries := 0
	return s.List(func() bool {
		entries++
		return g.entries.value(s)
	}) && g.minItems <= entries && entries <= g.maxItems
}

func (g *glance) text(s *rawjson.Scanner) bool {
	t, ok := s.Text()
	if !ok || t.Unicode {
		return false
	}
	if !g.rightLength(t) {
		return false
	}
	if g.pattern == nil && g.enum == nil && !g.dateTime {
		return true
	}
	text := string(t.Raw)
	return t.Escapes == 0 && (g.pattern == nil || g.pattern.MatchString(text)) && (g.enum == nil || g.enum[text]) && (!g.dateTime || isUsualTime(text))
}

// rightLength counts the characters only where the bytes leave a doubt.
func (g *glance) rightLength(t rawjson.Text) bool {
	if len(t.Raw)/utf8.UTFMax >= g.minLength && len(t.Raw) <= g.maxLength {
		return true
	}
	length := t.Characters()
	return g.minLength <= length && length <= g.maxLength
}

// isUsualTime knows the times that AWS and this connector write.
func isUsualTime(text string) bool {
	const layout = "2006-01-02T15:04:05Z"
	_, err := time.Parse(layout, text) // takes fractions, too, and an hour of one digit
	return err == nil && len(text) >= len(layout) && text[len("2006-01-02T15")] == ':' && !strings.Contains(text, ",")
}

func (g *glance) number(s *rawjson.Scanner) bool {
	raw, ok := s.Integer()
	if !ok {
		return false
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return err == nil && g.minimum <= n && n <= g.maximum
}
