package awsapi

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/httpfault"
)

// Wrap turns what the operation op failed with into the error that the flow's
// owner sees. in is the operation's input, which the text names the secret of
// and repeats no sensitive value from. The result is
//
//   - err itself, when it is a *component.Error already,
//   - an error that wraps context.Canceled, when the process is stopping,
//   - a *component.Rebound, when trying again later may help: throttling, 5xx,
//     network faults and time-outs that outlasted the SDK's attempts,
//   - a *component.Error in all other cases.
func Wrap(op string, in smithy.Serializable, err error) error {
	var done *component.Error
	if errors.As(err, &done) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s was stopped: %w", op, context.Canceled)
	}
	request := inspect(in)
	secrets, foreign := append(request.sensitive, sentCredentials(err)...), isForeign(err)
	f := classify(op, err, secrets, foreign)
	if foreign {
		err = &foreignError{classify(op, err, secrets, false).message(op, "", ""), err}
	}
	if f.name == "ResourceNotFoundException" {
		f.hint = cmp.Or(regionHint(request.secretID, sentRegion(err)), f.hint)
	}
	if at, _ := secretRegion(request.secretID); at != "" && f.hint == noSuchHost {
		f.hint = "check the region in the ARN, which is " + at + ", and endpoint"
	}
	f.hint = cmp.Or(f.hint, spaceHint(f.name, request.secretID))
	e := &component.Error{Name: f.name, Message: f.message(op, request.secretID, sentRegion(err)), Err: err}
	if f.transient {
		return &component.Rebound{Reason: e.Message, Err: e}
	}
	return e
}

// EntryError is the error of a single secret in a response of BatchGetSecretValue.
func EntryError(op string, entry types.APIErrorType) *component.Error {
	text := ""
	if entry.Message != nil {
		text = *entry.Message
	}
	code, id := "", ""
	if entry.ErrorCode != nil {
		code = *entry.ErrorCode
	}
	if entry.SecretId != nil {
		id = *entry.SecretId
	}
	f := said(op, code, text, nil)
	f.hint = cmp.Or(f.hint, spaceHint(f.name, id))
	return &component.Error{Name: f.name, Message: f.message(op, id, "")}
}

// failure is an error in the words that the owner sees.
type failure struct {
	name      string
	text      string // what happened
	hint      string // what to do about it
	requestID string
	transient bool
}

// message tells of the failure. region is where the call went, "" if that is not
// known.
func (f failure) message(op, secretID, region string) string {
	var b strings.Builder
	b.WriteString(op)
	if secretID != "" {
		fmt.Fprintf(&b, " of %q", short(secretID, longestID))
	}
	b.WriteString(" failed: " + strings.TrimRight(f.text, ". "))
	if f.hint != "" {
		b.WriteString("; " + f.hint)
	}
	if f.requestID != "" {
		b.WriteString(" (request id " + f.requestID + ")")
	}
	if isAccessError(f.name) {
		b.WriteString(missingStatement(op, f.text, secretID, region))
	}
	return b.String()
}

// classify finds the words for err. Those for what a foreign endpoint did tell
// AWS's error codes at most.
func classify(op string, err error, secrets []string, foreign bool) failure {
	var credentials *credentialsError
	if errors.As(err, &credentials) {
		return classifyCredentials(credentials, secrets, foreign)
	}
	var apiErr smithy.APIError
	var response *awshttp.ResponseError
	if errors.As(err, &apiErr) || errors.As(err, &response) && response.HTTPStatusCode() >= 300 {
		return classifyResponse(op, err, secrets, foreign)
	}
	if foreign {
		return notAWS()
	}
	return classifyTransport(err, secrets)
}

// classifyCredentials handles the step before the operation: the credentials
// could not be had at all. Only STS and the container's host can fail so.
func classifyCredentials(err *credentialsError, secrets []string, foreign bool) failure {
	f := classify("AssumeRole", err.err, secrets, foreign)
	f.text = err.failure + ": " + f.text
	if !f.transient && f.name != component.InvalidConfig {
		f.name = component.InvalidCredentials
	}
	return f
}

// classifyResponse handles a response that is not the operation's output.
func classifyResponse(op string, err error, secrets []string, foreign bool) failure {
	code, text := "", ""
	var apiErr smithy.APIError
	if errors.As(err, &apiErr) {
		code, text = apiErr.ErrorCode(), apiErr.ErrorMessage()
	}
	status, requestID := 0, ""
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		status, requestID = response.HTTPStatusCode(), shownID(response.ServiceRequestID(), secrets)
	}
	_, throttled := throttleCodes()[code]
	transient := throttled || status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
	switch {
	case foreign && (requestID == "" || !isCodeOfAWS(code)):
		return notAWS()
	case foreign:
		return failure{name: code, text: code, hint: hint(op, code, ""), transient: transient}
	case status >= 300 && status < 400:
		return failure{name: component.InvalidConfig, text: fmt.Sprintf("the endpoint responded with a redirect (HTTP status %d), "+
			"which is not followed", status), hint: "enter the address it leads to as endpoint"}
	}
	f := said(op, code, text, secrets)
	if f.name == component.Unavailable {
		f.text = fmt.Sprintf("HTTP status %d without an AWS error", status)
	}
	f.requestID, f.transient = requestID, transient
	return f
}

// said is an error in AWS's own words.
func said(op, code, text string, secrets []string) failure {
	if !isCodeOfAWS(code) && (len(code) > longestCode || !errorCode.MatchString(code) || code == "UnknownError" || repeats(code, secrets)) {
		// Not from AWS, but from a proxy or the like on the way.
		return failure{name: component.Unavailable, text: firstLine(text, secrets)}
	}
	text = firstLine(text, secrets)
	f := failure{name: code, text: code, hint: hint(op, code, text)}
	if text != "" {
		f.text = code + ": " + text
	}
	return f
}

// Lengths in bytes. In the patterns they would take 100 KB of every container.
const (
	longestCode      = 100
	longestRequestID = 64
)

var (
	errorCode = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.]*$`)
	anyID     = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
)

// shownID returns an id of a request, or nothing if that is none of AWS's.
func shownID(id string, secrets []string) string {
	long := slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return len(s) < scrubWindow }) // others occur in any id
	if len(id) > longestRequestID || !anyID.MatchString(id) || repeats(id, long) {
		return ""
	}
	return id
}

// noSuchHost is the hint where the name of AWS's host is unknown.
const noSuchHost = "check region and endpoint"

// classifyTransport handles a missing or unreadable response.
func classifyTransport(err error, secrets []string) failure {
	if errors.Is(err, context.DeadlineExceeded) {
		return failure{name: component.Unavailable, text: "there was no response in time", transient: true}
	}
	text := firstLine(httpfault.Cause(err).Error(), secrets)
	f := failure{name: component.Unavailable, text: cmp.Or(text, "there was no response that can be used")}

	var (
		dns       *net.DNSError
		untrusted *tls.CertificateVerificationError
		plain     tls.RecordHeaderError
		garbled   *smithy.DeserializationError
		network   net.Error
		tooLong   tooLongError
	)
	switch {
	case errors.As(err, &tooLong):
		f.name, f.text, f.hint = component.InvalidOutput, tooLong.Error(), "check endpoint"
	case errors.As(err, &dns) && dns.IsNotFound:
		f.name, f.hint = component.InvalidConfig, noSuchHost
	case errors.As(err, &untrusted), errors.As(err, &plain), errors.Is(err, http.ErrSchemeMismatch):
		f.name, f.hint = component.InvalidConfig, "check endpoint: its TLS certificate must be trusted and match its name"
	case errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		f.transient = true
	case errors.As(err, &garbled):
		f.name, f.text = component.InvalidOutput, "the response is not what AWS Secrets Manager sends"
		f.hint = "check endpoint"
	}
	return f
}
