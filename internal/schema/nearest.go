package schema

import (
	"strings"
	"unicode"
)

// nearest returns the known name that name was most likely meant to be, or ""
// when none comes near. Case and punctuation do not count.
func nearest(name string, known []string) string {
	if len(name) > maxShown {
		return ""
	}
	wanted := letters(name)
	best, bestDistance := "", max(1, (len(wanted)+1)/3)+1
	for _, k := range known {
		if d := distance(wanted, letters(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

// letters returns the letters and digits of name in lower case.
func letters(name string) []rune {
	return []rune(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name))
}

// distance counts the letters to insert, delete or replace on the way from a to
// b (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, from := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, to := range b {
			replaced := diagonal
			if from != to {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j]+1, row[j+1]+1, replaced)
		}
	}
	return row[len(b)]
}
