package awsapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
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

	mu     sync.Mutex
	day    string // that mac is for
	secret component.Secret
	mac    hash.Hash // keyed with what day and secret lead to, for it serves a whole day
}

// Format prints nothing of the keys, for every verb.
func (s *signer) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("awsapi.signer")) }

func newSigner(endpoint url.URL, region string) *signer {
	host := endpoint.Host
	if port := endpoint.Port(); endpoint.Scheme == "https" && port == "443" || endpoint.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return &signer{region: region, host: host, path: httpbinding.EscapePath(endpoint.EscapedPath(), false)}
}

// sign adds date, token and signature to a request whose body has that
// hexadecimal SHA-256.
func (s *signer) sign(r *http.Request, credentials aws.Credentials, bodyHash string, at time.Time) {
	date := at.UTC().Format(signingTime)
	r.Host = s.host
	r.Header["X-Amz-Date"] = []string{date}
	names := "amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-date;x-amz-target"
	if credentials.SessionToken != "" {
		r.Header["X-Amz-Security-Token"] = []string{credentials.SessionToken}
		names = "amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
	}

	canonical := appendAll(make([]byte, 0, 1024), "POST\n", s.path, "\n\n")
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
		canonical = appendAll(canonical, signed.name, ":", signed.value, "\n")
	}
	digest := sha256.Sum256(appendAll(canonical, "\n", names, "\n", bodyHash))

	scope := date[:8] + "/" + s.region + "/" + signingName + "/aws4_request"
	toSign := appendAll(make([]byte, 0, 256), signingAlgorithm, "\n", date, "\n", scope, "\n")
	signature := s.signature(date[:8], credentials.SecretAccessKey, hex.AppendEncode(toSign, digest[:]))
	authorization := appendAll(make([]byte, 0, 512), signingAlgorithm, " Credential=", credentials.AccessKeyID, "/", scope,
		", SignedHeaders=", names, ", Signature=")
	r.Header["Authorization"] = []string{string(hex.AppendEncode(authorization, signature))}
}

func appendAll(text []byte, parts ...string) []byte {
	for _, part := range parts {
		text = append(text, part...)
	}
	return text
}

func (s *signer) signature(day, secret string, text []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.day != day || s.secret.Reveal() != secret {
		key := []byte("AWS4" + secret)
		for _, part := range []string{day, s.region, signingName, "aws4_request"} {
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(part))
			key = mac.Sum(nil)
		}
		s.day, s.secret, s.mac = day, component.NewSecret(secret), hmac.New(sha256.New, key)
	}
	s.mac.Reset()
	s.mac.Write(text)
	return s.mac.Sum(nil)
}
