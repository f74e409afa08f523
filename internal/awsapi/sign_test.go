package awsapi

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each day and each secret has a key of its own; TestRequestsAreTheSDKs compares the
// signatures themselves with the SDK's.
func TestSignerChangesItsKey(t *testing.T) {
	endpoint, err := url.Parse("https://secretsmanager.eu-central-1.amazonaws.com/")
	require.NoError(t, err)
	s := newSigner(*endpoint, "eu-central-1")
	day := time.Date(2026, 11, 23, 23, 59, 59, 0, time.UTC)
	sign := func(secret string, at time.Time) string {
		r := &http.Request{URL: endpoint, Header: http.Header{}}
		s.sign(r, aws.Credentials{AccessKeyID: testKeyID, SecretAccessKey: secret}, "hash", at)
		return r.Header.Get("Authorization")
	}
	first := sign(testSecret, day)
	other := sign("other", day)
	next := sign(testSecret, day.Add(time.Second))
	assert.Equal(t, first, sign(testSecret, day))
	assert.NotEqual(t, first, other)
	assert.NotEqual(t, first, next)
	assert.Equal(t, other, sign("other", day))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		requireNoSecrets(t, fmt.Sprintf(verb, s))
	}
}
