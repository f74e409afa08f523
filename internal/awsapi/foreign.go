package awsapi

import (
	"context"
	"errors"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/loopback"
	"aws-secrets-manager-connector/internal/smclient"
)

// A custom endpoint may be any host that the container can reach. So that no
// flow's owner can look around in the operator's network with it, they read one
// text whatever such a host does; the log has the details.

// isForeign reports whether err comes from an endpoint that is not AWS's. A
// loopback address is the operator's own, who has allowed it.
func isForeign(err error) bool {
	var failed *smclient.Error
	return errors.As(err, &failed) && !isAWS(&failed.Endpoint) && !loopback.Is(failed.Endpoint.Hostname())
}

// notAWS is all that is told of a foreign endpoint. It is transient always, or
// else that would tell what happened.
func notAWS() failure {
	return failure{
		name: component.Unavailable, text: "the endpoint does not respond as AWS Secrets Manager does",
		hint: "check endpoint; the log tells more", transient: true,
	}
}

// foreignError is what a foreign endpoint did.
type foreignError struct {
	detail string // as it would be told of AWS; for the log
	err    error
}

func (e *foreignError) Error() string { return e.detail }
func (e *foreignError) Unwrap() error { return e.err }

// Detail returns what the text of an error leaves out, for the log; "" if
// nothing. It holds no secret.
func Detail(err error) string {
	var foreign *foreignError
	if errors.As(err, &foreign) {
		return foreign.detail
	}
	return ""
}

// LogDetail logs what the text of an error leaves out, if anything.
func LogDetail(ctx context.Context, log *slog.Logger, err error) {
	if detail := Detail(err); detail != "" {
		log.WarnContext(ctx, "the custom endpoint does not respond as AWS does", "detail", detail)
	}
}

// isCodeOfAWS reports whether AWS has an error of that code. Its name is then
// told of a foreign endpoint as well, which may be a gateway or an emulator.
func isCodeOfAWS(code string) bool {
	if _, ok := secretsmanager.TypeRegistry.DeserializableError(code); ok {
		return true
	}
	if _, ok := throttleCodes()[code]; ok {
		return true
	}
	switch code {
	case "ValidationException", "ValidationError", "SerializationException", "UnknownOperationException", "InternalFailure",
		"InternalServerError", "ServiceUnavailable", "MalformedPolicyDocument", "PackedPolicyTooLarge", "RegionDisabledException":
		return true
	}
	return hint("", code, "") != ""
}
