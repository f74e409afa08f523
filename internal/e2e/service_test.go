package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/testkit"
)

// desk is the platform where results arrive. It answers with these statuses by
// turns; the last one stays.
type desk struct {
	*httptest.Server
	statuses []int

	mu    sync.Mutex
	posts []string // "user:password body"
}

func openDesk(t *testing.T, statuses ...int) *desk {
	t.Helper()
	d := &desk{statuses: statuses}
	d.Server = httptest.NewServer(d)
	t.Cleanup(d.Close)
	return d
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	user, password, _ := r.BasicAuth()
	d.mu.Lock()
	defer d.mu.Unlock()
	w.WriteHeader(d.statuses[min(len(d.posts), len(d.statuses)-1)])
	d.posts = append(d.posts, fmt.Sprintf("%s:%s %s", user, password, body))
}

func (d *desk) received() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.posts
}

// only returns the body of the one result there was, which holds no secret.
func (d *desk) only(t *testing.T, c *serviceCall) string {
	t.Helper()
	require.Len(t, d.received(), 1)
	body, ok := strings.CutPrefix(d.received()[0], c.user+" ")
	require.True(t, ok, "basic auth")
	c.planted.AssertAbsent(t, "the result", []byte(body))
	return body
}

// serviceCall is one start of the program for a service method, with secrets
// planted wherever there is a place for one.
type serviceCall struct {
	planted testkit.Planted
	cfg     map[string]any
	env     map[string]string
	user    string // user:password of the result URL, as the platform gets them
}

func newServiceCall(d *desk) *serviceCall {
	c := &serviceCall{cfg: map[string]any{}}
	c.user = "platform:" + c.planted.New("password of the result URL")
	c.env = map[string]string{
		"ELASTICIO_API_URI": "http://127.0.0.1:1", "ELASTICIO_API_USERNAME": "user",
		"ELASTICIO_API_KEY": c.planted.New("API key"), "ELASTICIO_API_REQUEST_RETRY_DELAY": "1",
		"LOG_LEVEL": "trace", "ALLOW_INSECURE_ENDPOINT": "true",
	}
	c.postTo(d)
	return c
}

// postTo has the result posted to d.
func (c *serviceCall) postTo(d *desk) {
	name, password, _ := strings.Cut(c.user, ":")
	url := strings.Replace(d.URL, "http://", "http://"+name+":"+percentEncoded(password)+"@", 1)
	c.env["ELASTICIO_POST_RESULT_URL"] = url + "/result/" + c.token("token in the result URL")
}

// token plants a secret that can stand in a URL and an AWS key as it is.
func (c *serviceCall) token(label string) string {
	value := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, new(testkit.Planted).New(label))
	c.planted.Add(label, value)
	return value
}

// run starts the program, waits for its end and returns its output.
func (c *serviceCall) run(ctx context.Context, t *testing.T, status int, args ...string) string {
	t.Helper()
	cfg, err := json.Marshal(c.cfg)
	require.NoError(t, err)
	c.env["ELASTICIO_CFG"] = string(cfg)
	process := testkit.Start(ctx, t, t.TempDir(), c.env, program, args...)
	assert.Equal(t, status, process.Status(), process.Output())
	c.planted.AssertAbsent(t, "the output", []byte(process.Output()))
	for line := range strings.Lines(process.Output()) {
		assert.True(t, json.Valid([]byte(line)), line)
	}
	return process.Output()
}

// percentEncoded writes every byte of text as %xx.
func percentEncoded(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		_, _ = fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

const (
	userKey    = "AKIASERVICETESTUSER1"
	limitedKey = "AKIASERVICETESTUSER2"
	expiredKey = "ASIASERVICETESTUSER3"
)

// keys are what the emulator knows of all its users.
type keys struct{ secret, sessionToken string }

// emulate serves an AWS that knows three access keys with one secret key, and
// the secrets of the seeds.
func emulate(t *testing.T, k keys, seeds ...string) string {
	t.Helper()
	user := emulator.Credential{SecretKey: component.NewSecret(k.secret)}
	expired := emulator.Credential{
		SecretKey: user.SecretKey, SessionToken: component.NewSecret(k.sessionToken), Expires: time.Unix(1, 0),
	}
	aws := emulator.New(emulator.Options{Credentials: map[string]emulator.Credential{
		userKey: user, limitedKey: user, expiredKey: expired,
	}})
	aws.Deny(limitedKey, "ListSecrets", "GetSecretValue")
	for _, seed := range seeds {
		require.NoError(t, aws.Seed(strings.NewReader(seed)))
	}
	server := httptest.NewServer(aws)
	t.Cleanup(server.Close)
	return server.URL
}

func TestVerifyCredentials(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, nobody.Close()) // nobody listens there any more

	for _, test := range []struct {
		name   string
		change func(c *serviceCall, k keys)
		reason string // "" when verified
		log    string
	}{
		{"right keys", func(*serviceCall, keys) {}, "", `"caller":"arn:aws:iam::123456789012:user/emulator"`},
		{"denied", func(c *serviceCall, _ keys) { c.cfg["accessKeyId"] = limitedKey }, "", "secretsmanager:ListSecrets"},
		{"wrong secret", func(c *serviceCall, _ keys) {
			c.cfg["accessKeySecret"] = c.token("wrong access key secret")
		}, "check that accessKeySecret belongs to accessKeyId", ""},
		{"wrong key", func(c *serviceCall, _ keys) { c.cfg["accessKeyId"] = "AKIANOBODYKNOWSTHIS1" }, "AWS does not know accessKeyId", ""},
		{"expired token", func(c *serviceCall, k keys) {
			c.cfg["accessKeyId"], c.cfg["sessionToken"] = expiredKey, k.sessionToken
		}, "enter new temporary keys", ""},
		{"role that cannot be assumed", func(c *serviceCall, _ keys) {
			c.cfg["roleArn"] = "arn:aws:iam::123456789012:role/nobody"
		}, "allow sts:AssumeRole to these keys", ""},
		{"unknown region", func(c *serviceCall, _ keys) { c.cfg["region"] = "nowhere" }, "region must look like eu-central-1", ""},
		{"no region", func(c *serviceCall, _ keys) { delete(c.cfg, "region") }, "region is missing", ""},
		{"unreachable endpoint", func(c *serviceCall, _ keys) {
			c.cfg["endpoint"] = "http://" + nobody.Addr().String()
		}, "connection refused", ""},
		{"plain http", func(c *serviceCall, _ keys) {
			c.cfg["endpoint"] = "http://192.0.2.1"
			delete(c.env, "ALLOW_INSECURE_ENDPOINT")
		}, "endpoint must be https", ""},
		{"loopback", func(c *serviceCall, _ keys) {
			c.cfg["endpoint"] = "https://" + nobody.Addr().String()
			delete(c.env, "ALLOW_INSECURE_ENDPOINT")
		}, "endpoint must not be a loopback", ""},
		{"foreign endpoint", func(c *serviceCall, _ keys) {
			c.cfg["endpoint"] = "https://host.invalid"
			delete(c.env, "ALLOW_INSECURE_ENDPOINT")
		}, `ListSecrets failed: the endpoint does not respond as AWS Secrets Manager does; check endpoint; the log tells more"`, "no such host"},
		{"credentials of the generated connector", func(c *serviceCall, _ keys) {
			c.cfg = map[string]any{"server": "2", "otherServer": "https://host.invalid", "auth_hmac": c.token("signature")}
		}, "enter accessKeyId, accessKeySecret and region in place of server, otherServer and auth_hmac", ""},
		{"number as region", func(c *serviceCall, _ keys) { c.cfg["region"] = 5 }, "region must be text", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := openDesk(t, http.StatusOK)
			c := newServiceCall(d)
			k := keys{c.token("access key secret"), c.token("session token")}
			c.cfg = map[string]any{"accessKeyId": userKey, "accessKeySecret": k.secret, "region": "eu-central-1", "endpoint": emulate(t, k)}
			test.change(c, k)

			output := c.run(ctx, t, 0, "verifyCredentials")
			body := d.only(t, c)
			assert.Contains(t, output, test.log)
			if test.reason == "" {
				assert.JSONEq(t, verified, body)
				return
			}
			assert.Contains(t, body, `{"status":"success","data":{"verified":false,"reason":"`)
			assert.Contains(t, body, test.reason)
		})
	}
}

const verified = `{"status":"success","data":{"verified":true}}`

// TestServiceLaunches starts the program as platforms start images, and has it
// answer with an error where the request is wrong.
func TestServiceLaunches(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	for _, test := range []struct {
		args, want string // want is the error's message
	}{
		{"getMetaModel", `Method "getMetaModel" is not found in "GetRandomPassword" action or trigger`},
		{"service selectModel", `Method "secrets" is not found in "GetRandomPassword" action or trigger`},
		{"node ./node_modules/elasticio-sailor-nodejs/runService.js getMetaModel", `Method "getMetaModel" is not found in "GetRandomPassword" action or trigger`},
		{"bash serve.sh selectModel", `Method "secrets" is not found in "GetRandomPassword" action or trigger`},
		{"bash serve.sh nope", `Unknown service method "nope"`},
		{"node runService.js --help", `Unknown service method "--help"`},
		{"node runService.js", `Unknown service method ""`},
	} {
		t.Run(test.args, func(t *testing.T) {
			d := openDesk(t, http.StatusOK)
			c := newServiceCall(d)
			c.env["ELASTICIO_ACTION_OR_TRIGGER"], c.env["ELASTICIO_GET_MODEL_METHOD"] = "GetRandomPassword", "secrets"
			c.run(ctx, t, 0, strings.Fields(test.args)...)
			want, err := json.Marshal(map[string]any{"status": "error", "data": map[string]string{"message": test.want}})
			require.NoError(t, err)
			assert.JSONEq(t, string(want), d.only(t, c))
		})
	}
}

// TestModels asks for what the designer sees, as the platform does.
func TestModels(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	for _, test := range []struct {
		name, method, secret, key string
		golden, message           string // what the result is, or what its error contains
	}{
		{"schemas", "getMetaModel", "", userKey, "GetSecretValue.json", ""},
		{"schemas for a secret that is chosen", "getMetaModel", "shop/database", userKey, "GetSecretValue.chosen.json", ""},
		{"secrets", "selectModel", "", userKey, "secretNames.json", ""},
		{"secrets, denied", "selectModel", "", limitedKey, "",
			"but SecretId can be mapped instead: ListSecrets failed: AccessDeniedException: "},
		{"secrets, wrong key", "selectModel", "", "AKIANOBODYKNOWSTHIS1", "", "AWS does not know accessKeyId"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := openDesk(t, http.StatusOK)
			c := newServiceCall(d)
			k := keys{c.token("access key secret"), c.token("session token")}
			aws := emulate(t, k, `{"secrets": [
				{"name": "shop/mail", "secretString": "`+c.token("value")+`"},
				{"name": "shop/database", "description": "of the <shop>", "secretString": {"`+c.token("name in a value")+`": 1}},
				{"name": "other", "secretString": "`+c.token("other value")+`"}]}`)
			c.cfg = map[string]any{
				"accessKeyId": test.key, "accessKeySecret": k.secret, "region": "us-east-1", "endpoint": aws,
				"namePrefix": "shop/", "secret": test.secret,
			}
			c.env["ELASTICIO_ACTION_OR_TRIGGER"], c.env["ELASTICIO_GET_MODEL_METHOD"] = "GetSecretValue", "secretNames"
			c.run(ctx, t, 0, "node", "./node_modules/elasticio-sailor-nodejs/runService.js", test.method)
			body := d.only(t, c)
			if test.message != "" {
				assert.Contains(t, body, `{"status":"error","data":{"message":"`)
				assert.Contains(t, body, test.message)
				return
			}
			assertData(t, test.golden, body)
		})
	}
}

// TestKeysOfSecrets has the mapper shown the keys of a secret, and none of its
// values.
func TestKeysOfSecrets(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	for _, test := range []struct{ name, function, secret, key, golden string }{
		{"to read", "GetSecretValue", "shop/database", userKey, "GetSecretValue.keys.json"},
		{"to store", "PutSecretValue", "shop/database", userKey, "PutSecretValue.keys.json"},
		{"to update", "UpdateSecret", "shop/database", userKey, "UpdateSecret.keys.json"},
		{"denied", "PutSecretValue", "shop/database", limitedKey, "PutSecretValue.denied.json"},
		{"not an object", "PutSecretValue", "shop/mail", userKey, "PutSecretValue.text.json"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := openDesk(t, http.StatusOK)
			c := newServiceCall(d)
			k := keys{c.token("access key secret"), c.token("session token")}
			c.planted.Add("number", "48291057364819")
			aws := emulate(t, k, `{"secrets": [
				{"name": "shop/mail", "secretString": "`+c.token("value")+`"},
				{"name": "shop/database", "secretString": {
					"username": "`+c.token("user name")+`", "port": 48291057364819, "tls": true, "was": null, "p\u00e4ss \"<word>": "`+c.token("password")+`",
					"replicas": [{"host": "`+c.token("host")+`"}, {"host": "`+c.token("other host")+`", "weight": 48291057364819}],
					"labels": ["`+c.token("label")+`"], "nested": {"deep": {"er": "`+c.token("nested value")+`"}}}}]}`)
			c.cfg = map[string]any{
				"accessKeyId": test.key, "accessKeySecret": k.secret, "region": "us-east-1", "endpoint": aws,
				"secret": test.secret, "valueFormat": "json",
			}
			c.env["ELASTICIO_ACTION_OR_TRIGGER"] = test.function
			c.run(ctx, t, 0, "node", "./node_modules/elasticio-sailor-nodejs/runService.js", "getMetaModel")
			assertData(t, test.golden, d.only(t, c))
		})
	}
}

func TestGoodResultSurvivesABadAnswer(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	for _, test := range []struct {
		name     string
		statuses []int
		posts    int
		status   int
	}{
		{"500 once", []int{500, 200}, 2, 0},
		{"500 for good", []int{500}, 3, 1},
		{"404", []int{404, 200}, 1, 1},
		{"202", []int{202}, 1, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := openDesk(t, test.statuses...)
			c := newServiceCall(d)
			k := keys{c.token("access key secret"), c.token("session token")}
			c.cfg = map[string]any{"accessKeyId": userKey, "accessKeySecret": k.secret, "region": "eu-central-1", "endpoint": emulate(t, k)}
			output := c.run(ctx, t, test.status, "verifyCredentials")
			require.Len(t, d.received(), test.posts)
			for _, post := range d.received() {
				assert.Equal(t, c.user+" "+verified, post)
			}
			if test.status != 0 {
				assert.Contains(t, output, fmt.Sprintf("post the result: the platform answered %d", test.statuses[0]))
			}
		})
	}
}

func TestNowhereToPost(t *testing.T) {
	c := newServiceCall(openDesk(t, http.StatusOK))
	delete(c.env, "ELASTICIO_POST_RESULT_URL")
	assert.Contains(t, c.run(t.Context(), t, 1, "verifyCredentials"), "ELASTICIO_POST_RESULT_URL is not provided")
}

// TestServiceStops has the platform take its time with the result until the
// program is told to end.
func TestServiceStops(t *testing.T) {
	waiting := make(chan struct{})
	platform := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(waiting)
		<-r.Context().Done()
	}))
	defer platform.Close()
	c := newServiceCall(&desk{Server: platform})
	c.env["ELASTICIO_CFG"] = "{}"
	process := testkit.Start(t.Context(), t, t.TempDir(), c.env, program, "verifyCredentials")
	<-waiting
	require.NoError(t, process.Terminate())
	assert.Equal(t, 1, process.Status())
	assert.Contains(t, process.Output(), "post the result: context canceled")
	c.planted.AssertAbsent(t, "the output", []byte(process.Output()))
}
