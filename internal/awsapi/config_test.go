package awsapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func TestParseConfig(t *testing.T) {
	tests := []struct {
		name, raw string
		want      Config
		err       string
	}{
		{name: "nothing", raw: ``, want: Config{}},
		{name: "null", raw: `null`, want: Config{}},
		{name: "fields of the function beside", raw: `{"region":"eu-west-1","emitBehaviour":"emitAll","accessKeyId":null}`, want: Config{Region: "eu-west-1"}},
		{
			name: "white space from pasting",
			raw:  `{"accessKeyId":" AKIA\n","accessKeySecret":"\tsecret ","sessionToken":"token\r\n","region":" eu-west-1 ","roleArn":" r ","externalId":" e ","endpoint":" h "}`,
			want: Config{
				AccessKeyID: component.NewSecret("AKIA"), AccessKeySecret: component.NewSecret("secret"), SessionToken: component.NewSecret("token"),
				Region: "eu-west-1", RoleARN: "r", ExternalID: "e", Endpoint: "h",
			},
		},
		{name: "boxes", raw: `{"fips":true,"dualStack":"on"}`, want: Config{FIPS: true, DualStack: true}},
		{name: "boxes as text", raw: `{"fips":"true","dualStack":"false"}`, want: Config{FIPS: true}},
		{name: "empty boxes", raw: `{"fips":null,"dualStack":""}`, want: Config{}},
		{name: "fields of the generated connector", raw: `{"server":0,"otherServer":"","auth_hmac":"planted"}`, want: Config{Server: true, AuthHMAC: true}},
		{name: "box of another type", raw: `{"fips":{"a":"planted"}}`, err: "fips (\"FIPS endpoint\") must be true or false"},
		{name: "box with a text", raw: `{"dualStack":"planted"}`, err: "dualStack (\"Dual-stack endpoint\") must be true or false"},
		{name: "number for a key", raw: `{"accessKeySecret":1234567890}`, err: "accessKeySecret (\"Secret access key\") must be text"},
		{name: "object for a region", raw: `{"region":{"a":"planted"}}`, err: "region must be text"},
		{name: "not an object", raw: `["planted"]`, err: "the step's configuration must be a JSON object"},
		{name: "not JSON", raw: `planted`, err: "the step's configuration must be a JSON object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseConfig(json.RawMessage(tt.raw))
			if tt.err == "" {
				require.NoError(t, err)
				assert.Equal(t, tt.want, got)
				return
			}
			requireError(t, err, component.InvalidConfig, tt.err)
		})
	}
}

func requireError(t *testing.T, err error, name string, parts ...string) {
	t.Helper()
	var e *component.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, name, e.Name, e.Message)
	for _, part := range parts {
		require.Contains(t, e.Message, part)
	}
	requireNoSecrets(t, err.Error())
	requireNoSecrets(t, fmt.Sprintf("%v %+v %#v", err, err, errors.Unwrap(err)))
}

func TestNewChecksConfig(t *testing.T) {
	const keys, other = component.InvalidCredentials, component.InvalidConfig
	secret := component.NewSecret
	tests := []struct {
		name   string
		change func(*Config, *Options)
		errIs  string   // "" if New must succeed
		parts  []string // of the message
	}{
		{name: "base case", change: func(*Config, *Options) {}},
		{"no key id", func(c *Config, _ *Options) { c.AccessKeyID = secret("") }, keys, []string{"accessKeyId (\"Access key ID\") is missing"}},
		{"no secret", func(c *Config, _ *Options) { c.AccessKeySecret = secret("") }, keys, []string{"accessKeySecret (\"Secret access key\") is missing"}},
		{"no keys at all", func(c *Config, _ *Options) { *c = Config{Region: c.Region} }, keys, []string{"accessKeyId (\"Access key ID\") is missing", "accessKeySecret (\"Secret access key\") is missing"}},
		{"generated connector", func(c *Config, _ *Options) { *c = Config{Server: true, AuthHMAC: true} }, keys,
			[]string{"the credentials are those of the generated connector: enter accessKeyId, accessKeySecret and region in place of server, otherServer and auth_hmac"}},
		{"generated connector, ambient credentials", func(c *Config, o *Options) { *c, o.AllowAmbient = Config{OtherServer: true}, true }, keys,
			[]string{"the credentials are those of the generated connector"}},
		{"fields of the generated connector beside ours", func(c *Config, _ *Options) { c.Server, c.OtherServer, c.AuthHMAC = true, true, true }, "", nil},
		{"key id too short", func(c *Config, _ *Options) { c.AccessKeyID = secret("planted") }, keys, []string{"accessKeyId (\"Access key ID\") must be 16 to 128", "7 characters"}},
		{"swapped", func(c *Config, _ *Options) { c.AccessKeyID = secret(testSecret[:40]) }, keys, []string{"are the two swapped"}},
		{"temporary without token", func(c *Config, _ *Options) {
			c.AccessKeyID, c.SessionToken = secret("ASIA567890123456"), secret("")
		}, keys, []string{"sessionToken (\"Session token\") is missing"}},
		{"permanent without token", func(c *Config, _ *Options) { c.SessionToken = secret("") }, "", nil},
		{"secret with a line break", func(c *Config, _ *Options) { c.AccessKeySecret = secret("planted\nplanted") }, keys, []string{"accessKeySecret (\"Secret access key\") contains a space"}},
		{"token with a typographic dash", func(c *Config, _ *Options) { c.SessionToken = secret("planted–token") }, keys, []string{"sessionToken (\"Session token\") contains"}},
		{"no region", func(c *Config, _ *Options) { c.Region = "" }, other, []string{"region is missing"}},
		{"region by its name", func(c *Config, _ *Options) { c.Region = "planted-region" }, other, []string{"region must look like", "14 characters"}},
		{"region that would change the host", func(c *Config, _ *Options) { c.Region = "eu-central-1.evil.example/" }, other, []string{"region must"}},
		{"government region", func(c *Config, _ *Options) { c.Region = "us-gov-west-1" }, "", nil},
		{"isolated region", func(c *Config, _ *Options) { c.Region = "us-isob-east-1" }, "", nil},
		{"sovereign region", func(c *Config, _ *Options) { c.Region = "eusc-de-east-1" }, "", nil},
		{"role", func(c *Config, _ *Options) { c.RoleARN = "arn:aws-cn:iam::123456789012:role/path/a+b=c,d.e@f-g" }, "", nil},
		{"role is a user", func(c *Config, _ *Options) { c.RoleARN = "arn:aws:iam::123456789012:user/u" }, other, []string{"roleArn (\"Role to assume\") must look like", "32 characters"}},
		{"role by its name", func(c *Config, _ *Options) { c.RoleARN = "planted" }, other, []string{"roleArn (\"Role to assume\") must look like", "7 characters"}},
		{"external id without role", func(c *Config, _ *Options) { c.ExternalID = "abc" }, other, []string{"externalId (\"External ID\") is set, but roleArn (\"Role to assume\") is not"}},
		{"external id of one character", func(c *Config, _ *Options) {
			c.RoleARN, c.ExternalID = "arn:aws:iam::123456789012:role/r", "a"
		}, other, []string{"externalId (\"External ID\") must be"}},
		{"several at once", func(c *Config, _ *Options) { c.Region, c.AccessKeySecret, c.RoleARN = "", secret(""), "x" }, keys, []string{"region is missing", "accessKeySecret (\"Secret access key\") is missing", "roleArn (\"Role to assume\") must"}},

		{"https endpoint", func(c *Config, _ *Options) { c.Endpoint = "https://vpce-1.example.com:8443/base" }, "", nil},
		{"https endpoint takes any key id", func(c *Config, _ *Options) { c.Endpoint, c.AccessKeyID = "https://e.example.com", secret("test") }, "", nil},
		{"endpoint, key id that breaks the header", func(c *Config, _ *Options) {
			c.Endpoint, c.AccessKeyID = "https://e.example.com", secret("a/b")
		}, keys, []string{"accessKeyId (\"Access key ID\") must be"}},
		{"http to localhost", func(c *Config, _ *Options) { c.Endpoint = "http://localhost:4584" }, other, []string{"endpoint must be https"}},
		{"http to localhost, allowed", func(c *Config, o *Options) {
			c.Endpoint, o.AllowInsecureEndpoint = "http://localhost:4584", true
		}, "", nil},
		{"localhost", func(c *Config, _ *Options) { c.Endpoint = "https://LocalHost:4584" }, other, []string{"endpoint must not be a loopback"}},
		{"loopback", func(c *Config, _ *Options) { c.Endpoint = "https://[::ffff:127.1.2.3]:4584" }, other, []string{"endpoint must not be a loopback"}},
		{"link-local", func(c *Config, _ *Options) { c.Endpoint = "https://169.254.169.254" }, other, []string{"endpoint must not be a loopback, link-local"}},
		{"failoverRegion", func(c *Config, _ *Options) { c.FailoverRegion = "eu-west-1" }, "", nil},
		{"failoverRegion that is none", func(c *Config, _ *Options) { c.FailoverRegion = "planted" }, other, []string{"failoverRegion (\"Failover region\") must look like eu-west-1", "7 characters"}},
		{"failoverRegion, the same", func(c *Config, _ *Options) { c.FailoverRegion = c.Region }, other, []string{"failoverRegion (\"Failover region\") must be another region than region"}},
		{"failoverRegion in another partition", func(c *Config, _ *Options) { c.FailoverRegion = "cn-north-1" }, other, []string{"one that the same keys work in"}},
		{"failoverRegion with an endpoint", func(c *Config, _ *Options) { c.Endpoint, c.FailoverRegion = "https://e.example.com", "eu-west-1" }, other,
			[]string{"failoverRegion (\"Failover region\") is one of AWS's regions: clear it, or endpoint"}},
		{"fips", func(c *Config, _ *Options) { c.FIPS, c.DualStack = true, true }, "", nil},
		{"fips with an endpoint", func(c *Config, _ *Options) { c.Endpoint, c.FIPS = "https://e.example.com", true }, other,
			[]string{"fips (\"FIPS endpoint\") and dualStack (\"Dual-stack endpoint\") choose among AWS's endpoints: clear them, or endpoint"}},
		{"dualStack with an endpoint", func(c *Config, _ *Options) { c.Endpoint, c.DualStack = "https://e.example.com", true }, other,
			[]string{"fips (\"FIPS endpoint\") and dualStack (\"Dual-stack endpoint\") choose among AWS's endpoints"}},
		{"private", func(c *Config, _ *Options) { c.Endpoint = "https://10.1.2.3" }, "", nil},
		{"ambient credentials", func(c *Config, o *Options) { *c, o.AllowAmbient = Config{Region: c.Region}, true }, "", nil},
		{"ambient credentials to an endpoint of AWS", func(c *Config, o *Options) {
			*c, o.AllowAmbient = Config{Region: c.Region, Endpoint: "https://vpce-0a1b-c2d3.secretsmanager.eu-central-1.vpce.amazonaws.com"}, true
		}, "", nil},
		{"ambient credentials to a customer of AWS", func(c *Config, o *Options) {
			*c, o.AllowAmbient = Config{Region: c.Region, Endpoint: "https://abc.execute-api.eu-central-1.amazonaws.com"}, true
		}, keys, []string{"accessKeyId (\"Access key ID\") is missing", "are not sent to an endpoint that is not AWS's"}},
		{"ambient credentials for a role, elsewhere", func(c *Config, o *Options) {
			*c, o.AllowAmbient = Config{Region: c.Region, Endpoint: "https://gateway.example.com", RoleARN: "arn:aws:iam::123456789012:role/r"}, true
		}, keys, []string{"are not sent to an endpoint that is not AWS's"}},
		{"http elsewhere", func(c *Config, _ *Options) { c.Endpoint = "http://planted.example.com/planted" }, other, []string{"endpoint must be https", "ALLOW_INSECURE_ENDPOINT"}},
		{"http to a name that only looks local", func(c *Config, _ *Options) { c.Endpoint = "http://127.0.0.1.example.com" }, other, []string{"endpoint must be https"}},
		{"http elsewhere, allowed", func(c *Config, o *Options) { c.Endpoint, o.AllowInsecureEndpoint = "http://aws.example.com", true }, "", nil},
		{"user in endpoint", func(c *Config, _ *Options) { c.Endpoint = "https://planted:planted@aws.example.com" }, other, []string{"endpoint must not contain a user"}},
		{"query in endpoint", func(c *Config, _ *Options) { c.Endpoint = "https://aws.example.com/?planted=1" }, other, []string{"endpoint must end after"}},
		{"fragment in endpoint", func(c *Config, _ *Options) { c.Endpoint = "https://aws.example.com/#planted" }, other, []string{"endpoint must end after"}},
		{"endpoint without scheme", func(c *Config, _ *Options) { c.Endpoint = "planted.example.com:443" }, other, []string{"endpoint must"}},
		{"endpoint with another scheme", func(c *Config, _ *Options) { c.Endpoint = "file:///etc/planted" }, other, []string{"endpoint must start with https://"}},
		{"endpoint without host", func(c *Config, _ *Options) { c.Endpoint = "https:///planted" }, other, []string{"endpoint must start with https:// and a host"}},
		{"endpoint not a URL", func(c *Config, _ *Options) { c.Endpoint = "https://planted:pass word@%%" }, other, []string{"endpoint must be a URL"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg, opts := validConfig(), Options{}
			tt.change(&cfg, &opts)
			_, err := New(cfg, opts)
			if tt.errIs == "" {
				require.NoError(t, err)
				return
			}
			requireError(t, err, tt.errIs, tt.parts...)
		})
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add(`{"accessKeyId":"AKIA","accessKeySecret":"s","region":"eu-central-1","endpoint":"http://u:p@[::1]:1/?q"}`)
	f.Add(`{"endpoint":"http://\u0000"}`)
	f.Fuzz(func(t *testing.T, raw string) {
		cfg, err := ParseConfig(json.RawMessage(raw))
		if err != nil {
			return
		}
		_, err = New(cfg, Options{})
		for _, secret := range []component.Secret{cfg.AccessKeySecret, cfg.SessionToken} {
			// Short ones occur in our own words.
			if s := secret.Reveal(); err != nil && len(s) > 40 && !strings.Contains(cfg.Region+cfg.RoleARN+cfg.Endpoint, s) {
				assert.NotContains(t, err.Error(), s)
			}
		}
	})
}
