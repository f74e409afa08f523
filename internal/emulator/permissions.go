package emulator

import "strings"

// denial takes an action from an access key.
type denial struct{ keyID, action string }

// Deny makes the given operations ("GetSecretValue" or
// "secretsmanager:GetSecretValue"; "*" for all) fail with
// AccessDeniedException for the access key, or for everyone when it is empty.
// All that is not denied is allowed.
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

// authorize returns AccessDeniedException when the caller is denied the
// action. The resource is as the request names it, "" for none.
func (c call) authorize(action, resource string) error {
	if c.denies != nil && c.denies(c.keyID, action) {
		return c.denied(action, resource, "identity-based")
	}
	return nil
}

func (c call) denied(action, resource, policy string) *apiError {
	action = "secretsmanager:" + action
	on := ""
	if resource != "" {
		on = " on resource: " + resource
	}
	return fail("AccessDeniedException", "User: %s is not authorized to perform: %s%s because no %s policy allows the %s action", c.caller, action, on, policy, action)
}
