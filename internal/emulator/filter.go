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
		if f.Key == "" || len(f.Values) == 0 {
			return invalidParameter("Each filter must have a Key and Values.")
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
		return hasPrefixFold(s.description, want)
	case "tag-key":
		return slices.ContainsFunc(s.tags, func(t tag) bool { return strings.HasPrefix(t.Key, want) })
	case "tag-value":
		return slices.ContainsFunc(s.tags, func(t tag) bool { return strings.HasPrefix(t.Value, want) })
	case "primary-region":
		return s.primaryRegion() != "" && strings.HasPrefix(s.primaryRegion(), want)
	case "owning-service":
		return false // no secret here is managed by another service
	}
	return matchWords(s, want)
}

// matchWords breaks want into words; each must begin a word of some attribute,
// whatever its case.
func matchWords(s *secret, want string) bool {
	attributes := words(s.name + " " + s.description + " " + s.primaryRegion())
	for _, t := range s.tags {
		attributes = append(attributes, words(t.Key+" "+t.Value)...)
	}
	for _, w := range words(want) {
		if !slices.ContainsFunc(attributes, func(a string) bool { return hasPrefixFold(a, w) }) {
			return false
		}
	}
	return true
}

func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func hasPrefixFold(s, prefix string) bool {
	return strings.HasPrefix(strings.ToLower(s), strings.ToLower(prefix))
}
