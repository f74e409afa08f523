package emulator

import (
	"slices"
	"strings"
	"unicode"
)

type filter struct {
	Key    string
	Values []string
}

func checkFilters(filters []filter) error {
	for _, f := range filters {
		if f.Key == "" {
			return invalidParameter("Invalid filter key")
		}
		if len(f.Values) == 0 {
			return invalidParameter("Invalid filter values for key: %s", f.Key)
		}
	}
	return nil
}

// matchesAll: every filter must match, by any of its values.
func matchesAll(s *secret, filters []filter) bool {
	for _, f := range filters {
		if !slices.ContainsFunc(f.Values, func(v string) bool { return f.match(s, v) }) {
			return false
		}
	}
	return true
}

// match holds one value against the secret; a leading "!" negates it.
func (f filter) match(s *secret, want string) bool {
	if negated, ok := strings.CutPrefix(want, "!"); ok {
		return !f.matchPlain(s, negated)
	}
	return f.matchPlain(s, want)
}

// matchPlain knows which keys regard case, after the API's type Filter.
func (f filter) matchPlain(s *secret, want string) bool {
	switch f.Key {
	case "name":
		return strings.HasPrefix(s.name, want)
	case "description":
		return beginWords(s.description, want)
	case "tag-key":
		return slices.ContainsFunc(s.tags, func(t tag) bool { return strings.HasPrefix(t.Key, want) })
	case "tag-value":
		return slices.ContainsFunc(s.tags, func(t tag) bool { return strings.HasPrefix(t.Value, want) })
	case "primary-region":
		return s.primaryRegion() != "" && strings.HasPrefix(s.primaryRegion(), want)
	case "owning-service":
		return false // no secret here is managed by another service
	}
	return beginWords(s.name, want) || beginWords(s.description, want) ||
		slices.ContainsFunc(s.tags, func(t tag) bool { return beginWords(t.Key, want) || beginWords(t.Value, want) })
}

// beginWords reports whether each word of want, and there is one, begins a
// word of text, whatever its case.
func beginWords(text, want string) bool {
	all, wanted := words(text), words(want)
	for _, w := range wanted {
		if !slices.ContainsFunc(all, func(a string) bool { return strings.HasPrefix(a, w) }) {
			return false
		}
	}
	return len(wanted) > 0
}

// words splits at punctuation, between letters and digits, and before a capital
// that follows or precedes a small letter: shopDb2 is shop, db and 2, and
// COMPANYthings are compan and ythings.
func words(s string) []string {
	var all []string
	var word []rune
	last := other
	end := func() {
		if len(word) > 0 {
			all, word = append(all, string(word)), word[:0]
		}
	}
	for _, r := range s {
		is := charOf(r)
		switch {
		case last == upper && is == lower:
			capital := word[len(word)-1]
			word = word[:len(word)-1]
			end()
			word = append(word[:0], capital)
		case is != last:
			end()
		}
		if is != other {
			word = append(word, unicode.ToLower(r))
		}
		last = is
	}
	end()
	return all
}

// char is a kind of character.
type char int

const (
	other char = iota // punctuation
	lower             // letters without case, too
	upper
	digit
)

func charOf(r rune) char {
	switch {
	case unicode.IsUpper(r):
		return upper
	case unicode.IsLetter(r):
		return lower
	case unicode.IsDigit(r):
		return digit
	}
	return other
}
