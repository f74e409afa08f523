package httpretry

import (
	"fmt"
	"net/url"

	"aws-secrets-manager-connector/internal/component"
)

// ParseURL returns the URL that a setting gives. Its errors tell neither that
// nor the parser's error, for both may hold a password.
func ParseURL(setting string, value component.Secret) (*url.URL, error) {
	u, err := url.Parse(value.Reveal())
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%s must be a URL that starts with http:// or https://", setting)
	}
	return u, nil
}

// ResourceURL returns the URL of a resource at the server that a setting gives,
// less the user, password and query in that. path is escaped.
func ResourceURL(setting string, server component.Secret, path string) (*url.URL, error) {
	u, err := ParseURL(setting, server)
	if err != nil {
		return nil, err
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.JoinPath(path), nil
}
