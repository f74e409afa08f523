package awsapi

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"
)

// BenchmarkCall is one operation without the network: from its input to its
// output.
func BenchmarkCall(b *testing.B) {
	api, err := New(validConfig(), Options{Transport: instant{strings.Repeat("x", 1024)}})
	require.NoError(b, err)
	in := &secretsmanager.GetSecretValueInput{SecretId: aws.String("my/secret")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := api.GetSecretValue(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}

// instant answers with a secret of that value.
type instant struct{ value string }

func (i instant) RoundTrip(*http.Request) (*http.Response, error) {
	body := `{"ARN":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:my/secret-AbCdEf","CreatedDate":1.7e9,"Name":"my/secret","SecretString":"` +
		i.value + `","VersionId":"a1b2c3d4-5678-90ab-cdef-EXAMPLE11111","VersionStages":["AWSCURRENT"]}`
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amzn-Requestid": {"req-1"}, "Date": {"Mon, 23 Nov 2026 12:00:00 GMT"}},
		Body:   io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}
