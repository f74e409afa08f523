// Package terminal shows messages to a person: in colour where that is wanted,
// with secrets masked, and in lines that fit where they can be broken.
package terminal

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// Colour is an ANSI colour or emphasis.
type Colour string

// The colours that are used here.
const (
	Bold  Colour = "1"
	Red   Colour = "31"
	Green Colour = "32"
	Cyan  Colour = "36"
	Grey  Colour = "90"
)

const (
	defaultWidth = 110
	minimalRoom  = 40 // of a line behind its indentation, however narrow the terminal
)

// Style says how to show things. The zero value is plain text of 110 columns
// without secrets.
type Style struct {
	Colour      bool
	ShowSecrets bool
	Width       int // columns that a line should keep to; 0 means 110
}

// StyleOf returns the style for what w is. A terminal has a width, and colours
// unless the environment sets NO_COLOR.
func StyleOf(w io.Writer, env func(name string) (string, bool)) Style {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return Style{}
	}
	noColour, _ := env("NO_COLOR")
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0
	}
	return Style{Colour: noColour == "", Width: width}
}

// Paint colours text where colours are wanted.
func (s Style) Paint(colour Colour, text string) string {
	if !s.Colour {
		return text
	}
	return "\x1b[" + string(colour) + "m" + text + "\x1b[0m"
}

// Masker hides the secret values of a document.
type Masker interface {
	Mask(document json.RawMessage) json.RawMessage
}

// Mask returns document as it may be shown.
func (s Style) Mask(m Masker, document json.RawMessage) json.RawMessage {
	if s.ShowSecrets {
		return document
	}
	return m.Mask(document)
}

// Document lays out a document as it may be shown, in lines that are indented
// by so many columns.
func (s Style) Document(m Masker, document json.RawMessage, indent int) string {
	return s.JSON(s.Mask(m, document), indent)
}

// JSON lays out a document, secrets included, with one member or entry per line.
func (s Style) JSON(document json.RawMessage, indent int) string {
	pad := strings.Repeat(" ", indent)
	var b bytes.Buffer
	if json.Indent(&b, document, pad, "  ") != nil {
		b.Reset()
		b.Write(document)
	}
	return pad + printable(strings.TrimSpace(b.String()))
}

// Failure lays out an error: its name, and below it the message with each
// clause on lines of its own.
func (s Style) Failure(name, message string, indent int) string {
	lines := []string{s.Paint(Red, printable(name))}
	// The text of an AWS error has the name in it as well.
	message = strings.Replace(message, name+": ", "", 1)
	for clause := range strings.SplitAfterSeq(message, "; ") {
		lines = append(lines, wrap(clause, s.room(indent))...)
	}
	return indented(lines, indent)
}

// Text lays out one line of text on as many as it needs.
func (s Style) Text(text string, indent int) string {
	return indented(wrap(text, s.room(indent)), indent)
}

func (s Style) room(indent int) int {
	width := s.Width
	if width <= 0 {
		width = defaultWidth
	}
	return max(width-indent, minimalRoom)
}

// wrap breaks text at spaces into lines of at most room columns, where its
// words allow it. All but the first are indented a little.
func wrap(text string, room int) []string {
	const hanging = "  "
	var lines []string
	line, used := "", 0
	for word := range strings.SplitAfterSeq(strings.ReplaceAll(text, "\n", " "), " ") {
		word = printable(word)
		length := utf8.RuneCountInString(word)
		if strings.TrimSpace(line) != "" && used+utf8.RuneCountInString(strings.TrimSuffix(word, " ")) > room {
			lines = append(lines, strings.TrimRight(line, " "))
			line, used = hanging, len(hanging)
		}
		line, used = line+word, used+length
	}
	return append(lines, strings.TrimRight(line, " "))
}

func indented(lines []string, columns int) string {
	pad := strings.Repeat(" ", columns)
	return pad + strings.Join(lines, "\n"+pad)
}

// printable takes the control characters but line breaks out of text that came
// from elsewhere, for a terminal would obey them.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
