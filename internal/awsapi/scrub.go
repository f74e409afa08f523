package awsapi

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	mask = "***"
	// scrubWindow is the length from which a part of a secret counts as one.
	scrubWindow = 8
	// longestText bounds what is repeated of AWS's texts, in bytes.
	longestText = 1000
)

// sentCredentials returns what of the credentials went over the wire with the
// request that err is about. AWS repeats parts of a request whose signature it
// refuses, the session token among them.
func sentCredentials(err error) []string {
	var failed *smithyhttp.ResponseError
	if !errors.As(err, &failed) || failed.Response.Request == nil {
		return nil
	}
	header := failed.Response.Request.Header
	_, scope, _ := strings.Cut(header.Get("Authorization"), "Credential=")
	keyID, _, _ := strings.Cut(scope, "/")
	return []string{keyID, header.Get("X-Amz-Security-Token")}
}

// scrub masks every secret in text, and every part of one that is at least
// scrubWindow bytes long, since AWS may repeat a value shortened or split.
func scrub(text string, secrets []string) string {
	hit := make([]bool, len(text))
	for _, secret := range secrets {
		markParts(hit, text, secret)
		if quoted, err := json.Marshal(secret); err == nil {
			markParts(hit, text, string(quoted[1:len(quoted)-1]))
		}
	}
	var b strings.Builder
	for i := range len(text) {
		switch {
		case !hit[i]:
			b.WriteByte(text[i])
		case i == 0 || !hit[i-1]:
			b.WriteString(mask)
		}
	}
	return b.String()
}

func markParts(hit []bool, text, secret string) {
	window := min(scrubWindow, len(secret))
	if window == 0 {
		return
	}
	for i := 0; i+window <= len(text); i++ {
		if strings.Contains(secret, text[i:i+window]) {
			for j := i; j < i+window; j++ {
				hit[j] = true
			}
		}
	}
}

// firstLine returns what AWS says up to its first line break, without the
// secrets. What follows in some texts is the request's canonical form.
func firstLine(text string, secrets []string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	text = short(text, 2*longestText) // before scrub, whose effort grows with the length
	return short(scrub(text, secrets), longestText)
}

// short cuts text to n bytes at the most, plus an ellipsis, and replaces what
// cannot be printed.
func short(text string, n int) string {
	if len(text) > n {
		text = strings.ToValidUTF8(text[:n], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}
