package main

import (
	"fmt"
	"strings"
)

// page is docs/emulator.md.
type page string

// snippet is the first block of code below a heading.
func (p page) snippet(heading string) (string, error) {
	_, below, found := strings.Cut(string(p), "\n"+heading+"\n")
	if !found {
		return "", fmt.Errorf("the page has no heading %q", heading)
	}
	below, _, _ = strings.Cut(below, "\n##")
	_, fenced, opened := strings.Cut(below, "\n```")
	_, code, _ := strings.Cut(fenced, "\n") // behind the name of the language
	code, _, closed := strings.Cut(code, "\n```")
	if !opened || !closed {
		return "", fmt.Errorf("the page has no code below %q", heading)
	}
	return code + "\n", nil
}
