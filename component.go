// Package connector carries component.json, so that the binary knows what it is
// without any file beside it.
package connector

import _ "embed" // for Descriptor

// Descriptor is component.json: what the platform and its flow designer know of
// the component.
//
//go:embed component.json
var Descriptor []byte
