package awsapi

import (
	"regexp"
	"strings"

	"aws-secrets-manager-connector/internal/iampolicy"
)

func isAccessError(code string) bool {
	return code == "AccessDeniedException" || code == "AccessDenied"
}

// unauthorized finds the IAM action and the resource in AWS's "… is not authorized
// to perform: secretsmanager:GetSecretValue on resource: …".
var unauthorized = regexp.MustCompile(`not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)(?: on resource: (\S+))?`)

// missing returns the action that AWS refused, and on what, "" where the text does
// not tell that. Access to a KMS key is refused without the name of an action.
func missing(op, text string) (action, resource string) {
	if found := unauthorized.FindStringSubmatch(text); found != nil {
		return found[1], found[2]
	}
	if strings.Contains(text, "KMS") {
		return "", ""
	}
	return "secretsmanager:" + op, ""
}

func accessHint(op, text string) string {
	if op == "AssumeRole" {
		return "allow sts:AssumeRole to these keys, and name them, with the same externalId, in the role's trust policy"
	}
	action, resource := missing(op, text)
	switch {
	case action == "":
		return "the IAM permission to use the KMS key of the secret is missing"
	case strings.Contains(text, explicitDeny):
		return "a policy denies " + action + " explicitly, which no permission outweighs"
	case strings.Contains(text, otherAccount):
		return "the resource policy of the secret must allow " + action + " to these keys, besides their IAM policy"
	}
	hint := "the IAM permission " + action + " is missing"
	if resource != "" && op != "CreateSecret" && strings.HasPrefix(action, "secretsmanager:") {
		hint += ", or there is no such secret" // no policy for a secret fits one without its random characters
	}
	return hint
}

const (
	explicitDeny = "explicit deny"
	otherAccount = "no resource-based policy allows"
)

// missingStatement is the end of an access error's text: what to add to the IAM
// policy, or nothing where that would not help.
func missingStatement(op, text, secretID, region string) string {
	action, resource := missing(op, text)
	service, _, _ := strings.Cut(action, ":")
	secret := secretOf(secretID, resource, region, text)
	statement, known := iampolicy.Allow(action, secret), true
	switch {
	case strings.Contains(text, explicitDeny), strings.Contains(text, otherAccount):
		return ""
	case action == "":
		statement, known = iampolicy.AllowKey(op, secret)
	case service == "secretsmanager":
	case strings.HasPrefix(resource, "arn:"):
		statement.Resource = resource
	default:
		known = service == "kms" || service == "lambda"
	}
	if !known {
		return ""
	}
	return "; allow " + statement.String()
}

var (
	callerARN  = regexp.MustCompile(`arn:(aws[a-z-]*):(?:iam|sts)::(\d{12}):`)
	secretName = regexp.MustCompile(`^[\w/+=.@-]+$`)
)

// secretOf tells as much of the secret as is known: a name is one of a secret in the
// caller's account, which AWS's text names.
func secretOf(id, resource, region, text string) iampolicy.Secret {
	if len(id) > longestID {
		id = ""
	}
	for _, arn := range []string{resource, id} {
		if secret, err := iampolicy.ParseSecret(arn); err == nil {
			return secret
		}
	}
	secret := iampolicy.Secret{Region: region}
	if secretName.MatchString(id) {
		secret.Name = id
	}
	if found := callerARN.FindStringSubmatch(text); found != nil {
		secret.Partition, secret.Account = found[1], found[2]
	}
	return secret
}
