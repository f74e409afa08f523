package bunyan

import (
	"regexp"
	"slices"
	"strings"
)

// namesSecret reports whether an attribute of that name may hold a secret, be
// it itself or inside a message or a configuration. Case and separators do not
// matter.
func namesSecret(key string) bool {
	key = strings.Map(func(c rune) rune {
		switch c {
		case '_', '-', '.', ' ':
			return -1
		}
		return c
	}, strings.ToLower(key))

	switch key {
	case "secretid", "secretname", "secretarn": // these name a secret and do not tell it
		return false
	case "body", "payload", "content", "headers", "passthrough", "attachments", "snapshot", // parts of messages
		"cfg", "config", "variables", // parts of the step
		"auth", "pass", "pwd", "key", "keys", "iv":
		return true
	}
	return slices.ContainsFunc([]string{
		"password", "passwd", "passphrase", "secret", "token", "authorization", "credential", "cookie",
		"accesskey", "apikey", "privatekey", "cryptoiv",
	}, func(part string) bool { return strings.Contains(key, part) })
}

// userInfo finds what stands before the host in a URI: a user and a password,
// in which anything may stand, or one name alone.
var userInfo = regexp.MustCompile(`://(?:[^\s/?#:@"]*:[^\s"]*|[^\s/?#"]+)@`)

// maskURIs masks user and password of the URIs in a text.
func maskURIs(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	return userInfo.ReplaceAllString(text, "://"+masked+"@")
}
