package awsapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// Failover returns the client of the failoverRegion in the credentials, and that
// region, for a read of a secret that has failed with err. It is nil where the
// credentials have none, and where the secret's own region is not away.
func (c *regionalClient) Failover(secretID string, err error) (API, string) {
	region := c.cfg.FailoverRegion
	if region == "" || region == c.Region(secretID) || !isAway(err) {
		return nil, ""
	}
	if other := c.client(region, nil); other != nil {
		return other, region
	}
	return nil, ""
}

// isAway reports whether a region does not work: it fails, or is not reached. One
// that throttles works.
func isAway(err error) bool {
	var apiErr smithy.APIError
	if errors.As(err, &apiErr) {
		if _, throttled := throttleCodes()[apiErr.ErrorCode()]; throttled {
			return false
		}
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode() == http.StatusTooManyRequests {
		return false
	}
	return !errors.Is(err, context.Canceled) && classify("", err, nil, false).transient
}

// InRegion returns the ARN of a secret's replica in a region. What is not the ARN
// of a secret, such as a name, is the same everywhere.
func InRegion(secretID, region string) string {
	if at, _ := secretRegion(secretID); at == "" {
		return secretID
	}
	arn := strings.SplitN(secretID, ":", 5)
	arn[3] = region
	return strings.Join(arn, ":")
}

// RegionOf returns the region in a secret's ARN, "" of anything else.
func RegionOf(secretID string) string {
	at, _ := secretRegion(secretID)
	return at
}
