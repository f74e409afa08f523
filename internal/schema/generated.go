package schema

import (
	"strings"
)

// Flows may still map what an earlier connector took, which was generated from
// the OpenAPI description of AWS: parameters of the HTTP request, such as Action,
// Version and X_Amz_Date, and AWS's members below requestBody.

// generatedBody is the member that held AWS's.
const generatedBody = "requestBody"

// isGenerated reports whether a document is of the generated connector's shape.
func (s *shape) isGenerated(document any) bool {
	members, _ := document.(map[string]any)
	unknown := func(name string) bool {
		_, given := members[name]
		return given && s.member(name) == nil
	}
	for name := range members {
		if unknown(name) && strings.HasPrefix(strings.ReplaceAll(name, "_", "-"), "X-Amz-") {
			return true
		}
	}
	return unknown(generatedBody) || unknown("Action") && unknown("Version")
}

// moved is the one thing to say of a document of the generated connector's shape.
func (s *shape) moved() Violation {
	rule := "has the shape of the generated connector: leave out Action, Version, X_Amz_… and " + generatedBody
	if len(s.properties) > 0 {
		rule += ", and map directly into the body what was below " + generatedBody + ": " + s.memberNames()
	}
	return Violation{Path: root, Rule: rule + " (see docs/migrating.md)"}
}
