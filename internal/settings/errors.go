package settings

import (
	"fmt"
	"strings"
)

// MissingError names the required variables that are unset or empty.
type MissingError struct {
	Names []string // with prefix, in the documented order; never empty
	words string   // what is said of them
}

// Error starts with the words of the platform's own runtime, which people
// search their logs for.
func (e *MissingError) Error() string {
	text := e.Names[0] + " is " + e.words
	if others := e.Names[1:]; len(others) > 0 {
		text += "; " + e.words + " as well: " + strings.Join(others, ", ")
	}
	return text
}

// InvalidError tells that a variable breaks its rule. It does not repeat the
// value, for what was meant for another variable may have got into this one.
type InvalidError struct {
	Name   string
	Rule   string
	Length int // of the value, characters
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("%s %s; what was given has %d characters", e.Name, e.Rule, e.Length)
}
