package emulator

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"aws-secrets-manager-connector/internal/component"
)

const (
	sigV4  = "AWS4-HMAC-SHA256"
	sigV4a = "AWS4-ECDSA-P256-SHA256"
)

// signed is what an Authorization header says.
type signed struct {
	algorithm string
	keyID     string
	region    string // "" means any
	service   string
	headers   []string
	signature string
}

// session is an assumed role.
type session struct {
	Credential
	arn string
}

// credential returns the credential of a known key and the ARN of its owner.
func (e *Emulator) credential(keyID string) (c Credential, arn string, known bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s, ok := e.sessions[keyID]; ok {
		return s.Credential, s.arn, true
	}
	c, known = e.credentials[keyID]
	return c, "arn:aws:iam::" + e.service.account + ":user/" + cmp.Or(c.User, "emulator"), known
}

// authenticate reads the signature and, for a known key, verifies it. Keys
// that are not known pass only when Options.Credentials is empty.
func (e *Emulator) authenticate(r *request, service string) (call, error) {
	sig, err := parseAuthorization(r.Request)
	if err != nil {
		return call{}, err
	}
	if err := e.checkTime(r, service); err != nil {
		return call{}, err
	}
	if sig.service != service {
		return call{}, fail("InvalidSignatureException", "Credential should be scoped to correct service: '%s'.", service)
	}
	cred, arn, known := e.credential(sig.keyID)
	c := call{
		operation: r.operation, region: cmp.Or(sig.region, e.region), keyID: sig.keyID, caller: arn,
		denies: e.denies, policy: cred.Policy,
	}
	if known {
		return c, cred.verify(r, sig, e.service.now())
	}
	if len(e.credentials) > 0 {
		return call{}, errUnknownKey()
	}
	return c, nil
}

const signingTime = "20060102T150405Z"

// checkTime refuses a signature that is too old, or from the future, in the
// words of AWS. Without the check the header is left to verify.
func (e *Emulator) checkTime(r *request, service string) error {
	if !e.checkSkew {
		return nil
	}
	minutes := 5
	if service == "sts" {
		minutes = 15
	}
	at, err := time.Parse(signingTime, r.Header.Get("X-Amz-Date"))
	if err != nil {
		return errNoDate()
	}
	now, skew := e.service.now().UTC(), time.Duration(minutes)*time.Minute
	switch earliest, latest := now.Add(-skew), now.Add(skew); {
	case at.Before(earliest.Truncate(time.Second)):
		return fail("InvalidSignatureException", "Signature expired: %s is now earlier than %s (%s - %d min.)",
			at.Format(signingTime), earliest.Format(signingTime), now.Format(signingTime), minutes)
	case at.After(latest):
		return fail("InvalidSignatureException", "Signature not yet current: %s is still later than %s (%s + %d min.)",
			at.Format(signingTime), latest.Format(signingTime), now.Format(signingTime), minutes)
	}
	return nil
}

func errUnknownKey() *apiError {
	return fail("UnrecognizedClientException", "The security token included in the request is invalid.")
}

// verify checks that the credential, still valid, made the signature.
func (c Credential) verify(r *request, sig signed, now time.Time) error {
	if sig.algorithm != sigV4 {
		return fail("InvalidSignatureException", "Signatures of the kind %s cannot be verified here, only %s.", sig.algorithm, sigV4)
	}
	token := r.Header.Get("X-Amz-Security-Token")
	if subtle.ConstantTimeCompare([]byte(token), []byte(c.SessionToken.Reveal())) != 1 {
		return errUnknownKey()
	}
	want, err := sign(r, sig, c)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(want), []byte(sig.signature)) != 1 {
		return fail("InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	if !c.Expires.IsZero() && !now.Before(c.Expires) {
		return fail("ExpiredTokenException", "The security token included in the request is expired")
	}
	return nil
}

// sign signs the request once more, over the same headers, with the SDK's own
// signer, and returns the signature.
func sign(r *request, sig signed, cred Credential) (string, error) {
	date, err := time.Parse(signingTime, r.Header.Get("X-Amz-Date"))
	if err != nil {
		return "", errNoDate()
	}
	again := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: http.Header{}}
	for _, name := range sig.headers {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	hash := sha256.Sum256(r.body)
	keys := aws.Credentials{AccessKeyID: sig.keyID, SecretAccessKey: cred.SecretKey.Reveal(), SessionToken: cred.SessionToken.Reveal()}
	err = v4.NewSigner().SignHTTP(context.WithoutCancel(r.Context()), keys, again, hex.EncodeToString(hash[:]), sig.service, sig.region, date)
	if err != nil {
		return "", fmt.Errorf("sign the request again: %w", err)
	}
	resigned, err := parseAuthorization(again)
	return resigned.signature, err
}

// isAccount reports whether s has the twelve digits of an account.
func isAccount(s string) bool { return len(s) == 12 && consistsOf(s, numbers) }

// isRegion reports whether s looks like eu-central-1.
func isRegion(s string) bool {
	words := strings.Split(s, "-")
	last := len(words) - 1
	for _, w := range words[:last] {
		if !consistsOf(w, lowercase) {
			return false
		}
	}
	return last > 0 && consistsOf(words[last], numbers)
}

// parseAuthorization reads the header of SigV4, whose scope names the Region,
// or of SigV4a, where X-Amz-Region-Set does.
func parseAuthorization(r *http.Request) (signed, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return signed{}, fail("MissingAuthenticationTokenException", "Request is missing Authentication Token")
	}
	algorithm, rest, _ := strings.Cut(header, " ")
	parameters := make(map[string]string)
	if algorithm == sigV4 || algorithm == sigV4a {
		for part := range strings.SplitSeq(rest, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			parameters[name] = value
		}
	}
	var missing []string
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if parameters[name] == "" {
			missing = append(missing, "Authorization header requires '"+name+"' parameter.")
		}
	}
	if missing != nil {
		return signed{}, errIncomplete(strings.Join(missing, " "))
	}
	s := signed{algorithm: algorithm, headers: strings.Split(parameters["SignedHeaders"], ";"), signature: parameters["Signature"]}
	return s, s.readScope(strings.Split(parameters["Credential"], "/"), r.Header.Get("X-Amz-Region-Set"))
}

// readScope reads key/date[/region]/service/aws4_request.
func (s *signed) readScope(scope []string, regionSet string) error {
	want := 5
	if s.algorithm == sigV4a {
		want = 4
	}
	if len(scope) != want || scope[0] == "" || scope[want-1] != "aws4_request" {
		return errIncomplete("Credential must have the form keyid/date/region/service/aws4_request, without the region for " + sigV4a + ".")
	}
	s.keyID, s.service = scope[0], scope[want-2]
	s.region = scope[2]
	if s.algorithm == sigV4a {
		s.region, _, _ = strings.Cut(regionSet, ",")
	}
	if s.region == "*" {
		s.region = ""
	}
	if s.region != "" && !isRegion(s.region) {
		return errIncomplete("Credential names no Region.")
	}
	return nil
}

func errNoDate() *apiError {
	return errIncomplete("Authorization header requires existence of a 'X-Amz-Date' header of the form YYYYMMDDTHHMMSSZ.")
}

// errIncomplete does not show the header, as AWS does: it may hold a secret.
func errIncomplete(reason string) *apiError {
	return fail("IncompleteSignatureException", "%s", reason)
}

// issue makes temporary credentials for an assumed role.
func (e *Emulator) issue(arn string, lifetime time.Duration, policy *IdentityPolicy) (string, Credential) {
	draw := e.service.random.text
	keyID := "ASIA" + draw(16, uppercase+numbers)
	c := Credential{
		SecretKey:    component.NewSecret(draw(40, alphanumeric)),
		SessionToken: component.NewSecret(draw(120, alphanumeric)),
		Expires:      e.service.now().Add(lifetime),
		Policy:       policy,
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sessions[keyID] = session{c, arn}
	return keyID, c
}
