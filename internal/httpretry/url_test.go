package httpretry_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/httpretry"
)

func TestResourceURL(t *testing.T) {
	for _, test := range []struct{ name, server, path, want string }{
		{"plain", "http://host", "/things/1", "http://host/things/1"},
		{"port", "https://host:8443", "/things", "https://host:8443/things"},
		{"trailing slash", "http://host/", "/things", "http://host/things"},
		{"trailing slashes", "http://host///", "/things", "http://host/things"},
		{"path", "http://host/api", "/things", "http://host/api/things"},
		{"path with trailing slash", "http://host/api/", "/things", "http://host/api/things"},
		{"escaped path", "http://host/a%2Fb", "/things", "http://host/a%2Fb/things"},
		{"query and fragment are dropped", "http://host/?a=b#c", "/things", "http://host/things"},
		{"user and password are dropped", "http://user:" + planted + "@host", "/things", "http://host/things"},
		{"ids are escaped", "http://host", "/things/a%2F..%2Fb%3Fc%23d%20%C3%A9%25", "http://host/things/a%2F..%2Fb%3Fc%23d%20%C3%A9%25"},
	} {
		t.Run(test.name, func(t *testing.T) {
			u, err := httpretry.ResourceURL("URI", component.NewSecret(test.server), test.path)
			require.NoError(t, err)
			assert.Equal(t, test.want, u.String())
		})
	}
}

func TestURLIsRefused(t *testing.T) {
	for name, value := range map[string]string{
		"empty": "", "no scheme": "user:" + planted + "@host", "other scheme": "ftp://u:" + planted + "@host", "no host": "http:///" + planted,
		"garbage": "http://u:" + planted + "@ho st:x/%zz",
	} {
		t.Run(name, func(t *testing.T) {
			const want = "THE_URI must be a URL that starts with http:// or https://"
			_, err := httpretry.ParseURL("THE_URI", component.NewSecret(value))
			require.EqualError(t, err, want)
			_, err = httpretry.ResourceURL("THE_URI", component.NewSecret(value), "/things")
			require.EqualError(t, err, want)
		})
	}
}
