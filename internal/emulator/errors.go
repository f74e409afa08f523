package emulator

import (
	"errors"
	"fmt"
	"net/http"
)

// apiError is an error of the service, as it goes over the wire.
type apiError struct {
	code    string
	status  int
	message string // never holds a secret value
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func fail(code, format string, args ...any) *apiError {
	return &apiError{code: code, status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

func invalidParameter(format string, args ...any) *apiError {
	return fail("InvalidParameterException", format, args...)
}

func invalidRequest(format string, args ...any) *apiError {
	return fail("InvalidRequestException", format, args...)
}

func notFound(format string, args ...any) *apiError {
	return fail("ResourceNotFoundException", format, args...)
}

func exists(format string, args ...any) *apiError {
	return fail("ResourceExistsException", format, args...)
}

func limitExceeded(format string, args ...any) *apiError {
	return fail("LimitExceededException", format, args...)
}

func internal(format string, args ...any) *apiError {
	return &apiError{code: "InternalServiceError", status: http.StatusInternalServerError, message: fmt.Sprintf(format, args...)}
}

func errInvalidName() *apiError {
	return fail("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
}

func errNoSecret() *apiError {
	return notFound("Secrets Manager can't find the specified secret.")
}

func errDeleted() *apiError {
	return invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
}

func errReplica() *apiError {
	return invalidParameter("Operation not permitted on a replica secret. Call must be made in primary secret's region.")
}

func errTokenUsed(token, arn string) *apiError {
	return exists("You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", token, arn)
}

func isCode(err error, code string) bool {
	var e *apiError
	return errors.As(err, &e) && e.code == code
}

// asAPIError turns a failure that is none of the service's own into a 500.
func asAPIError(err error) *apiError {
	var e *apiError
	if errors.As(err, &e) {
		return e
	}
	return internal("An error occurred on the server side: %v", err)
}
