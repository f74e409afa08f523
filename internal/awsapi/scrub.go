package awsapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"unicode"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	// scrubWindow is the length from which a part of a secret counts as one.
	scrubWindow = 8
	// longestText bounds what is repeated of AWS's texts, in bytes.
	longestText = 1000
	// longestID bounds what is repeated of a secret's name or ARN, in bytes.
	longestID = 256
)

// sentCredentials returns what of the credentials went over the wire with the
// request that err is about. AWS repeats parts of a request whose signature it
// refuses, the session token among them.
func sentCredentials(err error) []string {
	header := sentHeader(err)
	keyID, _, _ := strings.Cut(credentialScope(header), "/")
	return []string{keyID, header.Get("X-Amz-Security-Token")}
}

// sentRegion returns the region that the request which err is about was signed
// for, "" if it is not known.
func sentRegion(err error) string {
	if parts := strings.Split(credentialScope(sentHeader(err)), "/"); len(parts) > 2 {
		return parts[2]
	}
	return ""
}

func sentHeader(err error) http.Header {
	var failed *smithyhttp.ResponseError
	if !errors.As(err, &failed) || failed.Response.Request == nil {
		return nil
	}
	return failed.Response.Request.Header
}

// credentialScope is what a signed request says of its signature, such as
// AKIA…/20300131/eu-central-1/secretsmanager/aws4_request.
func credentialScope(header http.Header) string {
	_, scope, _ := strings.Cut(header.Get("Authorization"), "Credential=")
	return scope
}

// repeats reports whether text has a secret in it, or a part of one that is at
// least scrubWindow bytes long, since AWS may repeat a value shortened or split.
func repeats(text string, secrets []string) bool {
	for _, secret := range secrets {
		quoted, err := json.Marshal(secret)
		if err != nil || hasPart(text, secret) || hasPart(text, string(quoted[1:len(quoted)-1])) {
			return true
		}
	}
	return false
}

func hasPart(text, secret string) bool {
	window := min(scrubWindow, len(secret))
	for i := 0; window > 0 && i+window <= len(text); i++ {
		if strings.Contains(secret, text[i:i+window]) {
			return true
		}
	}
	return false
}

// firstLine returns what AWS says up to its first line break, or nothing if that
// repeats a secret: a mask in a sentence that everybody knows would tell what it
// masks. What follows in some texts is the request's canonical form.
func firstLine(text string, secrets []string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	text = text[:min(len(text), 2*longestText)] // the effort of repeats grows with it
	shown := short(text, longestText)
	if repeats(text, secrets) || repeats(shown, secrets) { // what cannot be printed may have become a secret of one space
		return ""
	}
	return shown
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
