// Package schemas holds the JSON schemas of all functions: what a message's
// body must look like on its way in (<Function>.in.json) and out
// (<Function>.out.json). They are written by hand in the platform's dialect.
//
// Limits, patterns and enums are the API's; a test compares them with the API's
// model, member by member. These conventions are ours:
//
//   - Patterns always match the whole text. The model leaves the anchors out in
//     places ([0-9]+h), but the service applies them to the whole value.
//   - A binary is base64 text; its limits count decoded bytes (x-minBytes,
//     x-maxBytes). Limits of text count characters.
//   - A minimum of 0 is left out.
//   - The three listing functions can emit pages or single elements, so their
//     out schemas have the members of both, none of them required.
package schemas

import (
	"embed"
	"fmt"

	"aws-secrets-manager-connector/internal/schema"
)

// FS holds the schema files, by base name.
//
//go:embed *.json
var FS embed.FS

// Load compiles both schemas of a function.
func Load(function string) (in, out *schema.Schema, err error) {
	if in, err = compile(function + ".in.json"); err != nil {
		return nil, nil, err
	}
	if out, err = compile(function + ".out.json"); err != nil {
		return nil, nil, err
	}
	return in, out, nil
}

func compile(name string) (*schema.Schema, error) {
	document, err := FS.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	return schema.Compile(name, document)
}
