package emulator

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// stsOperation is an operation of AWS STS. It returns the response's XML.
type stsOperation func(r *request, c call, form url.Values) ([]byte, error)

func (e *Emulator) stsOperations() map[string]stsOperation {
	return map[string]stsOperation{"AssumeRole": e.assumeRole, "GetCallerIdentity": e.getCallerIdentity}
}

// serveSTS serves the Query protocol: a form in, XML out.
func (e *Emulator) serveSTS(r *request) response {
	form, err := url.ParseQuery(string(r.body))
	operation, known := e.stsOperations()[form.Get("Action")]
	if err != nil || r.Method != http.MethodPost || !known {
		return xmlError(r.id, fail("InvalidAction", "There is no such operation: of STS, only AssumeRole and GetCallerIdentity are served."))
	}
	r.operation = form.Get("Action")
	asError := func(err error) response { return xmlError(r.id, err) }
	return e.withFaults(r, asError, func() response {
		c, err := e.authenticate(r, "sts")
		if err != nil {
			return asError(err)
		}
		body, err := operation(r, c, form)
		if err != nil {
			return asError(err)
		}
		return response{status: http.StatusOK, contentType: "text/xml", body: body}
	})
}

type callerIdentityResponse struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	ARN       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

// getCallerIdentity needs no permission, so nothing can deny it.
func (e *Emulator) getCallerIdentity(r *request, c call, _ url.Values) ([]byte, error) {
	return xml.Marshal(callerIdentityResponse{ARN: c.caller, UserID: c.keyID, Account: e.service.account, RequestID: r.id})
}

// assumeRoleResponse travels as XML only; it holds credentials and is never printed.
type assumeRoleResponse struct {
	XMLName      xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleResponse"`
	ID           string   `xml:"AssumeRoleResult>AssumedRoleUser>AssumedRoleId"`
	ARN          string   `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
	AccessKeyID  string   `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
	SecretKey    string   `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
	SessionToken string   `xml:"AssumeRoleResult>Credentials>SessionToken"`
	Expiration   string   `xml:"AssumeRoleResult>Credentials>Expiration"`
	RequestID    string   `xml:"ResponseMetadata>RequestId"`
}

func (e *Emulator) assumeRole(r *request, c call, form url.Values) ([]byte, error) {
	arn, name := form.Get("RoleArn"), form.Get("RoleSessionName")
	if len(name) < 2 || len(name) > 64 || !consistsOf(name, alphanumeric+"_+=,.@-") {
		return nil, fail("ValidationError", "RoleSessionName must have 2 to 64 characters out of letters, digits and _+=,.@-.")
	}
	lifetime, err := duration(form.Get("DurationSeconds"))
	if err != nil {
		return nil, err
	}
	role, ok := e.roles[arn]
	if !ok || (role.ExternalID != "" && role.ExternalID != form.Get("ExternalId")) {
		return nil, fail("AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", c.caller, arn)
	}
	assumed := "arn:aws:sts::" + e.service.account + ":assumed-role/" + arn[strings.LastIndex(arn, "/")+1:] + "/" + name
	id, cred := e.issue(assumed, lifetime, role.Policy)
	return xml.Marshal(assumeRoleResponse{
		ID: "AROA" + id[4:] + ":" + name, ARN: assumed, AccessKeyID: id,
		SecretKey: cred.SecretKey.Reveal(), SessionToken: cred.SessionToken.Reveal(),
		Expiration: cred.Expires.UTC().Format(time.RFC3339), RequestID: r.id,
	})
}

// duration of a session: 15 minutes to 12 hours, one hour when not given.
func duration(seconds string) (time.Duration, error) {
	if seconds == "" {
		return time.Hour, nil
	}
	n, err := strconv.Atoi(seconds)
	if err != nil || n < 900 || n > 43200 {
		return 0, fail("ValidationError", "DurationSeconds must be from 900 to 43200.")
	}
	return time.Duration(n) * time.Second, nil
}

type stsErrorResponse struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// xmlError gives an error the name and the status that it has in STS.
func xmlError(id string, err error) response {
	e := asAPIError(err)
	names := map[string]string{
		"AccessDenied":                        "AccessDenied",
		"UnrecognizedClientException":         "InvalidClientTokenId",
		"InvalidSignatureException":           "SignatureDoesNotMatch",
		"ExpiredTokenException":               "ExpiredToken",
		"MissingAuthenticationTokenException": "MissingAuthenticationToken",
		"IncompleteSignatureException":        "IncompleteSignature",
	}
	status, code, side := e.status, e.code, "Sender"
	switch {
	case names[code] != "":
		status, code = http.StatusForbidden, names[code]
	case code == "ThrottlingException":
		code = "Throttling"
	case status >= http.StatusInternalServerError:
		side = "Receiver"
	}
	body, _ := xml.Marshal(stsErrorResponse{Type: side, Code: code, Message: e.message, RequestID: id}) // strings always encode
	return response{status: status, contentType: "text/xml", body: body, code: code}
}
