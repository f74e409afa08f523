package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// IdentityPolicy is an IAM policy of the owner of access keys: what is not
// allowed is refused, and what is denied is refused although it is allowed. It is
// read from its JSON.
type IdentityPolicy struct{ statements []statement }

// UnmarshalJSON implements json.Unmarshaler. It refuses what would be judged
// wrongly here: policy variables, and condition operators for dates and addresses.
func (p *IdentityPolicy) UnmarshalJSON(b []byte) error {
	var doc policyDoc
	if err := decodeStrict(bytes.NewReader(b), &doc); err != nil {
		return fmt.Errorf("identity policy: %w", err)
	}
	if !doc.versioned() {
		return errors.New("identity policy: Version must be 2012-10-17 or 2008-10-17, and there must be a Statement")
	}
	for i, s := range doc.Statement {
		if err := s.checkIdentity(); err != nil {
			return fmt.Errorf("identity policy: Statement[%d]: %w", i, err)
		}
	}
	if bytes.Contains(b, []byte("${")) {
		return errors.New("identity policy: policy variables are not understood here")
	}
	p.statements = doc.Statement
	return nil
}

func (s statement) checkIdentity() error {
	if len(s.Principal)+len(s.NotPrincipal) > 0 || !s.complete() {
		return errors.New("there must be an Effect, Allow or Deny, and one of Action and NotAction, and one of Resource and NotResource, but no Principal")
	}
	for _, pattern := range slices.Concat(s.Resource, s.NotResource) {
		if pattern != "*" && strings.Count(pattern, ":") < arnParts-1 {
			return fmt.Errorf("resource %q is neither an ARN nor *", pattern)
		}
	}
	for name := range s.Condition {
		if _, err := parseOperator(name); err != nil {
			return err
		}
	}
	return nil
}

// access is what a policy is asked about.
type access struct {
	action   string              // such as "secretsmanager:GetSecretValue"
	resource string              // an ARN, or "*" where the action has no resource
	context  map[string][]string // the values of condition keys, these in lower case
}

// decision of a policy.
type decision int

const (
	notAllowed decision = iota
	allowed
	denied
)

func (p *IdentityPolicy) decide(a access) decision {
	result := notAllowed
	for _, s := range p.statements {
		switch {
		case !s.covers(a):
		case s.Effect == "Deny":
			return denied
		default:
			result = allowed
		}
	}
	return result
}

func (s statement) covers(a access) bool {
	action := func(pattern string) bool { return glob(strings.ToLower(pattern), strings.ToLower(a.action)) }
	resource := func(pattern string) bool { return globARN(pattern, a.resource) }
	return slices.ContainsFunc(s.Action, action) == (len(s.Action) > 0) &&
		!slices.ContainsFunc(s.NotAction, action) &&
		slices.ContainsFunc(s.Resource, resource) == (len(s.Resource) > 0) &&
		!slices.ContainsFunc(s.NotResource, resource) &&
		s.conditionsHold(a.context)
}

// glob matches with the wildcards * and ?.
func glob(pattern, text string) bool {
	quoted := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?s)^` + quoted + `$`).MatchString(text)
}

const arnParts = 6

// globARN matches part by part: a wildcard does not reach beyond a colon, other
// than in the last part.
func globARN(pattern, arn string) bool {
	if pattern == "*" {
		return true
	}
	want, have := strings.SplitN(pattern, ":", arnParts), strings.SplitN(arn, ":", arnParts)
	return slices.EqualFunc(want, have, glob)
}
