package settings

import (
	"cmp"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// reader reads single variables and remembers what was wrong with them.
type reader struct {
	lookup  func(string) (string, bool)
	words   string // what is said of missing ones
	missing []string
	invalid []error
}

func (r *reader) err() error {
	errs := r.invalid
	if len(r.missing) > 0 {
		errs = append([]error{&MissingError{Names: r.missing, words: r.words}}, errs...)
	}
	return errors.Join(errs...)
}

// required returns the value, which may not be empty.
func (r *reader) required(name string) string {
	value := r.text(name, "")
	if value == "" {
		r.missing = append(r.missing, prefix+name)
	}
	return value
}

func (r *reader) text(name, fallback string) string { return r.plain(prefix+name, fallback) }

// plain reads a variable that has no prefix.
func (r *reader) plain(name, fallback string) string {
	value, _ := r.lookup(name)
	return cmp.Or(value, fallback)
}

func (r *reader) number(name string, fallback int) int {
	return cmp.Or(parseInt(r.text(name, "")), fallback)
}

func (r *reader) millis(name string, fallback int) time.Duration {
	const limit = int(math.MaxInt64 / time.Millisecond)
	n := r.number(name, fallback)
	return time.Duration(max(-limit, min(n, limit))) * time.Millisecond
}

// boolean follows the platform: all but an empty value and "false" is true.
func (r *reader) boolean(name string) bool {
	value := r.text(name, "")
	return value != "" && value != "false"
}

// flag reads a switch of our own. It loosens security, so a value that is not
// clearly a boolean is an error.
func (r *reader) flag(name string) bool {
	value := r.plain(name, "false")
	on, err := strconv.ParseBool(value)
	if err != nil {
		r.refuse(name, "must be true or false", value)
	}
	return on
}

// is reads a setting of our own that is unset or has the value.
func (r *reader) is(name, value string) bool {
	given := r.plain(name, "")
	if given != "" && given != value {
		r.refuse(name, "must be unset or "+value, given)
	}
	return given == value
}

func (r *reader) refuse(name, rule, value string) {
	r.invalid = append(r.invalid, &InvalidError{Name: name, Rule: rule, Length: utf8.RuneCountInString(value)})
}

// parseInt reads a number as JavaScript's parseInt does: white space and a sign
// before, garbage behind, 0x for hexadecimal. It returns 0 when there is no
// number, and the nearest int when it is too large for one.
func parseInt(s string) int {
	s = strings.TrimLeftFunc(s, isSpace)
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	base, isDigit := 10, func(c rune) bool { return '0' <= c && c <= '9' }
	if len(s) > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		base, s = 16, s[2:]
		isDigit = func(c rune) bool { return unicode.Is(unicode.ASCII_Hex_Digit, c) }
	}
	if end := strings.IndexFunc(s, func(c rune) bool { return !isDigit(c) }); end >= 0 {
		s = s[:end]
	}
	n, _ := strconv.ParseInt(sign+s, base, strconv.IntSize) // out of range: n is the nearest
	return int(n)
}

// isSpace tells what JavaScript counts as white space.
func isSpace(c rune) bool {
	const nextLine, byteOrderMark = '\u0085', '\ufeff'
	return c == byteOrderMark || c != nextLine && unicode.IsSpace(c)
}
