package awsapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/encoding/httpbinding"

	"aws-secrets-manager-connector/internal/component"
)

const (
	signingName      = "secretsmanager"
	signingAlgorithm = "AWS4-HMAC-SHA256"
	signingTime      = "20060102T150405Z"
)

// signer makes AWS's signature version 4 for the requests of a caller, which
// all have the same headers and the same path. The SDK's signer finds these out
// for each request anew; a test signs with both and compares (decision 15).
type signer struct {
	region string
	host   string // as the header has it
	path   string // in canonical form

	mu  sync.Mutex
	key signingKey // the last one, for it serves a whole day
}

// signingKey is made of a secret access key, and as secret as that.
type signingKey struct {
	day    string
	secret component.Secret
	key    component.Secret
}

func newSigner(endpoint url.URL, region string) *signer {
	host := endpoint.Host
	if port := endpoint.Port(); endpoint.Scheme == "https" && port == "443" || endpoint.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return &signer{region: region, host: host, path: httpbinding.EscapePath(endpoint.EscapedPath(), false)}
}

// sign adds date, token and signature to a request whose body has that
// hexadecimal SHA-256.
func (s *signer) sign(r *http.Request, credentials aws.Credentials, hash string, at time.Time) {
	date := at.UTC().Format(signingTime)
	r.Host = s.host
	r.Header["X-Amz-Date"] = []string{date}
	names := "amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-date;x-amz-target"
	if credentials.SessionToken != "" {
		r.Header["X-Amz-Security-Token"] = []string{credentials.SessionToken}
		names = "amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
	}

	canonical := make([]byte, 0, 1024)
	canonical = append(append(append(canonical, "POST\n"...), s.path...), "\n\n"...)
	for _, signed := range [...]struct{ name, value string }{
		{"amz-sdk-invocation-id", r.Header.Get("Amz-Sdk-Invocation-Id")},
		{"amz-sdk-request", r.Header.Get("Amz-Sdk-Request")},
		{"content-length", strconv.FormatInt(r.ContentLength, 10)},
		{"content-type", r.Header.Get("Content-Type")},
		{"host", s.host},
		{"x-amz-date", date},
		{"x-amz-security-token", credentials.SessionToken},
		{"x-amz-target", r.Header.Get("X-Amz-Target")},
	} {
		if signed.value == "" { // no token
			continue
		}
		canonical = append(append(append(canonical, signed.name...), ':'), signed.value...)
		canonical = append(canonical, '\n')
	}
	canonical = append(append(append(append(canonical, '\n'), names...), '\n'), hash...)
	digest := sha256.Sum256(canonical)

	scope := date[:8] + "/" + s.region + "/" + signingName + "/aws4_request"
	toSign := signingAlgorithm + "\n" + date + "\n" + scope + "\n" + hex.EncodeToString(digest[:])
	signature := keyedHash([]byte(s.keyOf(date[:8], credentials.SecretAccessKey).Reveal()), toSign)
	r.Header["Authorization"] = []string{signingAlgorithm + " Credential=" + credentials.AccessKeyID + "/" + scope +
		", SignedHeaders=" + names + ", Signature=" + hex.EncodeToString(signature)}
}

func (s *signer) keyOf(day, secret string) component.Secret {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key.day != day || s.key.secret.Reveal() != secret {
		key := []byte("AWS4" + secret)
		for _, part := range []string{day, s.region, signingName, "aws4_request"} {
			key = keyedHash(key, part)
		}
		s.key = signingKey{day: day, secret: component.NewSecret(secret), key: component.NewSecret(string(key))}
	}
	return s.key.key
}

func keyedHash(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
