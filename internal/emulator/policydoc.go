package emulator

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// policyDoc is a policy of a resource or an identity.
type policyDoc struct {
	Version   string
	ID        string `json:"Id"`
	Statement oneOrMore[statement]
}

type statement struct {
	Sid          string
	Effect       string
	Principal    principal
	NotPrincipal principal
	Action       oneOrMore[string]
	NotAction    oneOrMore[string]
	Resource     oneOrMore[string]
	NotResource  oneOrMore[string]
	Condition    map[string]map[string]oneOrMore[conditionValue]
}

// oneOrMore is a value or a list of them, both of which IAM takes.
type oneOrMore[T any] []T

// UnmarshalJSON takes either form.
func (o *oneOrMore[T]) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("[")) {
		return decodeStrict(bytes.NewReader(b), (*[]T)(o))
	}
	var one T
	if err := decodeStrict(bytes.NewReader(b), &one); err != nil {
		return err
	}
	*o = oneOrMore[T]{one}
	return nil
}

// conditionValue is a string, a number or a boolean.
type conditionValue string

// UnmarshalJSON keeps numbers and booleans as their text.
func (c *conditionValue) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*c = conditionValue(s)
		return nil
	}
	if bytes.ContainsAny(b[:1], "{[") {
		return errPolicy()
	}
	*c = conditionValue(b)
	return nil
}

// principal is "*", or names by kind.
type principal map[string]oneOrMore[string]

// UnmarshalJSON takes either form.
func (p *principal) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		if s != "*" {
			return errPolicy()
		}
		*p = principal{"*": {"*"}}
		return nil
	}
	return decodeStrict(bytes.NewReader(b), (*map[string]oneOrMore[string])(p))
}

func (p principal) anyone() bool {
	for kind, names := range p {
		if (kind == "*" || kind == "AWS") && slices.Contains(names, "*") {
			return true
		}
	}
	return false
}

func errPolicy() *apiError {
	return fail("MalformedPolicyDocumentException", "This resource policy contains a syntax error.")
}

// parsePolicy reads a policy, or fails with MalformedPolicyDocumentException.
func parsePolicy(text string) (policyDoc, error) {
	var p policyDoc
	if err := decodeStrict(strings.NewReader(text), &p); err != nil {
		return p, errPolicy()
	}
	if !p.versioned() {
		return p, errPolicy()
	}
	for _, s := range p.Statement {
		if !s.complete() || (len(s.Principal) > 0) == (len(s.NotPrincipal) > 0) {
			return p, errPolicy()
		}
	}
	return p, nil
}

// versioned: in a language that IAM knows, with anything to say.
func (p policyDoc) versioned() bool {
	return (p.Version == "" || p.Version == "2012-10-17" || p.Version == "2008-10-17") && len(p.Statement) > 0
}

// complete: an effect, and one of each pair.
func (s statement) complete() bool {
	return (s.Effect == "Allow" || s.Effect == "Deny") &&
		(len(s.Action) > 0) != (len(s.NotAction) > 0) &&
		(len(s.Resource) > 0) != (len(s.NotResource) > 0)
}

// public reports whether anyone at all is let in: allowed to "*", or to all
// but some, without a condition that restricts it.
func (p policyDoc) public() bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Allow" && (s.Principal.anyone() || len(s.NotPrincipal) > 0) && !s.restricted()
	})
}

// locksOut reports whether everyone is denied to change the policy.
func (p policyDoc) locksOut() bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Deny" && s.Principal.anyone() && len(s.Condition) == 0 && slices.ContainsFunc(s.Action, func(a string) bool {
			return a == "*" || a == "secretsmanager:*" || a == "secretsmanager:Put*" || a == "secretsmanager:PutResourcePolicy"
		})
	})
}

// restricted reports whether a condition ties the caller to an account, an
// organisation, a network or a resource.
func (s statement) restricted() bool {
	for operator, keys := range s.Condition {
		if strings.Contains(operator, "Not") || strings.HasSuffix(operator, "IfExists") || operator == "Null" {
			continue
		}
		for key, values := range keys {
			open := slices.ContainsFunc(values, func(v conditionValue) bool { return v == "*" || v == "0.0.0.0/0" || v == "::/0" })
			if restricting(strings.ToLower(key)) && len(values) > 0 && !open {
				return true
			}
		}
	}
	return false
}

func restricting(key string) bool {
	switch key {
	case "aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceorgid",
		"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:userid", "kms:calleraccount":
		return true
	}
	return false
}
