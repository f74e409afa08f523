package emulator

import (
	"fmt"
	"slices"
	"strings"
)

// denial takes an action from an access key.
type denial struct{ keyID, action string }

// Deny makes the given operations ("GetSecretValue" or
// "secretsmanager:GetSecretValue"; "*" for all) fail with
// AccessDeniedException for the access key, or for everyone when it is empty,
// whatever its policy says.
func (e *Emulator) Deny(accessKeyID string, actions ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range actions {
		e.denials[denial{accessKeyID, strings.TrimPrefix(a, "secretsmanager:")}] = true
	}
}

func (e *Emulator) denies(keyID, action string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range []string{keyID, ""} {
		if e.denials[denial{id, action}] || e.denials[denial{id, "*"}] {
			return true
		}
	}
	return false
}

// permit asks whether the caller may do the operation at all.
func (s *service) permit(c call, id string) error {
	if c.policy != nil { // it is held against the secret
		s.lock()
		defer s.unlock()
	}
	return s.authorize(c, c.operation, id)
}

// authorize returns AccessDeniedException when the caller may not do the action
// with the secret of that name or ARN, "" for an action without resource.
func (s *service) authorize(c call, action, id string) error {
	if c.denies != nil && c.denies(c.keyID, action) {
		return c.refused("secretsmanager:"+action, id, "identity-based")
	}
	if c.policy == nil {
		return nil
	}
	a := access{action: "secretsmanager:" + action, resource: "*", context: s.requestContext(c)}
	if id != "" {
		a.resource = s.resourceARN(c, id)
		a.context["secretsmanager:secretid"] = []string{a.resource}
		if sec, err := s.lookUp(c, id); err == nil {
			sec.addContext(a.context)
		}
	}
	return c.judge(a, id)
}

// mayInvoke asks for the function of a rotation, "" for none.
func (s *service) mayInvoke(c call, function string) error {
	if c.policy == nil || function == "" {
		return nil
	}
	return c.judge(access{"lambda:InvokeFunction", function, s.requestContext(c)}, function)
}

// judge asks the caller's policy. shown is the resource as the error names it.
func (c call) judge(a access, shown string) error {
	switch c.policy.decide(a) {
	case allowed:
		return nil
	case denied:
		return c.unauthorized(a.action, shown, "with an explicit deny in an identity-based policy")
	}
	return c.refused(a.action, shown, "identity-based")
}

// refused: no policy of that kind allows the action.
func (c call) refused(action, resource, kind string) *apiError {
	return c.unauthorized(action, resource, "because no "+kind+" policy allows the "+action+" action")
}

func (c call) unauthorized(action, resource, reason string) *apiError {
	on := ""
	if resource != "" {
		on = " on resource: " + resource
	}
	return fail("AccessDeniedException", "User: %s is not authorized to perform: %s%s %s", c.caller, action, on, reason)
}

// resourceARN is what policies call a secret: its whole ARN, although the request
// names it otherwise. A secret that is about to be made has one, too; one that
// does not exist has no random characters, so that no policy for it fits.
func (s *service) resourceARN(c call, id string) string {
	sec, err := s.lookUp(c, id)
	switch {
	case err == nil:
		return sec.arn
	case strings.HasPrefix(id, "arn:"):
		return id
	case c.operation == "CreateSecret":
		return partialARN(c.region, s.account, id) + "-" + strings.Repeat("0", randomLength)
	}
	return partialARN(c.region, s.account, id)
}

// contextMembers are the members of requests that condition keys are named after.
func contextMembers() []string {
	return []string{
		"BlockPublicPolicy", "Description", "ForceDeleteWithoutRecovery", "ForceOverwriteReplicaSecret", "KmsKeyId", "Name",
		"RecoveryWindowInDays", "RotateImmediately", "RotationLambdaARN", "Type", "VersionId", "VersionStage",
	}
}

// requestContext are the condition keys that depend on the caller and the request.
func (s *service) requestContext(c call) map[string][]string {
	context := map[string][]string{
		"aws:principalarn":     {c.caller},
		"aws:principalaccount": {s.account},
		"aws:requestedregion":  {c.region},
	}
	for name, value := range c.members {
		if slices.Contains(contextMembers(), name) {
			context["secretsmanager:"+strings.ToLower(name)] = []string{fmt.Sprint(value)}
		}
	}
	if regions := entries(c.members["AddReplicaRegions"], "Region"); regions != nil {
		context["secretsmanager:addreplicaregions"] = regions
	}
	keys, values := entries(c.members["Tags"], "Key"), entries(c.members["Tags"], "Value")
	for i, key := range keys {
		context["aws:requesttag/"+strings.ToLower(key)] = []string{values[i]}
	}
	if untagged, ok := c.members["TagKeys"].([]any); ok {
		for _, key := range untagged {
			keys = append(keys, fmt.Sprint(key))
		}
	}
	context["aws:tagkeys"] = keys
	return context
}

// entries are the members of that name in a list of objects, "" where one has none.
func entries(list any, member string) (found []string) {
	objects, _ := list.([]any)
	for _, o := range objects {
		object, _ := o.(map[string]any)
		text, _ := object[member].(string)
		found = append(found, text)
	}
	return found
}

// addContext adds the condition keys that depend on the secret.
func (s *secret) addContext(context map[string][]string) {
	for _, t := range s.tags {
		for _, prefix := range []string{"aws:resourcetag/", "secretsmanager:resourcetag/"} {
			context[prefix+strings.ToLower(t.Key)] = []string{t.Value}
		}
	}
	if region := s.primaryRegion(); region != "" {
		context["secretsmanager:secretprimaryregion"] = []string{region}
	}
	if s.rotation.lambda != "" {
		context["secretsmanager:resource/allowrotationlambdaarn"] = []string{s.rotation.lambda}
	}
}
