package iampolicy

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// Policy is an IAM policy. Its JSON is what IAM takes.
type Policy struct {
	Version   string
	Statement []Statement
}

// Statement allows actions on a resource.
type Statement struct {
	Sid       string `json:",omitempty"` // tells for what it is needed, "" is always
	Effect    string
	Action    texts
	Resource  string
	Condition map[string]map[string]texts `json:",omitempty"`
}

// texts is written as a list only where there are several.
type texts []string

// MarshalJSON implements json.Marshaler.
func (t texts) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// Policy allows all that is needed for the secret. What is only needed in some
// cases stands in statements with a Sid, for each case its own.
func (n Needs) Policy(secret Secret) Policy {
	p := Policy{Version: "2012-10-17"}
	for _, need := range n {
		s := need.statement(secret)
		same := func(other Statement) bool { return other.Sid == s.Sid && other.Resource == s.Resource }
		if i := slices.IndexFunc(p.Statement, same); i >= 0 {
			p.Statement[i].Action = append(p.Statement[i].Action, need.Action)
			continue
		}
		p.Statement = append(p.Statement, s)
	}
	return p
}

// Allow is the statement that allows one action, whatever needs it.
func Allow(action string, secret Secret) Statement {
	return Need{Action: action}.statement(secret)
}

// AllowKey is the statement that a function needs for a customer-managed key; false
// when it uses none.
func AllowKey(function string, secret Secret) (Statement, bool) {
	for _, s := range functions()[function].Policy(secret).Statement {
		if s.Sid == sid(withKey) {
			s.Sid = ""
			return s, true
		}
	}
	return Statement{}, false
}

func (n Need) statement(secret Secret) Statement {
	s := Statement{Sid: sid(n.When), Effect: "Allow", Action: texts{n.Action}}
	if n.When == onReplica || n.When == forReplicaKey {
		secret.Account, secret.Name = "REPLICA-ACCOUNT", "REPLICA-NAME"
	}
	switch service, _, _ := strings.Cut(n.Action, ":"); {
	case service == "kms" && n.When == withReplicaKey:
		secret.Region = "*"
		fallthrough
	case service == "kms":
		s.Resource, s.Condition = secret.arn("kms", "key/*"), secret.throughSecretsManager()
	case service == "lambda":
		s.Resource = secret.arn("lambda", "function:ROTATION-FUNCTION")
	case service == "iam": // which has no regions
		s.Resource = "arn:" + cmp.Or(secret.Partition, "aws") + ":iam::" + cmp.Or(secret.Account, "ACCOUNT") + ":role/REPLICATION-ROLE"
	case slices.Contains(unscoped(), n.Action):
		s.Resource = "*"
	default:
		s.Resource = secret.ARN()
	}
	return s
}

// unscoped are the actions that IAM allows for all secrets or for none.
func unscoped() []string {
	return []string{"secretsmanager:BatchGetSecretValue", "secretsmanager:GetRandomPassword", "secretsmanager:ListSecrets"}
}

// sid makes "WithCustomerManagedKey" of "with a customer-managed key", for a
// Sid has letters and digits only.
func sid(when string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(when, func(r rune) bool { return r == ' ' || r == '-' }) {
		if word != "a" && word != "the" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// String is the statement in one line.
func (s Statement) String() string { return string(encode(s)) }

// Indented is the policy in lines, ready to be pasted.
func (p Policy) Indented() string {
	var b bytes.Buffer
	_ = json.Indent(&b, encode(p), "", "  ") // it is JSON
	return b.String()
}

func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // it is made of texts
	}
	return text
}
