package awsapi

import (
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"regexp"
	"strings"

	"aws-secrets-manager-connector/internal/component"
)

// Config is what the flow's owner entered as credentials. The fields of the
// function stand beside them in the same JSON object and are ignored here.
type Config struct {
	AccessKeyID     component.Secret `json:"accessKeyId"`
	AccessKeySecret component.Secret `json:"accessKeySecret"`
	SessionToken    component.Secret `json:"sessionToken"` // of temporary keys
	Region          string           `json:"region"`
	FailoverRegion  string           `json:"failoverRegion"` // for reads while a secret's region is away
	RoleARN         string           `json:"roleArn"`        // assumed with the keys above
	ExternalID      string           `json:"externalId"`
	Endpoint        string           `json:"endpoint"`
	FIPS            CheckBox         `json:"fips"`      // AWS's endpoints with validated cryptography
	DualStack       CheckBox         `json:"dualStack"` // AWS's endpoints with IPv6

	// The fields of the generated connector; what stands in them is of no use.
	Server      filled `json:"server"`
	OtherServer filled `json:"otherServer"`
	AuthHMAC    filled `json:"auth_hmac"`

	// SessionName tells the flow apart in CloudTrail when a role is assumed.
	SessionName string `json:"-"`
}

// CheckBox is a field that the platform shows as a box to tick, and sends as a
// boolean or as text.
type CheckBox bool

// UnmarshalJSON implements json.Unmarshaler.
func (c *CheckBox) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `true`, `"true"`, `"on"`:
		*c = true
	case `false`, `"false"`, `""`, `null`:
		*c = false
	default:
		return &json.UnmarshalTypeError{Type: reflect.TypeFor[CheckBox]()}
	}
	return nil
}

// filled reports that a field is not empty. It does not keep what stands there.
type filled bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *filled) UnmarshalJSON(text []byte) error {
	*f = string(text) != `null` && string(text) != `""`
	return nil
}

// ParseConfig reads the configuration of a step. White space around a value,
// which copying from a web page often adds, is removed. The rules of the single
// fields are checked by New.
func ParseConfig(raw json.RawMessage) (Config, error) {
	var cfg Config
	if len(raw) == 0 {
		return cfg, nil
	}
	if err := json.Unmarshal(raw, &cfg); err != nil {
		// The decoder's own text may repeat a value.
		var wrongType *json.UnmarshalTypeError
		if errors.As(err, &wrongType) && wrongType.Field != "" {
			want := "text"
			if wrongType.Type == reflect.TypeFor[CheckBox]() {
				want = "true or false"
			}
			return Config{}, component.Errorf(component.InvalidConfig, "%s must be %s", labelled(wrongType.Field), want)
		}
		return Config{}, component.Errorf(component.InvalidConfig, "the step's configuration must be a JSON object")
	}
	return cfg.trimmed(), nil
}

func (c Config) trimmed() Config {
	for _, s := range []*component.Secret{&c.AccessKeyID, &c.AccessKeySecret, &c.SessionToken} {
		*s = component.NewSecret(strings.TrimSpace(s.Reveal()))
	}
	for _, s := range []*string{&c.Region, &c.FailoverRegion, &c.RoleARN, &c.ExternalID, &c.Endpoint} {
		*s = strings.TrimSpace(*s)
	}
	return c
}

// validate reports everything that is wrong with c in one error.
func (c Config) validate(opts Options) error {
	if c.isGenerated() {
		return component.Errorf(component.InvalidCredentials, "the credentials are those of the generated connector: "+
			"enter accessKeyId, accessKeySecret and region in place of server, otherServer and auth_hmac (see docs/migrating.md)")
	}
	keys := c.keyProblems(opts)
	problems := append(keys, c.otherProblems(opts)...)
	if len(problems) == 0 {
		return nil
	}
	name := component.InvalidConfig
	if len(keys) > 0 {
		name = component.InvalidCredentials
	}
	for i, problem := range problems {
		field, rest, _ := strings.Cut(problem, " ")
		problems[i] = labelled(field) + " " + rest
	}
	return component.Errorf(name, "the credentials cannot be used: %s", strings.Join(problems, "; "))
}

// labelled adds to the name of a field of the credentials what the designer sees.
func labelled(name string) string {
	for _, field := range []component.Field{
		{Name: "accessKeyId", Label: "Access key ID"},
		{Name: "accessKeySecret", Label: "Secret access key"},
		{Name: "sessionToken", Label: "Session token"},
		{Name: "region", Label: "Region"},
		{Name: "failoverRegion", Label: "Failover region"},
		{Name: "roleArn", Label: "Role to assume"},
		{Name: "externalId", Label: "External ID"},
		{Name: "endpoint", Label: "Endpoint"},
		{Name: "fips", Label: "FIPS endpoint"},
		{Name: "dualStack", Label: "Dual-stack endpoint"},
	} {
		if field.Name == name {
			return field.String()
		}
	}
	return name
}

// isGenerated reports whether the credentials are still those of the generated
// connector.
func (c Config) isGenerated() bool {
	return bool(c.Server || c.OtherServer || c.AuthHMAC) && c.AccessKeyID.Reveal() == "" && c.Region == ""
}

// keyProblems, as otherProblems, never repeats what was given: a secret is easily
// pasted into the wrong field.
func (c Config) keyProblems(opts Options) []string {
	id, secret, token := c.AccessKeyID.Reveal(), c.AccessKeySecret.Reveal(), c.SessionToken.Reveal()
	if id == "" && secret == "" && token == "" && opts.AllowAmbient {
		return c.ambientProblems()
	}
	var problems []string
	switch {
	case id == "":
		problems = append(problems, "accessKeyId is missing")
	case c.Endpoint != "" && (len(id) > 128 || !anyAccessKeyID.MatchString(id)):
		problems = append(problems, "accessKeyId must be letters, digits or any of _.-")
	case c.Endpoint == "" && (len(id) < 16 || len(id) > 128 || !accessKeyID.MatchString(id)):
		problems = append(problems, "accessKeyId must be 16 to 128 letters and digits, such as AKIA…"+component.Given(id)+swapped(id))
	case strings.HasPrefix(id, "ASIA") && token == "":
		problems = append(problems, "sessionToken is missing: an accessKeyId that starts with ASIA is a temporary one")
	}
	if secret == "" {
		problems = append(problems, "accessKeySecret is missing")
	}
	for _, f := range []struct{ field, value string }{{"accessKeySecret", secret}, {"sessionToken", token}} {
		if strings.ContainsFunc(f.value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			problems = append(problems, f.field+" contains a space, line break or character that no AWS key has")
		}
	}
	return problems
}

// ambientProblems keeps the credentials of the container's host from whoever
// runs the endpoint.
func (c Config) ambientProblems() []string {
	if u, err := url.Parse(c.Endpoint); c.Endpoint == "" || err == nil && isAWS(u) {
		return nil
	}
	return []string{"accessKeyId is missing; the credentials of the container's host are not sent to an endpoint that is not AWS's"}
}

func swapped(id string) string {
	if len(id) == 40 {
		return " – a secret access key has as many: are the two swapped?"
	}
	return ""
}

func (c Config) otherProblems(opts Options) []string {
	var problems []string
	switch {
	case c.Region == "":
		problems = append(problems, "region is missing")
	case !region.MatchString(c.Region):
		problems = append(problems, "region must look like eu-central-1"+component.Given(c.Region))
	}
	switch other := c.FailoverRegion; {
	case other == "":
	case !region.MatchString(other):
		problems = append(problems, "failoverRegion must look like eu-west-1"+component.Given(other))
	case c.Endpoint != "":
		problems = append(problems, "failoverRegion is one of AWS's regions: clear it, or endpoint")
	case other == c.Region || partitionOf(other) != partitionOf(c.Region):
		problems = append(problems, "failoverRegion must be another region than region, and one that the same keys work in")
	}
	if c.RoleARN != "" && (len(c.RoleARN) > 2048 || !roleARN.MatchString(c.RoleARN)) {
		problems = append(problems, "roleArn must look like arn:aws:iam::123456789012:role/name"+component.Given(c.RoleARN))
	}
	switch {
	case c.ExternalID == "":
	case c.RoleARN == "":
		problems = append(problems, "externalId is set, but "+labelled("roleArn")+" is not")
	case len(c.ExternalID) < 2, len(c.ExternalID) > 1224, !externalID.MatchString(c.ExternalID):
		problems = append(problems, "externalId must be 2 to 1224 letters, digits or any of _+=,.@:/-"+component.Given(c.ExternalID))
	}
	if c.Endpoint != "" && bool(c.FIPS || c.DualStack) {
		problems = append(problems, "fips and "+labelled("dualStack")+" choose among AWS's endpoints: clear them, or endpoint")
	}
	if problem := endpointProblem(c.Endpoint, opts.AllowInsecureEndpoint); problem != "" {
		problems = append(problems, problem)
	}
	return problems
}

// The patterns are AWS's own, as IAM and STS document them; other servers that
// speak the same protocol are less strict about key ids. Lengths are checked
// beside them: counted repetitions take milliseconds to compile.
var (
	accessKeyID    = regexp.MustCompile(`^\w+$`)
	anyAccessKeyID = regexp.MustCompile(`^[\w.-]+$`)
	region         = regexp.MustCompile(`^[a-z]{2,5}(-[a-z]+){1,2}-[0-9]{1,2}$`)
	roleARN        = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+$`)
	externalID     = regexp.MustCompile(`^[\w+=,.@:/-]+$`)
)
