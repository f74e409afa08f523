package sailor

import (
	"cmp"
	"errors"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// The reference sailor's words, and its name for errors that have none.
var (
	//lint:ignore ST1005 the platform's text
	errReboundLimit = errors.New("Rebound limit exceeded")
	errNobodyWaits  = errors.New("an HTTP reply was emitted, but the message has no reply_to: nobody waits")
)

const (
	unnamed = "Error"
	noStack = "Not Available"
)

// describe turns an error into what is emitted of it.
func describe(err error) envelope.Failure {
	var known *component.Error
	if errors.As(err, &known) {
		return envelope.Failure{Name: cmp.Or(known.Name, unnamed), Message: err.Error(), Stack: noStack}
	}
	return envelope.Failure{Name: unnamed, Message: err.Error(), Stack: noStack}
}
