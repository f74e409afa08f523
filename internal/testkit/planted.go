package testkit

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// minChunk is the length from which half of a secret counts as the secret.
const minChunk = 12

// Planted are secrets that a test plants in what it runs, to look for them
// afterwards in what comes out. The zero value holds none. It is not safe for
// concurrent use.
type Planted struct {
	secrets []planted
}

type planted struct {
	label string
	forms []form
}

// form is one way to write a secret.
type form struct {
	name string
	text []byte
}

// New returns a new random secret with characters that JSON, URLs and shells
// write differently. The label names it in a test's failure.
func (p *Planted) New(label string) string {
	value := "s3cr3t/" + rand.Text() + `+<"ü&\>=` + rand.Text()
	p.Add(label, value)
	return value
}

// Add plants a secret that something else made. Short ones are easily found by
// chance, so it panics below 6 bytes.
func (p *Planted) Add(label, value string) {
	if len(value) < 6 {
		panic("a planted secret needs at least 6 bytes: " + label)
	}
	p.secrets = append(p.secrets, planted{label: label, forms: formsOf(value)})
}

// AssertAbsent fails for each secret that output shows in any form, naming its
// label and the form, and never the secret. The name says what output is.
func (p *Planted) AssertAbsent(t testing.TB, name string, output []byte) {
	t.Helper()
	for _, found := range p.Find(output) {
		t.Errorf("%s shows the secret %s", name, found)
	}
}

// Find returns the label and form of each secret in output.
func (p *Planted) Find(output []byte) []string {
	var found []string
	for _, secret := range p.secrets {
		if i := slices.IndexFunc(secret.forms, func(f form) bool { return bytes.Contains(output, f.text) }); i >= 0 {
			found = append(found, fmt.Sprintf("%q (%s)", secret.label, secret.forms[i].name))
		}
	}
	return found
}

func formsOf(value string) []form {
	forms := []form{{"as it is", []byte(value)}}
	add := func(name, text string) {
		known := func(f form) bool { return string(f.text) == text }
		if len(text) >= 6 && !slices.ContainsFunc(forms, known) {
			forms = append(forms, form{name, []byte(text)})
		}
	}
	add("in JSON", inJSON(value, true))
	add("in JSON", inJSON(value, false))
	add("quoted", strings.Trim(fmt.Sprintf("%q", value), `"`))
	add("quoted in ASCII", strings.Trim(fmt.Sprintf("%+q", value), `"`))
	add("URL-encoded", url.QueryEscape(value))
	add("URL-encoded", url.PathEscape(value))
	add("URL-encoded", strings.TrimPrefix(url.UserPassword("", value).String(), ":"))
	add("in hex", hex.EncodeToString([]byte(value)))
	add("in hex", strings.ToUpper(hex.EncodeToString([]byte(value))))
	add("as bytes", strings.Trim(fmt.Sprint([]byte(value)), "[]"))
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for offset := range 3 {
			add("in base64", base64Core(encoding, value, offset))
		}
	}
	add("reversed", reversed(value))
	if half := len(value) / 2; half >= minChunk {
		add("in part", value[:half])
		add("in part", value[len(value)-half:])
	}
	return forms
}

func inJSON(value string, escapeHTML bool) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(escapeHTML)
	_ = encoder.Encode(value) // a string always can be
	return strings.Trim(strings.TrimSpace(out.String()), `"`)
}

// base64Core is the part of the encoding that does not depend on what stands
// before and after value, when it begins at offset within a group of three.
func base64Core(encoding *base64.Encoding, value string, offset int) string {
	encoded := encoding.EncodeToString([]byte(strings.Repeat("x", offset) + value))
	start := []int{0, 2, 3}[offset]
	if (offset+len(value))%3 != 0 {
		return encoded[start : len(encoded)-1]
	}
	return encoded[start:]
}

func reversed(value string) string {
	runes := []rune(value)
	slices.Reverse(runes)
	return string(runes)
}
