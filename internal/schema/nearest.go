package schema

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

const (
	maxName        = 64 // bytes of a name that is compared with known ones
	nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
)

// nearest returns the known name that name was most likely meant to be, or ""
// when none comes near. Case, dashes and underscores do not count.
func nearest(name string, known []string) string {
	if len(name) > maxName || strings.Trim(name, nameCharacters) != "" {
		return ""
	}
	wanted := letters(name)
	best, bestDistance := "", max(1, (len(wanted)+1)/3)+1
	for _, k := range known {
		if d := levenshtein.ComputeDistance(wanted, letters(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

// letters returns the letters and digits of a name in lower case.
func letters(name string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name))
}
