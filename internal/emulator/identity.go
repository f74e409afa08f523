package emulator

import (
	"strings"
	"sync"
)

// caller is who signed a request, and what it does.
type caller struct {
	keyID  string
	arn    string
	action string // the operation
	rules  *denials
}

// authorize returns AccessDeniedException when the caller is denied the
// action. The resource is as the request names it, "" for none.
func (c caller) authorize(action, resource string) error {
	if c.rules.denies(c.keyID, action) {
		return c.denied("secretsmanager:"+action, resource, "identity-based")
	}
	return nil
}

func (c caller) denied(action, resource, policy string) *apiError {
	on := ""
	if resource != "" {
		on = " on resource: " + resource
	}
	return fail("AccessDeniedException", "User: %s is not authorized to perform: %s%s because no %s policy allows the %s action", c.arn, action, on, policy, action)
}

// denials stand in for IAM: all is allowed but what is denied.
type denials struct {
	mu  sync.Mutex
	set map[[2]string]bool // key id, action
}

func (d *denials) add(keyID string, actions []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.set == nil {
		d.set = make(map[[2]string]bool)
	}
	for _, a := range actions {
		d.set[[2]string{keyID, strings.TrimPrefix(a, "secretsmanager:")}] = true
	}
}

func (d *denials) denies(keyID, action string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, key := range []string{keyID, ""} {
		if d.set[[2]string{key, action}] || d.set[[2]string{key, "*"}] {
			return true
		}
	}
	return false
}

func (d *denials) reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.set = nil
}
