package component

import (
	"errors"
	"fmt"
	"runtime"
)

// Names of the errors that are ours; all others are the AWS error codes.
const (
	InvalidInput       = "InvalidInput"       // the message breaks the function's schema
	InvalidOutput      = "InvalidOutput"      // the answer breaks the function's schema
	InvalidCredentials = "InvalidCredentials" // keys, role or token are refused
	InvalidConfig      = "InvalidConfig"      // a field of the step or of the credentials is wrong
	Conflict           = "Conflict"           // the secret is not in the state that the function needs
	Unavailable        = "Unavailable"        // AWS throttles, fails or cannot be reached
	InternalError      = "InternalError"      // a fault of ours
	Unroutable         = "Unroutable"         // no queue takes the emitted message
)

// ErrStopping, returned by a Handler, gives a message up because the process is
// to end. Another container gets it.
var ErrStopping = errors.New("the step is stopping")

// Error is a failure as a flow's owner sees it. Its text never holds a secret.
type Error struct {
	Name    string // AWS error code, or one of the names above
	Message string // complete and safe to show
	Err     error  // the cause, for errors.Is and errors.As; never shown
}

// Errorf returns an Error without a cause.
func Errorf(name, format string, args ...any) *Error {
	return &Error{Name: name, Message: fmt.Sprintf(format, args...)}
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Rebound, returned by a Handler, asks the platform to bring the message back
// later. When the platform's limit is reached, an error is emitted instead.
type Rebound struct {
	Reason string // safe to show
	Err    error  // the error that is emitted where nobody can wait; may be nil
}

// Error returns the reason.
func (r *Rebound) Error() string { return r.Reason }

// Unwrap returns the cause.
func (r *Rebound) Unwrap() error { return r.Err }

// PanicText tells a panic by its type, for its value may hold anything, unless
// it is the Go runtime's own text.
func PanicText(value any) string {
	if err, ok := value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("panic of type %T", value)
}
