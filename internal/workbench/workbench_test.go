package workbench_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/actions"
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/bunyan"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/demo"
	"aws-secrets-manager-connector/internal/service"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/internal/testkit"
	"aws-secrets-manager-connector/internal/workbench"
	"aws-secrets-manager-connector/schemas"
	"aws-secrets-manager-connector/triggers"
)

const planted = "planted-secret-value"

const seed = `{"region":"eu-central-1","secrets":[{"name":"shop/database","secretString":{"password":"` + planted + `"}}]}`

// bench is a workbench with a server, and what went over it.
type bench struct {
	t      *testing.T
	url    string
	token  string
	log    testkit.Output
	traced bytes.Buffer // all answers but those of reveal
}

func open(t *testing.T, uri component.Secret) *bench {
	t.Helper()
	b := &bench{t: t}
	log := bunyan.New(&b.log, bunyan.Options{Name: "sailor", Level: bunyan.LevelTrace})
	specs := func(transport http.RoundTripper) []component.Spec {
		aws := awsapi.Options{AllowInsecureEndpoint: true, Transport: transport, MaxBackoff: time.Millisecond}
		return append(triggers.Specs(time.Now, aws), actions.Specs(aws)...)
	}
	w, err := workbench.New(t.Context(), workbench.Options{
		Descriptor: connector.Descriptor, Specs: specs, Schemas: schemas.Load, SchemaFiles: schemas.FS,
		Seed: strings.NewReader(seed), AMQPURI: uri, Log: log,
		Methods: func(settings.Service) service.Methods {
			return service.Methods{
				Log: log, ComponentLog: log,
				Verify: func(ctx context.Context, raw json.RawMessage) (service.Verification, error) {
					cfg, err := awsapi.ParseConfig(raw)
					if err != nil {
						return service.Verification{}, err
					}
					v, err := awsapi.Verify(ctx, cfg, awsapi.Options{AllowInsecureEndpoint: true})
					return service.Verification(v), err
				},
				Registry: func() (*component.Registry, error) {
					return component.NewRegistry(connector.Descriptor, specs(nil)...)
				},
			}
		},
	})
	require.NoError(t, err)
	server := httptest.NewServer(w.Handler())
	b.url, b.token = server.URL, w.Token()
	t.Cleanup(func() {
		server.Close()
		assert.NoError(t, w.Close(context.Background()))
		http.DefaultClient.CloseIdleConnections()
		assert.NotContains(t, b.log.String(), planted, "log")
		assert.NotContains(t, b.traced.String(), planted, "what the page was told unasked")
	})
	return b
}

func (b *bench) post(path, body string) *http.Response {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+"/api/"+path, strings.NewReader(body))
	require.NoError(b.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+b.token)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(b.t, err)
	return resp
}

func (b *bench) ask(path, body string) string {
	b.t.Helper()
	resp := b.post(path, body)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(b.t, err)
	if path != "reveal" {
		b.traced.Write(raw)
	}
	return strings.TrimSpace(string(raw))
}

type event struct {
	Hop, Text string
	Status    int
	Emit      *struct {
		Kind, ID string
		Body     json.RawMessage
		Error    struct{ Name, Message string }
	}
	Failed string
}

func (b *bench) run(path, body string) (events []event) {
	b.t.Helper()
	resp := b.post(path, body)
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(io.TeeReader(resp.Body, &b.traced))
	for lines.Scan() {
		var e event
		require.NoError(b.t, json.Unmarshal(lines.Bytes(), &e))
		events = append(events, e)
	}
	require.NoError(b.t, lines.Err())
	return events
}

// told is a run in words: its hops, and what was emitted.
func told(events []event) (words []string) {
	for _, e := range events {
		switch {
		case e.Failed != "":
			words = append(words, "failed: "+e.Failed)
		case e.Emit != nil && e.Emit.Kind == "error":
			words = append(words, "error "+e.Emit.Error.Name)
		case e.Emit != nil:
			words = append(words, e.Emit.Kind)
		default:
			words = append(words, strings.TrimSpace(e.Hop+" "+e.Text))
		}
	}
	return words
}

func TestRun(t *testing.T) {
	for _, where := range []string{"in memory", "RabbitMQ"} {
		t.Run(where, func(t *testing.T) {
			var uri component.Secret
			if where == "RabbitMQ" {
				uri = testkit.RabbitMQ(t).URI
			}
			b := open(t, uri)
			events := b.run("run", `{"function":"GetSecretValue","body":{"SecretId":"shop/database"}}`)
			words := told(events)
			assert.ElementsMatch(t, []string{
				"queued", "delivered", "handled", "aws GetSecretValue", "answered", "published", "settled acknowledged", "data",
			}, words)

			var emit event
			for _, e := range events {
				if e.Emit != nil {
					emit = e
				}
			}
			require.NotNil(t, emit.Emit)
			assert.Contains(t, string(emit.Emit.Body), `"SecretString":"***"`)
			assert.JSONEq(t, `"{\"password\":\"`+planted+`\"}"`, b.ask("reveal", `{"id":"`+emit.Emit.ID+`","path":["SecretString"]}`))
			assert.Contains(t, b.ask("reveal", `{"id":"77","path":[]}`), "not kept")
			assert.Contains(t, b.ask("reveal", `{"id":"`+emit.Emit.ID+`","path":["None"]}`), "not kept")
		})
	}
}

func TestRunFails(t *testing.T) {
	tests := map[string]struct {
		fault string
		body  string
		want  []string
	}{
		"input that breaks the schema": {
			body: `{"function":"GetSecretValue","body":{"SecretId":7,"Nothing":true}}`,
			want: []string{"queued", "delivered", "published", "settled rejected", "error InvalidInput"},
		},
		"an error of AWS": {
			body: `{"function":"GetSecretValue","body":{"SecretId":"none"}}`,
			want: []string{"queued", "delivered", "handled", "aws GetSecretValue", "published", "settled rejected", "error ResourceNotFoundException"},
		},
		"a rebound": {
			fault: "unavailable", body: `{"function":"GetSecretValue","body":{"SecretId":"shop/database"}}`,
			want: []string{
				"queued", "delivered", "handled", "aws GetSecretValue", "aws GetSecretValue", "aws GetSecretValue", "published", "settled acknowledged", "rebound",
			},
		},
		"a waiting caller": {
			body: `{"function":"GetSecretValue","body":{},"replyTo":true}`,
			want: []string{"queued", "delivered", "published", "published", "settled rejected", "error InvalidInput", "reply"},
		},
		"no such function": {body: `{"function":"None"}`, want: []string{`failed: Trigger or action "None" is not found in component.json!`}},
		"no JSON":          {body: `{`, want: []string{"failed: the request is not the JSON that belongs here"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := open(t, component.Secret{})
			if tt.fault != "" {
				assert.Equal(t, "{}", b.ask("aws", `{"fault":"`+tt.fault+`","times":3}`))
			}
			assert.ElementsMatch(t, tt.want, told(b.run("run", tt.body)))
		})
	}
}

// TestStepKeeps: a step goes on with one configuration, and starts anew with another.
func TestStepKeeps(t *testing.T) {
	b := open(t, component.Secret{})
	for _, prefix := range []string{"a", "a", "b", "a"} {
		words := told(b.run("run", `{"function":"GetSecretValue","config":{"namePrefix":"`+prefix+`"},"body":{"SecretId":"shop/database"}}`))
		assert.Contains(t, words, "data", prefix)
	}
	assert.Equal(t, 3, strings.Count(b.log.String(), `"msg":"ready, waiting for messages"`), "starts")
}

func TestServiceMethods(t *testing.T) {
	b := open(t, component.Secret{})
	assert.JSONEq(t, `{"status":"success","data":{"verified":true}}`, b.ask("verify", `{"config":{}}`))
	assert.Contains(t, b.ask("verify", `{"config":{"accessKeyId":"AKIANOBODY","accessKeySecret":"none"}}`), `"verified":false`)
	assert.JSONEq(t, `{"status":"success","data":{"shop/database":"shop/database"}}`,
		b.ask("model", `{"function":"GetSecretValue","model":"secretNames","config":{"namePrefix":"shop/"}}`))
	assert.Contains(t, b.ask("metadata", `{"function":"GetSecretValue","config":{}}`), "SecretId")
	assert.NotContains(t, b.ask("metadata", `{"function":"GetSecretValue","config":{"secret":"shop/database"}}`), `"SecretId"`)
	assert.Contains(t, b.ask("metadata", `{"function":"CreateSecret","config":{}}`), "SecretBinary")
}

func TestCheck(t *testing.T) {
	b := open(t, component.Secret{})
	assert.Equal(t, `[]`, b.ask("check", `{"function":"GetSecretValue","body":{"SecretId":"shop/database"}}`))
	assert.Equal(t, `[]`, b.ask("check", `{"function":"GetSecretValue","config":{"secret":"shop/database"},"body":{}}`), "the field fills in")
	violations := b.ask("check", `{"function":"CreateSecret","body":{"Tags":[{"Key":"aws:x"}]}}`)
	assert.Contains(t, violations, `"path":"body.Name"`)
	assert.Contains(t, violations, `"path":"body.Tags[0].Key"`)
	assert.JSONEq(t, `[{"path":"body.SecretId","rule":"must not be empty","given":"a string of 0 characters","hint":"choose a secret in the step, or map SecretId"}]`,
		b.ask("check", `{"function":"GetSecretValue","body":{"SecretId":""}}`))
}

func TestStory(t *testing.T) {
	b := open(t, component.Secret{})
	number := func(i int) string { return string(mustJSON(t, map[string]int{"number": i})) }
	assert.Equal(t, []string{"failed: the next chapter is number 1"}, told(b.run("play", number(3))))
	for round := range 2 { // it can be told again
		for i, heading := range demo.Headings() {
			events := b.run("play", number(i))
			for _, e := range events {
				assert.Empty(t, e.Failed, "round %d: %s", round, heading.Title)
			}
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return raw
}

func TestOnlyItsPageIsAnswered(t *testing.T) {
	b := open(t, component.Secret{})
	host := strings.TrimPrefix(b.url, "http://")
	tests := map[string]struct {
		path, host string
		headers    map[string]string
		want       int
	}{
		"its page":                  {headers: map[string]string{"Origin": b.url, "Sec-Fetch-Site": "same-origin"}, want: 200},
		"what a person opens":       {path: "/", headers: map[string]string{"Sec-Fetch-Site": "none"}, want: 200},
		"localhost":                 {host: "localhost:4585", want: 200},
		"another name":              {host: "evil.example", want: 403},
		"another name with a port":  {host: "evil.example:80", want: 403},
		"another page":              {headers: map[string]string{"Origin": "http://evil.example"}, want: 403},
		"another port's page":       {headers: map[string]string{"Origin": "http://127.0.0.1:1"}, want: 403},
		"a page without an origin":  {headers: map[string]string{"Origin": "null"}, want: 403},
		"another site":              {headers: map[string]string{"Sec-Fetch-Site": "cross-site"}, want: 403},
		"another origin of its":     {headers: map[string]string{"Sec-Fetch-Site": "same-site"}, want: 403},
		"no token":                  {headers: map[string]string{"Authorization": ""}, want: 401},
		"a wrong token":             {headers: map[string]string{"Authorization": "Bearer " + strings.ToLower(b.token)}, want: 401},
		"a form's type":             {headers: map[string]string{"Content-Type": "text/plain"}, want: 415},
		"the page for another name": {path: "/", host: "evil.example", want: 403},
		"the page for another site": {path: "/icon.svg", headers: map[string]string{"Sec-Fetch-Site": "cross-site"}, want: 403},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path, method := "/api/story", http.MethodPost
			if tt.path != "" {
				path, method = tt.path, http.MethodGet
			}
			req, err := http.NewRequestWithContext(t.Context(), method, b.url+path, strings.NewReader("{}"))
			require.NoError(t, err)
			req.Host = host
			if tt.host != "" {
				req.Host = tt.host
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+b.token)
			for name, value := range tt.headers {
				req.Header.Set(name, value)
			}
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, tt.want, resp.StatusCode)
			assert.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
			opener := "same-origin"
			if tt.headers["Sec-Fetch-Site"] == "none" {
				opener = ""
			}
			assert.Equal(t, opener, resp.Header.Get("Cross-Origin-Opener-Policy"))
		})
	}
}

// TestPage: all of it comes in two small answers that name no other host, and
// what the policy does not name by its hash is not in it.
func TestPage(t *testing.T) {
	b := open(t, component.Secret{})
	total := 0
	get := func(path string) (*http.Response, string) {
		resp, err := http.Get(b.url + path) //nolint:noctx // a test's
		require.NoError(t, err)
		content, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode, path)
		total += len(content)
		return resp, string(content)
	}
	resp, document := get("/")
	_, icon := get("/icon.svg")
	assert.Less(t, total, 150_000, "bytes")

	var parts []string
	for _, part := range regexp.MustCompile(`(?s)<(style|script)[^>]*>(.*?)</(?:style|script)>`).FindAllStringSubmatch(document, -1) {
		parts = append(parts, part[2])
	}
	require.Len(t, parts, 3, "style, data, script")
	policy := resp.Header.Get("Content-Security-Policy")
	for directive, part := range map[string]string{"style-src": parts[0], "script-src": parts[2]} {
		sum := sha256.Sum256([]byte(part))
		assert.Contains(t, policy, directive+" 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';")
	}
	assert.NotContains(t, policy, "unsafe")
	var data struct {
		First    string
		Metadata json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(parts[1]), &data))
	assert.JSONEq(t, b.ask("metadata", `{"function":"`+data.First+`"}`), string(data.Metadata))

	own := strings.ReplaceAll(parts[0]+parts[2]+icon, `"http://www.w3.org/2000/svg"`, "")
	for _, unwanted := range []string{"//www", "http:", "localStorage", "sessionStorage"} {
		assert.NotContains(t, own, unwanted)
	}
	assert.NotContains(t, document, b.token)
}
