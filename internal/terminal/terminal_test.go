package terminal_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/terminal"
)

func TestJSON(t *testing.T) {
	for _, test := range []struct {
		name, document string
		indent         int
		want           []string
	}{
		{"an object", `{"b":1,"a":["x",{}]}`, 0, []string{`{`, `  "b": 1,`, `  "a": [`, `    "x",`, `    {}`, `  ]`, `}`}},
		{"indented", `{"a":1}`, 3, []string{`   {`, `     "a": 1`, `   }`}},
		{"empty", `{}`, 0, []string{`{}`}},
		{"a value", ` "text" `, 0, []string{`"text"`}},
		{"not valid JSON", `{"a":`, 1, []string{` {"a":`}},
		{"names as they are", `{"<&>\u00e9":"<&>\u00e9"}`, 0, []string{`{`, `  "<&>\u00e9": "<&>\u00e9"`, `}`}},
		{"control characters", "[\"\u009b2J\"]", 0, []string{`[`, `  "�2J"`, `]`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := terminal.Style{}.JSON(json.RawMessage(test.document), test.indent)
			assert.Equal(t, strings.Join(test.want, "\n"), got)
		})
	}
}

type mask struct{}

func (mask) Mask(json.RawMessage) json.RawMessage { return json.RawMessage(`{"masked":true}`) }

func TestDocument(t *testing.T) {
	document := json.RawMessage(`{"secret":"x"}`)
	assert.Equal(t, "  {\n    \"masked\": true\n  }", terminal.Style{}.Document(mask{}, document, 2))
	assert.Equal(t, "  {\n    \"secret\": \"x\"\n  }", terminal.Style{ShowSecrets: true}.Document(mask{}, document, 2))
}

func TestFailure(t *testing.T) {
	for _, test := range []struct {
		name, message string
		want          []string
	}{
		{"short", "it broke", []string{"  Name", "  it broke"}},
		{"the name twice", "Get failed: Name: it broke", []string{"  Name", "  Get failed: it broke"}},
		{"clauses", "it broke; mend it; or not", []string{"  Name", "  it broke;", "  mend it;", "  or not"}},
		{
			"long", "0123456789 0123456789 0123456789 0123456 01234 \"two  spaces\" 0123456789 0123456789 0123456789",
			[]string{"  Name", "  0123456789 0123456789 0123456789 0123456", "    01234 \"two  spaces\" 0123456789", "    0123456789 0123456789"},
		},
		{"a long word", strings.Repeat("x", 50) + " y", []string{"  Name", "  " + strings.Repeat("x", 50), "    y"}},
		{"lines", "one\ntwo", []string{"  Name", "  one two"}},
		{"control characters", "\x1b[2J\u009b", []string{"  Name", "  �[2J�"}},
		{"empty", "", []string{"  Name", "  "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := terminal.Style{Width: 42}.Failure("Name", test.message, 2)
			assert.Equal(t, strings.Join(test.want, "\n"), got)
		})
	}
	assert.Equal(t, "\x1b[31mName\x1b[0m\nit broke", terminal.Style{Colour: true}.Failure("Name", "it broke", 0))
}

func TestText(t *testing.T) {
	text := strings.Repeat("0123456789 ", 5)
	assert.Equal(t, "  0123456789 0123456789 0123456789\n    0123456789 0123456789", terminal.Style{Width: 42}.Text(text, 2))
	assert.Equal(t, "short", terminal.Style{}.Text("short", 0))
	assert.NotContains(t, terminal.Style{}.Text(strings.Repeat("0123456789 ", 10), 0), "\n", "110 columns")
	assert.NotContains(t, terminal.Style{Width: 1}.Text("0123456789 0123456789 01234567", 20), "\n", "no line is shorter than 40")
}

func TestPaint(t *testing.T) {
	assert.Equal(t, "text", terminal.Style{}.Paint(terminal.Green, "text"))
	assert.Equal(t, "\x1b[32mtext\x1b[0m", terminal.Style{Colour: true}.Paint(terminal.Green, "text"))
}

func TestStyleOfNoTerminal(t *testing.T) {
	none := func(string) (string, bool) { return "", false }
	assert.Zero(t, terminal.StyleOf(&bytes.Buffer{}, none))
	file, err := os.Create(t.TempDir() + "/file")
	require.NoError(t, err)
	defer file.Close()
	assert.Zero(t, terminal.StyleOf(file, none))
}

// FuzzJSON: the layout changes white space alone, and nothing that it prints
// can steer a terminal.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,"x",{"b":null}],"a":2.50}`, `[[[]]]`, `"é"`, `{`, "", "\x1b[2J", `{"<":"\u009b"}`} {
		f.Add([]byte(seed), 0)
	}
	f.Fuzz(func(t *testing.T, document []byte, indent int) {
		got := terminal.Style{}.JSON(document, min(max(indent, 0), 100))
		for _, r := range got {
			if r != '\n' && unicode.IsControl(r) {
				t.Fatalf("a control character: %q", got)
			}
		}
		if !json.Valid(document) || bytes.ContainsFunc(document, unicode.IsControl) || !utf8.Valid(document) {
			return
		}
		assert.Equal(t, decode(t, document), decode(t, []byte(got)))
	})
}

// decode keeps numbers as text, for some fit no float.
func decode(t *testing.T, document []byte) (value any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	require.NoError(t, d.Decode(&value))
	return value
}
