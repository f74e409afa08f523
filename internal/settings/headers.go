package settings

import (
	"strings"
)

// additionalHeaders returns the variables in the comma-separated list that are
// set, by header name: prefix dropped, camelCased. Of two variables with one
// header name the later decides, even when it is unset.
func additionalHeaders(list string, lookup func(string) (string, bool)) map[string]string {
	headers := map[string]string{}
	for variable := range strings.SplitSeq(list, ",") {
		variable = strings.TrimFunc(variable, isSpace)
		name := camelCase(strings.TrimPrefix(variable, prefix))
		if value, set := lookup(variable); set && name != "" {
			headers[name] = value
		} else {
			delete(headers, name)
		}
	}
	return headers
}

// camelCase joins the words of s as the platform's runtime does:
// "FOO_BAR2" is "fooBar2". It knows ASCII only; all else parts words.
func camelCase(s string) string {
	s = strings.ReplaceAll(s, "'", "")
	var b strings.Builder
	for s != "" {
		n := wordLength(s)
		if n == 0 {
			s = s[1:]
			continue
		}
		word := strings.ToLower(s[:n])
		if b.Len() > 0 {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		b.WriteString(word)
		s = s[n:]
	}
	return b.String()
}

// wordLength returns the length of the word that s starts with, 0 for none: a
// number with its ordinal ending, a number, or letters up to the next capital.
// Capitals in a row are one word, less the last if it starts the next word.
func wordLength(s string) int {
	if digits := run(s, isDigit); digits > 0 {
		return digits + ordinalEnding(s, digits)
	}
	capitals := run(s, isUpper)
	small := run(s[capitals:], isLower)
	switch {
	case capitals <= 1:
		return capitals + small
	case small > 0:
		return capitals - 1
	default:
		return capitals
	}
}

// ordinalEnding returns 2 when s, which starts with so many digits, goes on as
// in 1st, 2ND or 4th and a new word may start behind that; otherwise 0.
func ordinalEnding(s string, digits int) int {
	if len(s) < digits+2 {
		return 0
	}
	want := "th"
	switch s[digits-1] {
	case '1':
		want = "st"
	case '2':
		want = "nd"
	case '3':
		want = "rd"
	}
	sameCase := isLower
	if isUpper(s[digits]) {
		sameCase = isUpper
	}
	ending, rest := s[digits:digits+2], s[digits+2:]
	if strings.ToLower(ending) != want || run(ending, sameCase) != 2 ||
		rest != "" && (isDigit(rest[0]) || sameCase(rest[0])) {
		return 0
	}
	return 2
}

// run returns how many bytes s starts with that are of the class.
func run(s string, class func(byte) bool) int {
	n := 0
	for n < len(s) && class(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
