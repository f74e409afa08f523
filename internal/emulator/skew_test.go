package emulator_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

// signedAt sends a call that AKIDGOOD signed at that time.
func (w *environment) signedAt(at time.Time, service, contentType, body string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.server.URL, strings.NewReader(body))
	require.NoError(w.t, err)
	req.Header.Set("Content-Type", contentType)
	if service == "secretsmanager" {
		req.Header.Set("X-Amz-Target", "secretsmanager.ListSecrets")
	}
	hash := sha256.Sum256([]byte(body))
	keys := aws.Credentials{AccessKeyID: "AKIDGOOD", SecretAccessKey: "goodsecret"}
	require.NoError(w.t, v4.NewSigner().SignHTTP(w.t.Context(), keys, req, hex.EncodeToString(hash[:]), service, "eu-central-1", at))
	resp, err := w.server.Client().Do(req)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return resp.StatusCode, string(answer)
}

func TestSkew(t *testing.T) {
	w := guarded(t, func(o *emulator.Options) { o.CheckSkew = true })
	w.clock.Advance(-535 * time.Millisecond) // 15:09:26
	for name, tt := range map[string]struct {
		later time.Duration
		sts   bool
		want  string // of the message; "" means 200
	}{
		"none":             {},
		"old":              {later: -5 * time.Minute},
		"too old":          {later: -5*time.Minute - time.Second, want: "Signature expired: 20250314T150425Z is now earlier than 20250314T150426Z (20250314T150926Z - 5 min.)"},
		"ahead":            {later: 5 * time.Minute},
		"too far ahead":    {later: 5*time.Minute + time.Second, want: "Signature not yet current: 20250314T151427Z is still later than 20250314T151426Z (20250314T150926Z + 5 min.)"},
		"old, STS":         {later: -15 * time.Minute, sts: true},
		"too old, for STS": {later: -15*time.Minute - time.Second, sts: true, want: "Signature expired: 20250314T145425Z is now earlier than 20250314T145426Z (20250314T150926Z - 15 min.)"},
	} {
		t.Run(name, func(t *testing.T) {
			service, contentType, body, code := "secretsmanager", "application/x-amz-json-1.1", "{}", "InvalidSignatureException"
			if tt.sts {
				service, contentType, body, code = "sts", "application/x-www-form-urlencoded", "Action=GetCallerIdentity&Version=2011-06-15", "SignatureDoesNotMatch"
			}
			status, answer := w.signedAt(w.clock.Now().Add(tt.later), service, contentType, body)
			if tt.want == "" {
				require.Equal(t, http.StatusOK, status, answer)
				return
			}
			require.Contains(t, answer, code)
			require.Contains(t, answer, tt.want)
		})
	}
}
