package rawjson

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// LoneSurrogate returns the offset of the first \u escape in valid JSON that is
// half of a surrogate pair without the other, or -1. encoding/json would put
// U+FFFD in its place.
func LoneSurrogate(doc []byte) int {
	for i := 0; i < len(doc); i++ {
		if doc[i] != '\\' {
			continue
		}
		r := escape(doc[i:])
		switch {
		case !utf16.IsSurrogate(r):
			i++ // what is escaped may be a backslash
		case utf16.DecodeRune(r, escape(doc[i+6:])) == utf8.RuneError:
			return i
		default:
			i += 11
		}
	}
	return -1
}

// escape returns the UTF-16 unit of the \uXXXX that text begins with, or -1.
func escape(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
