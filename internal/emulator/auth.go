package emulator

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"aws-secrets-manager-connector/internal/component"
)

const (
	sigV4  = "AWS4-HMAC-SHA256"
	sigV4a = "AWS4-ECDSA-P256-SHA256"
	// defaultRegion is for a scope that names none.
	defaultRegion = "us-east-1"
)

// signed is what an Authorization header says.
type signed struct {
	algorithm string
	keyID     string
	region    string
	service   string
	headers   []string
	signature string
}

// identity is who signed, and for which Region.
type identity struct {
	keyID  string
	arn    string
	region string
}

// keyring knows access keys, those of assumed roles included.
type keyring struct {
	account string
	now     func() time.Time
	known   map[string]Credential
	roles   map[string]Role
	random  random

	mu       sync.Mutex
	sessions map[string]session
}

// session is an assumed role.
type session struct {
	Credential
	arn string
}

func (k *keyring) reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sessions = nil
}

func (k *keyring) add(keyID string, s session) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sessions == nil {
		k.sessions = make(map[string]session)
	}
	k.sessions[keyID] = s
}

// lookup returns the credential of a known key and the ARN of its owner.
func (k *keyring) lookup(keyID string) (Credential, string, bool) {
	k.mu.Lock()
	s, ok := k.sessions[keyID]
	k.mu.Unlock()
	if ok {
		return s.Credential, s.arn, true
	}
	c, ok := k.known[keyID]
	return c, "arn:aws:iam::" + k.account + ":user/emulator", ok
}

// authenticate reads the signature and, for a known key, verifies it. Keys
// that are not known pass only when Options.Credentials is empty. The age of a
// signature is not judged, for the clock is injected.
func (k *keyring) authenticate(r *request, service string) (identity, error) {
	sig, err := parseAuthorization(r.Request)
	if err != nil {
		return identity{}, err
	}
	if sig.service != service {
		return identity{}, fail("InvalidSignatureException", "Credential should be scoped to correct service: '%s'.", service)
	}
	cred, arn, known := k.lookup(sig.keyID)
	who := identity{sig.keyID, arn, sig.region}
	if !known {
		if len(k.known) > 0 {
			return identity{}, errUnknownKey()
		}
		return who, nil
	}
	return who, k.verify(r, sig, cred)
}

func errUnknownKey() *apiError {
	return fail("UnrecognizedClientException", "The security token included in the request is invalid.")
}

func (k *keyring) verify(r *request, sig signed, cred Credential) error {
	if sig.algorithm != sigV4 {
		return fail("InvalidSignatureException", "Signatures of the kind %s cannot be verified here, only %s.", sig.algorithm, sigV4)
	}
	token := r.Header.Get("X-Amz-Security-Token")
	if subtle.ConstantTimeCompare([]byte(token), []byte(cred.SessionToken.Reveal())) != 1 {
		return errUnknownKey()
	}
	want, err := sign(r, sig, cred)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(want), []byte(sig.signature)) != 1 {
		return fail("InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	if !cred.Expires.IsZero() && !k.now().Before(cred.Expires) {
		return fail("ExpiredTokenException", "The security token included in the request is expired")
	}
	return nil
}

// sign signs the request once more, over the same headers, with the SDK's own
// signer, and returns the signature.
func sign(r *request, sig signed, cred Credential) (string, error) {
	date, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return "", errIncomplete("the header X-Amz-Date must have the form YYYYMMDDTHHMMSSZ")
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
	err = v4.NewSigner().SignHTTP(context.WithoutCancel(r.Context()), credentialsOf(sig.keyID, cred),
		again, hex.EncodeToString(hash[:]), sig.service, sig.region, date)
	if err != nil {
		return "", fmt.Errorf("sign the request again: %w", err)
	}
	resigned, err := parseAuthorization(again)
	return resigned.signature, err
}

func credentialsOf(keyID string, c Credential) aws.Credentials {
	return aws.Credentials{AccessKeyID: keyID, SecretAccessKey: c.SecretKey.Reveal(), SessionToken: c.SessionToken.Reveal()}
}

var validRegion = regexp.MustCompile(`^([a-z]+-)+[0-9]+$`)

// parseAuthorization reads the header of SigV4, whose scope names the Region,
// or of SigV4a, where X-Amz-Region-Set does.
func parseAuthorization(r *http.Request) (signed, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return signed{}, fail("MissingAuthenticationTokenException", "Request is missing Authentication Token")
	}
	algorithm, rest, _ := strings.Cut(header, " ")
	if algorithm != sigV4 && algorithm != sigV4a {
		return signed{}, errIncomplete("the Authorization header must begin with " + sigV4 + " or " + sigV4a)
	}
	s := signed{algorithm: algorithm}
	var scope []string
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			scope = strings.Split(value, "/")
		case "SignedHeaders":
			s.headers = strings.Split(value, ";")
		case "Signature":
			s.signature = value
		}
	}
	if len(s.headers) == 0 || s.signature == "" {
		return signed{}, errIncomplete("the Authorization header must have Credential, SignedHeaders and Signature")
	}
	return s, s.readScope(scope, r.Header.Get("X-Amz-Region-Set"))
}

// readScope reads key/date[/region]/service/aws4_request.
func (s *signed) readScope(scope []string, regionSet string) error {
	want := 5
	if s.algorithm == sigV4a {
		want = 4
	}
	if len(scope) != want || scope[0] == "" || scope[want-1] != "aws4_request" {
		return errIncomplete("the Credential must have the form key/date/region/service/aws4_request, without the region for SigV4a")
	}
	s.keyID, s.service = scope[0], scope[want-2]
	s.region = scope[2]
	if s.algorithm == sigV4a {
		s.region, _, _ = strings.Cut(regionSet, ",")
	}
	if s.region == "" || s.region == "*" {
		s.region = defaultRegion
	}
	if !validRegion.MatchString(s.region) {
		return errIncomplete("the Credential names no Region")
	}
	return nil
}

func errIncomplete(reason string) *apiError {
	return fail("IncompleteSignatureException", "The signature is incomplete: %s.", reason)
}

// issue makes temporary credentials for an assumed role.
func (k *keyring) issue(arn string, lifetime time.Duration) (string, Credential) {
	keyID := "ASIA" + k.random.text(16, uppercase+numbers)
	c := Credential{
		SecretKey:    component.NewSecret(k.random.text(40, lowercase+uppercase+numbers)),
		SessionToken: component.NewSecret(k.random.text(120, lowercase+uppercase+numbers)),
		Expires:      k.now().Add(lifetime),
	}
	k.add(keyID, session{c, arn})
	return keyID, c
}
