package settings

import (
	"fmt"
	"strings"
)

// MissingError names the required variables that are unset or empty.
type MissingError struct {
	Names []string // with prefix, in the documented order; never empty
}

// Error starts with the words of the platform's own runtime, which people
// search their logs for.
func (e *MissingError) Error() string {
	text := e.Names[0] + " is missing"
	if others := e.Names[1:]; len(others) > 0 {
		text += "; missing as well: " + strings.Join(others, ", ")
	}
	return text
}

// InvalidError tells that a variable breaks its rule.
type InvalidError struct {
	Name  string
	Rule  string
	Value string // never that of a secret
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("%s %s, but is %q", e.Name, e.Rule, e.Value)
}
