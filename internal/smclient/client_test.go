package smclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/schemas"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fill sets every member below v to something that no other member has.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.String:
		v.SetString(fmt.Sprintf("<%d> & \"ü\" \u2028 \x01\n", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8:
		v.SetUint(uint64(*n % 256))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, n)
		fill(value, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(int64(*n), 5e8).UTC()))
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Type != reflect.TypeFor[middleware.Metadata]() {
				fill(v.Field(i), n)
			}
		}
	default:
		panic("no rule for " + v.Type().String())
	}
}

// filled returns the input and the output of an operation, all members set.
func filled(method reflect.Method) (in, out reflect.Value) {
	n := 0
	in, out = reflect.New(method.Type.In(2).Elem()), reflect.New(method.Type.Out(0).Elem())
	fill(in.Elem(), &n)
	fill(out.Elem(), &n)
	return in, out
}

// run calls the operation of that name.
func run(client any, operation string, in reflect.Value) (any, error) {
	results := reflect.ValueOf(client).MethodByName(operation).Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	err, _ := results[1].Interface().(error)
	return results[0].Interface(), err
}

// eachOperation calls check for all operations of the SDK's client.
func eachOperation(t *testing.T, check func(t *testing.T, operation reflect.Method)) {
	t.Helper()
	found := 0
	for operation := range reflect.TypeFor[*secretsmanager.Client]().Methods() {
		if operation.Type.NumIn() < 3 { // Options
			continue
		}
		found++
		t.Run(operation.Name, func(t *testing.T) { check(t, operation) })
	}
	require.Equal(t, 26, found)
	require.Equal(t, found, reflect.TypeFor[*Client]().NumMethod())
}

func TestRequestsAreTheSDKs(t *testing.T) {
	endpoints := []struct{ name, region, endpoint, want string }{
		{"Region", "eu-central-1", "", "https://secretsmanager.eu-central-1.amazonaws.com/"},
		{"Region in China", "cn-north-1", "", "https://secretsmanager.cn-north-1.amazonaws.com.cn/"},
		{"host", "eu-central-1", "https://gateway.example.com", "https://gateway.example.com/"},
		{"host, /", "eu-central-1", "https://gateway.example.com/", "https://gateway.example.com/"},
		{"path", "eu-central-1", "https://gateway.example.com:8443/base", "https://gateway.example.com:8443/base"},
		{"path, /", "eu-central-1", "https://gateway.example.com/base/more/", "https://gateway.example.com/base/more/"},
		{"path with escapes", "eu-central-1", "https://gateway.example.com/a%20b/c%2Fd", "https://gateway.example.com/a%20b/c%2Fd"},
		{"the scheme's own port", "eu-central-1", "https://gateway.example.com:443", "https://gateway.example.com:443/"},
		{"loopback", "eu-central-1", "http://[::1]:4566", "http://[::1]:4566/"},
	}
	for _, tt := range endpoints {
		for _, token := range []string{"", testToken} {
			t.Run(fmt.Sprintf("%s, token %t", tt.name, token != ""), func(t *testing.T) {
				options := testOptions(nil)
				options.Region = tt.region
				options.Credentials = credentials.NewStaticCredentialsProvider(testKeyID, testSecret, token)
				if tt.endpoint != "" {
					options.BaseEndpoint = &tt.endpoint
				}
				eachOperation(t, func(t *testing.T, operation reflect.Method) {
					in, _ := filled(operation)
					theirs, ours := requestsOf(t, options, operation.Name, in)
					assert.Equal(t, tt.want, ours.URL.String())
					assertSigned(t, options, ours)
					assertSameRequest(t, theirs, ours)
				})
			})
		}
	}
}

// The time is the same for both.
func requestsOf(t *testing.T, options secretsmanager.Options, operation string, in reflect.Value) (theirs, ours *http.Request) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net := always(http.StatusOK, `{}`)
		options.HTTPClient = net
		for _, client := range clients(t, options) {
			_, err := run(client, operation, in)
			require.NoError(t, err)
		}
		require.Len(t, net.seen(), 2)
		for _, r := range net.seen() {
			if r.Header.Get("User-Agent") == userAgent {
				ours = r
			} else {
				theirs = r
			}
		}
	})
	return theirs, ours
}

func assertSameRequest(t *testing.T, theirs, ours *http.Request) {
	t.Helper()
	assert.Equal(t, theirs.Method, ours.Method)
	assert.Equal(t, theirs.URL.String(), ours.URL.String())
	assert.Equal(t, hostOf(theirs), hostOf(ours))
	assert.Equal(t, theirs.ContentLength, ours.ContentLength)
	assert.Equal(t, theirs.TransferEncoding, ours.TransferEncoding)
	want := bodyOf(t, theirs)
	assert.Equal(t, want, bodyOf(t, ours))
	assert.Len(t, want, int(ours.ContentLength))

	theirHeaders, ourHeaders := theirs.Header.Clone(), ours.Header.Clone()
	for _, h := range []http.Header{theirHeaders, ourHeaders} {
		assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, h.Get("Amz-Sdk-Invocation-Id"))
		h.Del("Amz-Sdk-Invocation-Id") // random, and so is the signature
		h.Del("User-Agent")
		authorization, _, _ := strings.Cut(h.Get("Authorization"), "Signature=")
		h.Set("Authorization", authorization)
	}
	assert.Equal(t, theirHeaders, ourHeaders)
}

// hostOf is the header Host.
func hostOf(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}

// assertSigned signs r again, and leaves it as it was.
func assertSigned(t *testing.T, options secretsmanager.Options, r *http.Request) {
	t.Helper()
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	require.NoError(t, err)
	body := bodyOf(t, r)
	r.Body = io.NopCloser(strings.NewReader(body))
	hash := sha256.Sum256([]byte(body))
	again := r.Clone(context.Background())
	for _, h := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
		again.Header.Del(h)
	}
	keys, err := options.Credentials.Retrieve(context.Background())
	require.NoError(t, err)
	require.NoError(t, v4.NewSigner().SignHTTP(context.Background(), keys, again, hex.EncodeToString(hash[:]), "secretsmanager", options.Region, at))
	assert.Equal(t, again.Header, r.Header)
	assert.Contains(t, r.Header.Get("Authorization"), "Credential="+testKeyID+at.Format("/20060102/")+options.Region+"/secretsmanager/aws4_request, ")
}

func TestKindsOfEndpointsAreTheSDKs(t *testing.T) {
	operation, ok := reflect.TypeFor[*secretsmanager.Client]().MethodByName("GetSecretValue")
	require.True(t, ok)
	in, _ := filled(operation)
	for _, region := range []string{"us-east-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"} {
		for name, kind := range map[string]secretsmanager.EndpointResolverOptions{
			"fips":       {UseFIPSEndpoint: aws.FIPSEndpointStateEnabled},
			"dual-stack": {UseDualStackEndpoint: aws.DualStackEndpointStateEnabled},
			"both":       {UseFIPSEndpoint: aws.FIPSEndpointStateEnabled, UseDualStackEndpoint: aws.DualStackEndpointStateEnabled},
		} {
			t.Run(region+", "+name, func(t *testing.T) {
				options := testOptions(nil)
				options.Region, options.EndpointOptions = region, kind
				theirs, ours := requestsOf(t, options, operation.Name, in)
				assertSameRequest(t, theirs, ours)
			})
		}
	}
}

func TestOutputsAreTheSDKs(t *testing.T) {
	eachOperation(t, func(t *testing.T, operation reflect.Method) {
		in, want := filled(operation)
		for _, body := range []string{toJSON(t, want), `{}`, " {}\n", `{"SecretString":null,"NewMember":{"a":[1]}}`} {
			got := map[string]any{}
			for name, client := range clients(t, testOptions(always(http.StatusOK, body))) {
				out, err := run(client, operation.Name, in)
				require.NoError(t, err)
				reflect.ValueOf(out).Elem().FieldByName("ResultMetadata").SetZero()
				got[name] = out
			}
			assert.Equal(t, got["SDK"], got["ours"])
			if len(body) > len(" {}\n") && !strings.Contains(body, "NewMember") {
				assert.Equal(t, want.Interface(), got["ours"])
			}
		}
	})
}

// What says success and is not AWS's is no success.
func TestSuccessIsAWSs(t *testing.T) {
	tests := []struct {
		name, operation string
		header          http.Header
		body            string
		good            bool
	}{
		{"object", "GetSecretValue", requestID, `{"Name":"s"}`, true},
		{"other request id", "GetSecretValue", http.Header{"X-Amz-Requestid": {"req-1"}}, `{}`, true},
		{"no request id", "GetSecretValue", nil, `{"Name":"s"}`, false},
		{"nothing", "GetSecretValue", requestID, ``, false},
		{"null", "GetSecretValue", requestID, `null`, false},
		{"list", "GetSecretValue", requestID, `[{}]`, false},
		{"text", "GetSecretValue", requestID, `"{}"`, false},
		{"HTML", "GetSecretValue", requestID, `<html>`, false},
		{"member of another kind", "GetSecretValue", requestID, `{"Name":{}}`, false},
		{"breaks off", "GetSecretValue", requestID, `{"Name":"s"`, false},
		{"no output", "TagResource", requestID, ``, true},
		{"no output, no request id", "TagResource", nil, ``, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client, err := New(testOptions(doFunc(func(*http.Request) (*http.Response, error) {
				return response(http.StatusOK, tt.header, strings.NewReader(tt.body))
			})), callTimeout)
			require.NoError(t, err)
			method, _ := reflect.TypeFor[*secretsmanager.Client]().MethodByName(tt.operation)
			in, _ := filled(method)
			_, err = run(client, tt.operation, in)
			if tt.good {
				require.NoError(t, err)
				return
			}
			var garbled *smithy.DeserializationError
			require.ErrorAs(t, err, &garbled)
		})
	}
}

// toJSON is out as AWS sends it.
func toJSON(t *testing.T, out reflect.Value) string {
	t.Helper()
	if out.Elem().NumField() == reflect.TypeFor[secretsmanager.TagResourceOutput]().NumField() {
		return `{}` // no members
	}
	request := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	err := awsjson.New11(schemas.Secretsmanager).SerializeRequest(context.Background(),
		smithy.NewOperationSchema(schemas.GetSecretValue, schemas.GetSecretValueRequest, nil), out.Interface().(smithy.Serializable), request)
	require.NoError(t, err)
	body, err := io.ReadAll(request.GetStream())
	require.NoError(t, err)
	return string(body)
}

// Calls at once share nothing that would mix them up.
func TestCallsAtOnce(t *testing.T) {
	net := &fakeAWS{respond: func(_ int, r *http.Request) (*http.Response, error) {
		var in struct{ SecretId string }
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&in))
		return response(http.StatusOK, requestID, strings.NewReader(`{"Name":"`+in.SecretId+`"}`))
	}}
	client, err := New(testOptions(net), callTimeout)
	require.NoError(t, err)
	var running sync.WaitGroup
	for i := range 16 {
		running.Go(func() {
			for j := range 50 {
				id := fmt.Sprintf("%d/%d", i, j)
				out, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
				if assert.NoError(t, err) {
					assert.Equal(t, id, aws.ToString(out.Name))
				}
			}
		})
	}
	running.Wait()
	ids := map[string]bool{}
	for _, r := range net.seen() {
		ids[r.Header.Get("Amz-Sdk-Invocation-Id")] = true
	}
	assert.Len(t, ids, 16*50, "each call has an id of its own")
}

// Whatever the response, its connection is free for the next call.
func TestCallsShareAConnection(t *testing.T) {
	responses := []struct {
		status int
		body   string
	}{{200, `{"Name":"s"}`}, {200, `{}`}, {200, ``}, {204, ``}, {400, awsError(t, "ResourceNotFoundException", "gone")}, {502, `<html>`}}
	for _, operation := range []string{"GetSecretValue", "TagResource"} { // the latter has no output
		t.Run(operation, func(t *testing.T) {
			var requests, connections atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				next := responses[int(requests.Add(1))%len(responses)]
				w.Header()["X-Amzn-Requestid"] = []string{"req-1"}
				w.WriteHeader(next.status)
				_, _ = io.WriteString(w, next.body)
			}))
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			server.Start()
			defer server.Close()
			options := testOptions(server.Client())
			options.BaseEndpoint = &server.URL
			client, err := New(options, callTimeout)
			require.NoError(t, err)
			method, _ := reflect.TypeFor[*secretsmanager.Client]().MethodByName(operation)
			in, _ := filled(method)
			for requests.Load() < 10 {
				_, _ = run(client, operation, in)
			}
			assert.Equal(t, int32(1), connections.Load())
		})
	}
}
