package awsapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func TestIsHostOnly(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "0.0.0.0", "0.1.2.3", "::", "169.254.169.254", "169.254.170.2", "::ffff:169.254.169.254",
		"fe80::1", "fe80::1%eth0", "fd00:ec2::254", "224.0.0.1", "239.1.2.3", "ff02::1", "255.255.255.255",
	} {
		assert.True(t, isHostOnly(netip.MustParseAddr(address)), address)
	}
	for _, address := range []string{
		"10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd12:3456::1", "52.94.0.1", "2a05:d014::1", "::ffff:10.0.0.1", "128.0.0.1", "169.253.0.1",
	} {
		assert.False(t, isHostOnly(netip.MustParseAddr(address)), address)
	}
}

// What a name stands for decides, not the name: it may change after it was
// checked.
func TestHostOnlyAddressIsNotConnectedTo(t *testing.T) {
	asked := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	for _, host := range []string{"127.0.0.1", "localhost"} {
		made := newTransport(1, false)
		_, err := made.direct.DialContext(t.Context(), "tcp", net.JoinHostPort(host, server.URL[strings.LastIndex(server.URL, ":")+1:]))
		require.ErrorIs(t, err, errHostOnly, host)
	}
	assert.False(t, asked)
	require.ErrorIs(t, refuseHostOnly("tcp4", "no address", nil), errHostOnly)
	require.NoError(t, refuseHostOnly("tcp6", "[2a05:d014::1]:443", nil))
}

func TestIsAWS(t *testing.T) {
	for _, endpoint := range []string{
		"https://secretsmanager.eu-central-1.amazonaws.com", "https://SecretsManager-FIPS.us-gov-west-1.amazonaws.com:443/",
		"https://secretsmanager.cn-north-1.amazonaws.com.cn", "https://secretsmanager.eu-central-1.api.aws", "https://sts.amazonaws.com",
		"https://sts.eu-central-1.amazonaws.com", "https://vpce-0-1.secretsmanager.eu-central-1.vpce.amazonaws.com",
		"https://secretsmanager.eusc-de-east-1.amazonaws.eu", "https://secretsmanager.us-iso-east-1.c2s.ic.gov",
	} {
		u, err := url.Parse(endpoint)
		require.NoError(t, err)
		assert.True(t, isAWS(u), endpoint)
	}
	for _, endpoint := range []string{
		"http://secretsmanager.eu-central-1.amazonaws.com", "https://secretsmanager.eu-central-1.amazonaws.com.example.com", "https://amazonaws.com",
		"https://abc.execute-api.eu-central-1.amazonaws.com", "https://secretsmanager.s3.amazonaws.com", "https://secretsmanager.s3-eu-central-1.amazonaws.com",
		"https://a.secretsmanager.eu-central-1.amazonaws.com", "https://secretsmanager.eu-central-1.elb.amazonaws.com", "https://secretsmanager.example.com",
		"https://ec2-1-2-3-4.eu-central-1.compute.amazonaws.com", "https://secretsmanager.eu-central-1.amazonaws.com@example.com", "https://127.0.0.1",
	} {
		u, err := url.Parse(endpoint)
		require.NoError(t, err)
		assert.False(t, isAWS(u), endpoint)
	}
}

// The endpoints of AWS's own SDK for all of its partitions are AWS's.
func TestResolvedEndpointsAreAWSs(t *testing.T) {
	for _, region := range []string{
		"eu-central-1", "us-east-1", "ap-southeast-5", "cn-north-1", "us-gov-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1",
	} {
		for _, variant := range []struct{ fips, dualStack bool }{{}, {true, false}, {false, true}, {true, true}} {
			found, err := secretsmanager.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), secretsmanager.EndpointParameters{
				Region: &region, UseDualStack: &variant.dualStack, UseFIPS: &variant.fips,
			})
			if err != nil {
				continue // not in this partition
			}
			assert.True(t, isAWS(&found.URI), found.URI.String())
		}
	}
}

// Whatever a foreign endpoint does, the flow's owner reads the same; the log has
// it all.
func TestForeignEndpoint(t *testing.T) {
	const want = "GetSecretValue of \"my/secret\" failed: the endpoint does not respond as AWS Secrets Manager does; check endpoint; the log tells more"
	responds := func(status int, header http.Header, body string) roundTrip {
		return func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		}
	}
	fails := func(err error) roundTrip {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	none, id := http.Header{}, http.Header{"X-Amzn-Requestid": {"foreign-id"}}
	tests := []struct {
		name   string
		do     roundTrip
		detail string
	}{
		{"no such host", fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Server: "10.0.0.2:53", IsNotFound: true}}), "10.0.0.2:53"},
		{"closed port", fails(&net.OpError{Op: "dial", Err: errors.New("connection refused")}), "connection refused"},
		{"host only", fails(&net.OpError{Op: "dial", Err: errHostOnly}), "loopback"},
		{"silence", func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, "no response in time"},
		{"not HTTP", fails(errors.New(`malformed HTTP response "planted"`)), "not HTTP"},
		{"redirect", responds(302, http.Header{"Location": {"https://planted"}}, ""), "redirect"},
		{"page", responds(200, none, "<html>"), "not what AWS"},
		{"JSON", responds(200, none, `{"Name":"planted"}`), "not what AWS"},
		{"not found", responds(404, none, "planted"), "HTTP status 404"},
		{"error without a request id", responds(400, none, `{"__type":"ResourceNotFoundException","message":"private text"}`), "private text"},
		{"error of another kind", responds(400, id, `{"__type":"PrivateError","message":"private text"}`), "private text"},
		{"down", responds(503, none, "planted"), "HTTP status 503"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := validConfig()
			cfg.Endpoint = "https://gateway.example.com"
			synctest.Test(t, func(t *testing.T) {
				err := getSecret(t, cfg, Options{Transport: tt.do})
				requireRebound(t, err, component.Unavailable)
				assert.Equal(t, want, err.Error())
				assert.Contains(t, Detail(err), tt.detail)
				requireNoSecrets(t, Detail(err))

				v, err := Verify(t.Context(), cfg, Options{Transport: tt.do})
				require.NoError(t, err)
				assert.False(t, v.Verified)
				assert.Equal(t, strings.Replace(want, "GetSecretValue of \"my/secret\"", "ListSecrets", 1), v.Reason)
				assert.Contains(t, v.Note, tt.detail)
			})
		})
	}
	t.Run("error of AWS", func(t *testing.T) {
		cfg := validConfig()
		cfg.Endpoint = "https://gateway.example.com"
		err := getSecret(t, cfg, Options{Transport: responds(400, id, `{"__type":"ResourceNotFoundException","message":"private text"}`)})
		requireError(t, err, "ResourceNotFoundException", `GetSecretValue of "my/secret" failed: ResourceNotFoundException; check the name or ARN`)
		assert.NotContains(t, err.Error(), "private")
		assert.NotContains(t, err.Error(), "foreign-id")
		assert.Contains(t, Detail(err), "private text")
	})
	t.Run("role", func(t *testing.T) {
		cfg := roleConfig()
		cfg.Endpoint = "https://gateway.example.com"
		err := getSecret(t, cfg, Options{Transport: responds(403, id, strings.Replace(stsDenied, "User:", "private text:", 1)), MaxBackoff: 1})
		requireError(t, err, component.InvalidCredentials, "cannot be assumed: AccessDenied; allow sts:AssumeRole")
		assert.NotContains(t, err.Error(), "private")
	})
}

func TestDetailOfAWSItself(t *testing.T) {
	err := fail(t, 400, awsError(t, "ResourceNotFoundException", "gone"))
	assert.Empty(t, Detail(err), "it is shown")
	assert.Empty(t, Detail(nil))
}

// endless is a body that goes on for ever, and counts what was read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func (*endless) Close() error { return nil }

func TestResponseIsBounded(t *testing.T) {
	for _, test := range []struct {
		operation string
		call      func(context.Context, API) error
		limit     int
	}{
		{"GetSecretValue", func(ctx context.Context, api API) error {
			_, err := api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("s")})
			return err
		}, 1 << 20},
		{"TagResource", func(ctx context.Context, api API) error { // which has no output
			_, err := api.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: aws.String("s")})
			return err
		}, 1 << 20},
		{"ListSecrets", func(ctx context.Context, api API) error {
			_, err := api.ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
			return err
		}, 8 << 20},
		{"BatchGetSecretValue", func(ctx context.Context, api API) error {
			_, err := api.BatchGetSecretValue(ctx, &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"s"}})
			return err
		}, 8 << 20},
	} {
		for _, status := range []int{200, 400} {
			t.Run(fmt.Sprint(test.operation, status), func(t *testing.T) {
				sent := new(endless)
				api, err := New(validConfig(), Options{MaxBackoff: 1, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					sent = new(endless)
					return &http.Response{StatusCode: status, Header: http.Header{"X-Amzn-Requestid": {"req-1"}}, Body: sent, Request: r}, nil
				})})
				require.NoError(t, err)
				err = test.call(t.Context(), api)
				require.ErrorIs(t, err, tooLongError(test.limit))
				assert.Equal(t, test.limit+1, sent.read)
				if status == 200 {
					requireError(t, Wrap(test.operation, nil, err), component.InvalidOutput, fmt.Sprintf("longer than %d bytes", test.limit))
				}
			})
		}
	}
}

// A packed response stays packed, so that there is nothing to blow up.
func TestPackedResponseIsNotUnpacked(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(`{"Name":"s"}`))
	require.NoError(t, w.Close())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Get("Accept-Encoding"))
		w.Header()["X-Amzn-Requestid"] = []string{"req-1"}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}))
	defer server.Close()
	cfg := validConfig()
	cfg.Endpoint = server.URL
	err := getSecret(t, cfg, Options{AllowInsecureEndpoint: true, Transport: testTransport(t, 1)})
	requireError(t, err, component.InvalidOutput)
}

// Nothing that a server sends makes the client panic, or has its errors tell what
// was sent to it.
func FuzzResponse(f *testing.F) {
	f.Add(200, "X-Amzn-Requestid", "req-1", `{"SecretString":"VALUE"}`)
	f.Add(400, "X-Amzn-Errortype", "VALUE", `{"__type":"VALUE","message":"TOKEN"}`)
	f.Add(400, "X-Amzn-Requestid", "TOKEN", `{"__type":"ResourceNotFoundException","message":"KEY VALUE"}`)
	f.Add(307, "Location", "https://VALUE", "")
	f.Add(503, "Date", "Sat, 01 Jan 2000 00:00:00 GMT", `[[[[`)
	f.Fuzz(func(t *testing.T, status int, name, value, body string) {
		planted := strings.NewReplacer("VALUE", testValue, "TOKEN", testToken, "KEY", testKeyID)
		header := http.Header{name: {planted.Replace(value)}}
		for _, endpoint := range []string{"", "https://gateway.example.com"} {
			cfg := validConfig()
			cfg.Endpoint = endpoint
			api := once(t, cfg, roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{
					StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(planted.Replace(body))), Request: r,
				}, nil
			}))
			in := &secretsmanager.PutSecretValueInput{SecretId: aws.String("s"), SecretString: aws.String(testValue)}
			if _, err := api.PutSecretValue(t.Context(), in); err != nil {
				err = Wrap("PutSecretValue", in, err)
				requireNoSecrets(t, err.Error()+Detail(err))
			}
		}
	})
}

func TestEndpointsOfAWS(t *testing.T) {
	for _, tt := range []struct {
		name, region string
		cfg          Config
		want, sts    string
	}{
		{"plain", "us-east-1", Config{}, "secretsmanager.us-east-1.amazonaws.com", "sts.us-east-1.amazonaws.com"},
		{"fips", "us-east-1", Config{FIPS: true}, "secretsmanager-fips.us-east-1.amazonaws.com", "sts-fips.us-east-1.amazonaws.com"},
		{"dualStack", "us-east-1", Config{DualStack: true}, "secretsmanager.us-east-1.amazonaws.com", "sts.us-east-1.api.aws"},
		{"both", "us-east-1", Config{FIPS: true, DualStack: true}, "secretsmanager-fips.us-east-1.amazonaws.com", "sts-fips.us-east-1.api.aws"},
		{"fips in GovCloud", "us-gov-west-1", Config{FIPS: true}, "secretsmanager-fips.us-gov-west-1.amazonaws.com", "sts.us-gov-west-1.amazonaws.com"},
		{"dualStack in the Sovereign Cloud", "eusc-de-east-1", Config{DualStack: true}, "secretsmanager.eusc-de-east-1.api.amazonwebservices.eu", "sts.eusc-de-east-1.api.amazonwebservices.eu"},
		{"dualStack in China", "cn-north-1", Config{DualStack: true}, "secretsmanager.cn-north-1.amazonaws.com.cn", "sts.cn-north-1.api.amazonwebservices.com.cn"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			net := &fakeAWS{respond: respondWithRole(t, time.Hour)}
			cfg := roleConfig()
			cfg.Region, cfg.FIPS, cfg.DualStack = tt.region, tt.cfg.FIPS, tt.cfg.DualStack
			require.NoError(t, getSecret(t, cfg, Options{Transport: net}))
			require.Len(t, net.seen(), 2)
			assert.Equal(t, tt.sts, net.seen()[0].URL.Host)
			assert.Equal(t, tt.want, net.seen()[1].URL.Host)
			for _, r := range net.seen() {
				assert.True(t, isAWS(&url.URL{Scheme: "https", Host: r.URL.Host}), r.URL.Host)
			}
		})
	}
}
