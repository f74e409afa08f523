package schema

import (
	"bytes"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A glance tells at once of most documents that are right that they are, and
// that nothing in them has to be converted: in one pass over their bytes. What
// it cannot tell, because the document or the schema holds something unusual,
// the validator decides. A glance never decides that something is wrong.
type glance struct {
	kind byte // what the value begins with: one of { [ " 0 t

	members  map[string]property // of an object; it has no others
	required uint64            // the bits of those that must be there

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
	mostDigits  = 18 // of a number that an int64 surely holds
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
	s := scan{doc: doc}
	if !s.value(g) {
		return false
	}
	s.peek()
	return s.at == len(doc)
}

// scan goes over a document. Each of its methods moves on, or returns false
// for good.
type scan struct {
	doc []byte
	at  int
}

// peek skips white space and returns the next byte, 0 at the end.
func (s *scan) peek() byte {
	for ; s.at < len(s.doc); s.at++ {
		switch c := s.doc[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// skip skips white space and one byte, which must be c.
func (s *scan) skip(c byte) bool {
	if s.peek() != c || c == 0 {
		return false
	}
	s.at++
	return true
}

func (s *scan) value(g *glance) bool {
	switch {
	case g == nil:
		return false
	case g.kind == '{':
		return s.object(g)
	case g.kind == '[':
		return s.list(g)
	case g.kind == '"':
		return s.text(g)
	case g.kind == '0':
		return s.number(g)
	}
	return s.boolean()
}

func (s *scan) object(g *glance) bool {
	if !s.skip('{') {
		return false
	}
	seen := uint64(0)
	for first := true; !s.skip('}'); first = false {
		if !first && !s.skip(',') {
			return false
		}
		name, _, escaped, ok := s.quoted()
		m, known := g.members[string(name)]
		if !ok || escaped || !known || seen&m.bit != 0 || !s.skip(':') || !s.value(m.glance) {
			return false
		}
		seen |= m.bit
	}
	return seen&g.required == g.required
}

func (s *scan) list(g *glance) bool {
	if !s.skip('[') {
		return false
	}
	entries := 0
	for ; !s.skip(']'); entries++ {
		if entries > 0 && !s.skip(',') || !s.value(g.entries) {
			return false
		}
	}
	return g.minItems <= entries && entries <= g.maxItems
}

// quoted reads a text. With escapes, all but the simple ones, raw is not what
// the text says.
func (s *scan) quoted() (raw []byte, length int, escaped, ok bool) {
	if !s.skip('"') {
		return nil, 0, false, false
	}
	begin, escapes := s.at, 0
	for ; s.at < len(s.doc); s.at++ {
		switch c := s.doc[s.at]; {
		case c == '"':
			raw = s.doc[begin:s.at]
			s.at++
			return raw, utf8.RuneCount(raw) - escapes, escapes > 0, true
		case c == '\\':
			s.at++
			if s.at == len(s.doc) || bytes.IndexByte([]byte(`"\/bfnrt`), s.doc[s.at]) < 0 {
				return nil, 0, false, false
			}
			escapes++
		case c < ' ':
			return nil, 0, false, false
		}
	}
	return nil, 0, false, false
}

func (s *scan) text(g *glance) bool {
	raw, length, escaped, ok := s.quoted()
	if !ok || length < g.minLength || length > g.maxLength {
		return false
	}
	switch {
	case g.pattern == nil && g.enum == nil && !g.dateTime:
		return true
	case escaped:
		return false
	}
	text := string(raw)
	return (g.pattern == nil || g.pattern.MatchString(text)) && (g.enum == nil || g.enum[text]) && (!g.dateTime || isUsualTime(text))
}

// isUsualTime knows the times that AWS and this connector write.
func isUsualTime(text string) bool {
	_, err := time.Parse("2006-01-02T15:04:05Z", text) // takes fractions, too
	return err == nil && bytes.IndexByte([]byte(text), ',') < 0
}

func (s *scan) number(g *glance) bool {
	s.peek()
	begin := s.at
	if begin < len(s.doc) && s.doc[begin] == '-' {
		s.at++
	}
	first := s.at
	for s.at < len(s.doc) && '0' <= s.doc[s.at] && s.doc[s.at] <= '9' {
		s.at++
	}
	digits := s.at - first
	if digits == 0 || digits > mostDigits || digits > 1 && s.doc[first] == '0' {
		return false
	}
	if next := s.peek(); next == '.' || next == 'e' || next == 'E' {
		return false
	}
	n, err := strconv.ParseInt(string(s.doc[begin:first+digits]), 10, 64)
	return err == nil && g.minimum <= n && n <= g.maximum
}

func (s *scan) boolean() bool {
	s.peek()
	for _, word := range []string{"true", "false"} {
		if bytes.HasPrefix(s.doc[s.at:], []byte(word)) {
			s.at += len(word)
			return true
		}
	}
	return false
}
