// Package apimodel is AWS's own model of the Secrets Manager API: the members
// of each request and response, with their limits. What came in November 2026 is not
// from a model: the members are the SDK's, whose schemas name their types, the limits
// those that these types have elsewhere, the errors those of operations alike.
package apimodel

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed secretsmanager.json
var document []byte

// Operation is one operation of the API.
type Operation struct {
	Input  *Shape
	Output *Shape   // nil when the response has no content
	Errors []string // the codes of its exceptions
}

// Shape is what the model says of one member of a request or response.
type Shape struct {
	// Type is structure, list, map, string, blob, integer, long, boolean or timestamp.
	Type             string
	Required         bool
	Sensitive        bool
	IdempotencyToken bool
	// Min and Max limit characters, bytes or elements, or the number itself;
	// 0 means no limit.
	Min, Max int
	Pattern  string // a regular expression for the whole string
	Enum     []string

	Members    map[string]*Shape // of a structure
	Member     *Shape            // of a list
	Key, Value *Shape            // of a map
}

// Operations returns the operations of the API by name.
func Operations() (map[string]Operation, error) {
	var api struct{ Operations map[string]Operation }
	if err := json.Unmarshal(document, &api); err != nil {
		return nil, fmt.Errorf("read the API model: %w", err)
	}
	return api.Operations, nil
}
