package awsapi

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"aws-secrets-manager-connector/internal/component"
)

// sentError is a failed attempt together with what of the credentials went over
// the wire with it. AWS repeats parts of a request whose signature it refuses,
// the session token among them.
type sentError struct {
	error
	credentials []component.Secret
}

func (e *sentError) Unwrap() error { return e.error }

// sentCredentials returns what must be masked in the texts of err.
func sentCredentials(err error) []string {
	var sent *sentError
	if !errors.As(err, &sent) {
		return nil
	}
	var revealed []string
	for _, secret := range sent.credentials {
		revealed = append(revealed, secret.Reveal())
	}
	return revealed
}

// rememberCredentials wraps what fails after signing into a *sentError.
func rememberCredentials(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("RememberCredentials",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			middleware.DeserializeOutput, middleware.Metadata, error,
		) {
			out, metadata, err := next.HandleDeserialize(ctx, in)
			if req, ok := in.Request.(*smithyhttp.Request); ok && err != nil {
				err = &sentError{err, credentialsOf(req)}
			}
			return out, metadata, err
		}), middleware.Before)
}

func credentialsOf(req *smithyhttp.Request) []component.Secret {
	var found []component.Secret
	if token := req.Header.Get("X-Amz-Security-Token"); token != "" {
		found = append(found, component.NewSecret(token))
	}
	if _, scope, ok := strings.Cut(req.Header.Get("Authorization"), "Credential="); ok {
		id, _, _ := strings.Cut(scope, "/")
		found = append(found, component.NewSecret(id))
	}
	return found
}
