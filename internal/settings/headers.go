package settings

import (
	"regexp"
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

// word finds the word that a text starts with; the one group that is not empty
// is that word.
var word = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`(\d*(?:1st|2nd|3rd|[04-9]th))(?:[^a-z\d]|$)`,
	`(\d*(?:1ST|2ND|3RD|[04-9]TH))(?:[^A-Z\d]|$)`,
	`(\d+)`,
	`([A-Z]+)[A-Z][a-z]`, // less the capital that the next word starts with
	`([A-Z]?[a-z]+)`,
	`([A-Z]+)`,
}, "|") + `)`)

// camelCase joins the words of s as the platform's runtime does:
// "FOO_BAR2" is "fooBar2". It knows ASCII only; all else parts words.
func camelCase(s string) string {
	s = strings.ReplaceAll(s, "'", "")
	var b strings.Builder
	for s != "" {
		match := word.FindStringSubmatch(s)
		if match == nil {
			s = s[1:]
			continue
		}
		found := strings.Join(match[1:], "")
		s = s[len(found):]
		found = strings.ToLower(found)
		if b.Len() > 0 {
			found = strings.ToUpper(found[:1]) + found[1:]
		}
		b.WriteString(found)
	}
	return b.String()
}
