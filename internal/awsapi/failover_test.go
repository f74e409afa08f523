package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIsAway(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	for _, tt := range []struct {
		name      string
		transport http.RoundTripper
		want      bool
	}{
		{"not reached", failing{refused}, true},
		{"no response in time", failing{context.DeadlineExceeded}, true},
		{"stopped", failing{context.Canceled}, false},
		{"no such host", failing{&net.DNSError{Err: "no such host", IsNotFound: true}}, false}, // no such region
		{"failing", always(500, awsError(t, "InternalServiceError", "")), true},
		{"unavailable, without an AWS error", always(503, "<html>"), true},
		{"throttling", always(400, awsError(t, "ThrottlingException", "Rate exceeded")), false},
		{"throttling, as a failure", always(503, awsError(t, "SlowDown", "")), false},
		{"too many requests", always(429, "{}"), false},
		{"denied", always(400, awsError(t, "AccessDeniedException", "")), false},
		{"not found", always(400, awsError(t, "ResourceNotFoundException", "")), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := once(t, validConfig(), tt.transport).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("a")})
			require.Error(t, err)
			assert.Equal(t, tt.want, isAway(err))
		})
	}
}

func TestFailover(t *testing.T) {
	away := fmt.Errorf("get: %w", &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")})
	for _, tt := range []struct {
		name, failoverRegion, secretID string
		err                            error
		want                           bool
	}{
		{"a name", "eu-west-1", "a", away, true},
		{"an ARN", "eu-west-1", arnIn("aws", "us-east-1"), away, true},
		{"it was read there", "eu-west-1", arnIn("aws", "eu-west-1"), away, false},
		{"none", "", "a", away, false},
		{"another error", "eu-west-1", "a", errors.New("denied"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, net := validConfig(), always(http.StatusOK, `{}`)
			cfg.FailoverRegion = tt.failoverRegion
			api, err := New(cfg, Options{Transport: net})
			require.NoError(t, err)
			other, region := api.(*regionalClient).Failover(tt.secretID, tt.err)
			if !tt.want {
				assert.Nil(t, other)
				assert.Empty(t, region)
				return
			}
			assert.Equal(t, "eu-west-1", region)
			// It stays in that region, whatever it is asked for.
			_, err = other.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(arnIn("aws", "us-east-1"))})
			require.NoError(t, err)
			assert.Equal(t, "secretsmanager.eu-west-1.amazonaws.com", net.seen()[0].URL.Host)
		})
	}
}

func TestInRegion(t *testing.T) {
	assert.Equal(t, arnIn("aws", "eu-west-1"), InRegion(arnIn("aws", "us-east-1"), "eu-west-1"))
	assert.Equal(t, "a:b:c", InRegion("a:b:c", "eu-west-1"))
	assert.Equal(t, "us-east-1", RegionOf(arnIn("aws", "us-east-1")))
	assert.Empty(t, RegionOf("a"))
}

// failing is a network without a response.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }
