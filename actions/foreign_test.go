package actions

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// What a custom endpoint did is in the log, not in what the flow's owner reads.
func TestForeignEndpointIsLogged(t *testing.T) {
	options := awsapi.Options{MaxBackoff: 1, Transport: failing{&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}}}
	deps := component.Deps{Config: json.RawMessage(`{"accessKeyId":"` + testKeyID + `","accessKeySecret":"` + testSecret +
		`","region":"eu-central-1","endpoint":"https://gateway.example.com"}`)}
	for function, body := range map[string]string{"GetSecretValue": `{"SecretId":"s"}`, "ListSecrets": `{}`, "UpdateSecret": `{"SecretId":"s"}`} {
		t.Run(function, func(t *testing.T) {
			var log bytes.Buffer
			req := newRequest(body)
			req.Log = slog.New(slog.NewTextHandler(&log, nil))
			err := newHandler(t, Specs(options), function, deps).Handle(t.Context(), req, new(recorder))
			require.ErrorContains(t, err, "the endpoint does not respond as AWS Secrets Manager does")
			assert.NotContains(t, err.Error(), "refused")
			assert.Contains(t, log.String(), "connection refused")
			assert.NotContains(t, log.String(), testKeyID)
		})
	}
	t.Run("secretNames", func(t *testing.T) {
		var log bytes.Buffer
		deps.Log = slog.New(slog.NewTextHandler(&log, nil))
		for _, spec := range Specs(options) {
			if spec.Name == "GetSecretValue" {
				_, err := spec.Models["secretNames"](t.Context(), deps)
				require.ErrorContains(t, err, "the endpoint does not respond as AWS Secrets Manager does")
				assert.NotContains(t, err.Error(), "refused")
			}
		}
		assert.Contains(t, log.String(), "connection refused")
	})
}
