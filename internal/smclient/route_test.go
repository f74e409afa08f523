package smclient

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each operation on an existing secret is routed by its id, and all others by none.
func TestRoute(t *testing.T) {
	eachOperation(t, func(t *testing.T, operation reflect.Method) {
		var regions []string
		options := testOptions(doFunc(func(r *http.Request) (*http.Response, error) {
			regions = append(regions, strings.Split(r.Header.Get("Authorization"), "/")[2])
			return response(http.StatusBadRequest, nil, strings.NewReader(`{"__type":"ResourceNotFoundException"}`))
		}))
		client, err := New(options, callTimeout)
		require.NoError(t, err)
		options.Region = "us-east-1"
		other, err := New(options, callTimeout)
		require.NoError(t, err)
		var asked string
		client.Route = func(secretID string) *Client {
			asked = secretID
			if secretID == "" {
				return client
			}
			return other
		}

		in, _ := filled(operation)
		want := ""
		if id := in.Elem().FieldByName("SecretId"); id.IsValid() {
			want = id.Elem().String()
		} else if operation.Name == "BatchGetSecretValue" {
			want = in.Elem().FieldByName("SecretIdList").Index(0).String()
		}
		_, err = run(client, operation.Name, in)
		var failed *Error
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, want, asked)
		region := "us-east-1"
		if want == "" {
			region = "eu-central-1"
		}
		assert.Equal(t, []string{region}, regions)
		assert.Equal(t, "secretsmanager."+region+".amazonaws.com", failed.Endpoint.Host)

		_, err = run(client, operation.Name, reflect.New(operation.Type.In(2).Elem()))
		require.Error(t, err)
		assert.Empty(t, asked, "without an id")
	})
}
