package smclient

import (
	"net/http"
	"strings"
	"testing"
)

// BenchmarkCall is one operation without the network, from its input to its
// output, with this client and with the SDK's.
func BenchmarkCall(b *testing.B) {
	body := `{"ARN":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:my/secret-AbCdEf","CreatedDate":1.7e9,"Name":"my/secret","SecretString":"` +
		strings.Repeat("x", 1024) + `","VersionId":"a1b2c3d4-5678-90ab-cdef-EXAMPLE11111","VersionStages":["AWSCURRENT"]}`
	header := http.Header{
		"Content-Type": {"application/x-amz-json-1.1"}, "X-Amzn-Requestid": {"req-1"}, "Date": {"Mon, 23 Nov 2026 12:00:00 GMT"},
	}
	for name, client := range clients(b, testOptions(doFunc(func(*http.Request) (*http.Response, error) {
		return response(http.StatusOK, header, strings.NewReader(body))
	}))) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.GetSecretValue(b.Context(), testInput); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }
