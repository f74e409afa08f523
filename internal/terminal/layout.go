package terminal

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// member is a part of an object, or of an array, where it has no name.
type member struct {
	name  string // with quotes and colon
	value json.RawMessage
}

// layout writes a document whose first line begins behind used columns and
// whose other lines are indented by indent.
func layout(document json.RawMessage, indent, used, room int) string {
	line := oneLine(document)
	brackets, members := split(document)
	if len(members) == 0 || used+utf8.RuneCountInString(line) <= room {
		return line
	}
	const step = 2
	pad := "\n" + strings.Repeat(" ", indent+step)
	var b strings.Builder
	b.WriteString(brackets[:1])
	for i, m := range members {
		b.WriteString(pad + m.name)
		comma := ","
		if i == len(members)-1 {
			comma = ""
		}
		used := indent + step + utf8.RuneCountInString(m.name) + len(comma)
		b.WriteString(layout(m.value, indent+step, used, room) + comma)
	}
	b.WriteString("\n" + strings.Repeat(" ", indent) + brackets[1:])
	return b.String()
}

func oneLine(document json.RawMessage) string {
	brackets, members := split(document)
	if brackets == "" {
		return plain(strings.TrimSpace(string(document)))
	}
	parts := make([]string, len(members))
	for i, m := range members {
		parts[i] = m.name + oneLine(m.value)
	}
	return brackets[:1] + strings.Join(parts, ", ") + brackets[1:]
}

// split returns the members of an object or the entries of an array. Anything
// else, broken JSON included, has no brackets.
func split(document json.RawMessage) (brackets string, members []member) {
	if !json.Valid(document) {
		return "", nil
	}
	d := json.NewDecoder(bytes.NewReader(document))
	opening, _ := d.Token() // no errors, for the document is valid
	switch opening {
	case json.Delim('{'):
		brackets = "{}"
	case json.Delim('['):
		brackets = "[]"
	default:
		return "", nil
	}
	for d.More() {
		var m member
		if brackets == "{}" {
			name, _ := d.Token()
			m.name = quoted(name) + ": "
		}
		_ = d.Decode(&m.value)
		members = append(members, m)
	}
	return brackets, members
}

// quoted is JSON without the escapes that only web pages need.
func quoted(name any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(name) // a string always encodes
	return plain(strings.TrimSuffix(b.String(), "\n"))
}

// wrap breaks text at spaces into lines of at most room columns, where its
// words allow it. All but the first are indented a little.
func wrap(text string, room int) []string {
	const hanging = "  "
	var lines []string
	line, used := "", 0
	for word := range strings.SplitAfterSeq(strings.ReplaceAll(text, "\n", " "), " ") {
		word = plain(word)
		length := utf8.RuneCountInString(word)
		if strings.TrimSpace(line) != "" && used+utf8.RuneCountInString(strings.TrimSuffix(word, " ")) > room {
			lines = append(lines, strings.TrimRight(line, " "))
			line, used = hanging, len(hanging)
		}
		line, used = line+word, used+length
	}
	return append(lines, strings.TrimRight(line, " "))
}
