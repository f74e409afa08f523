package actions

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/cache"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

// calledTwice is a message that comes twice, and how often AWS is called.
type calledTwice struct {
	name, function, fields, body string
	again                        string // the second body, where it is another one
	calls                        int
}

func TestCache(t *testing.T) {
	const on = `"cacheSeconds":"60"`
	tests := []calledTwice{
		{name: "off", function: "GetSecretValue", body: `{"SecretId":"s"}`, calls: 2},
		{name: "0", function: "GetSecretValue", fields: `"cacheSeconds":0`, body: `{"SecretId":"s"}`, calls: 2},
		{name: "on", function: "GetSecretValue", fields: on, body: `{"SecretId":"s"}`, calls: 1},
		{name: "number", function: "GetSecretValue", fields: `"cacheSeconds":3600`, body: `{"SecretId":"s"}`, calls: 1},
		{name: "another stage", function: "GetSecretValue", fields: on, body: `{"SecretId":"s"}`, again: `{"SecretId":"s","VersionStage":"AWSCURRENT"}`, calls: 2},
		{name: "refresh", function: "GetSecretValue", fields: on, body: `{"SecretId":"s"}`, again: `{"SecretId":"s","Refresh":true}`, calls: 2},
		{name: "no refresh", function: "GetSecretValue", fields: on, body: `{"SecretId":"s","Refresh":false}`, again: `{"SecretId":"s"}`, calls: 1},
		{name: "after a refresh", function: "GetSecretValue", fields: on, body: `{"SecretId":"s","Refresh":true}`, again: `{"SecretId":"s"}`, calls: 1},
		{name: "refresh without a cache", function: "GetSecretValue", body: `{"Refresh":true,"SecretId":"s"}`, calls: 2},
		{name: "AWSPENDING", function: "GetSecretValue", fields: on, body: `{"SecretId":"s","VersionStage":"AWSPENDING"}`, calls: 2},
		{name: "error", function: "GetSecretValue", fields: on, body: `{"SecretId":"nowhere"}`, calls: 2},
		{name: "as an object", function: "GetSecretValue", fields: on + `,"valueFormat":"json"`, body: `{"SecretId":"s"}`, calls: 1},
		{name: "batch", function: "BatchGetSecretValue", fields: on, body: `{"SecretIdList":["s"]}`, calls: 1},
		{name: "batch, off", function: "BatchGetSecretValue", body: `{"SecretIdList":["s"]}`, calls: 2},
		{name: "batch, refresh", function: "BatchGetSecretValue", fields: on, body: `{"SecretIdList":["s"],"Refresh":true}`, calls: 2},
		{name: "batch with an error", function: "BatchGetSecretValue", fields: on, body: `{"SecretIdList":["s","nowhere"]}`, calls: 2},
		{name: "all pages", function: "BatchGetSecretValue", fields: on + `,"emitBehaviour":"emitAll"`, body: `{"Filters":[{"Key":"name","Values":["s"]}],"MaxResults":1}`, calls: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLocal(t)
			l.run(t, "CreateSecret", `{"Name":"s","SecretString":"{\"a\":1}"}`)
			l.run(t, "CreateSecret", `{"Name":"s2","SecretString":"{\"a\":2}"}`)
			l.run(t, "PutSecretValue", `{"SecretId":"s","SecretString":"{\"a\":3}","VersionStages":["AWSPENDING"]}`)
			if tt.again == "" {
				tt.again = tt.body
			}
			h := newHandler(t, Specs(testOptions), tt.function, l.deps(tt.fields))
			first, second := new(recorder), new(recorder)
			failed := h.Handle(t.Context(), newRequest(tt.body), first)
			again := h.Handle(t.Context(), newRequest(tt.again), second)
			if tt.name == "error" {
				require.Error(t, failed)
				require.Error(t, again)
			} else {
				require.NoError(t, failed)
				require.NoError(t, again)
				require.Len(t, first.bodies, 1)
				assert.Equal(t, first.bodies, second.bodies)
			}
			assert.Equal(t, tt.calls, l.Calls()[tt.function])
		})
	}
}

// What AWS refuses to read again is not told from memory any more.
func TestCacheAfterARefusedRefresh(t *testing.T) {
	for name, test := range map[string]struct {
		refuse func(l local) error
		kept   bool
	}{
		"access denied": {func(l local) error { l.Deny("", "secretsmanager:GetSecretValue"); return nil }, false},
		"unavailable":   {func(l local) error { return l.Inject(emulator.Fault{Kind: emulator.Unavailable}) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLocal(t)
			l.create(t, "s", "v")
			h := newHandler(t, Specs(testOptions), "GetSecretValue", l.deps(`"cacheSeconds":"60"`))
			require.NoError(t, h.Handle(t.Context(), newRequest(`{"SecretId":"s"}`), new(recorder)))
			require.NoError(t, test.refuse(l))
			require.Error(t, h.Handle(t.Context(), newRequest(`{"SecretId":"s","Refresh":true}`), new(recorder)))
			err := h.Handle(t.Context(), newRequest(`{"SecretId":"s"}`), new(recorder))
			assert.Equal(t, test.kept, err == nil, err)
		})
	}
}

func TestCacheField(t *testing.T) {
	for _, wrong := range []string{`"-1"`, `3601`, `"planted"`, `1.5`, `true`} {
		h := newHandler(t, Specs(testOptions), "GetSecretValue", component.Deps{Config: json.RawMessage(`{"cacheSeconds":` + wrong + `}`)})
		err := h.Handle(t.Context(), newRequest(`{"SecretId":"s"}`), new(recorder))
		require.ErrorContains(t, err, `cacheSeconds ("Cache for (seconds)") must be a whole number from 0 to 3600`, wrong)
		assert.NotContains(t, err.Error(), "planted")
	}
}

// TestMetaModelOfCache: Refresh is shown to those who have a cache.
func TestMetaModelOfCache(t *testing.T) {
	for _, function := range []string{"GetSecretValue", "BatchGetSecretValue"} {
		for config, shown := range map[string]bool{`{}`: false, `{"cacheSeconds":"0"}`: false, `{"cacheSeconds":"60"}`: true} {
			in := metaModelOf(t, specOf(t, function), config).In
			assert.Equal(t, shown, member(in, "properties", "Refresh") != nil, config)
		}
	}
}

// TestCacheInTheFailoverRegion: what is read there arrives with a cache, too.
func TestCacheInTheFailoverRegion(t *testing.T) {
	l := newLocal(t)
	arn := l.replicated(t, "a")
	for function, body := range map[string]string{
		"GetSecretValue": fmt.Sprintf(`{"SecretId":%q}`, arn), "BatchGetSecretValue": fmt.Sprintf(`{"SecretIdList":[%q]}`, arn),
	} {
		out, logged, err := l.handleAway(t, regionAway{region: "eu-central-1"}, function, body, toIreland+`,"cacheSeconds":"60"`)
		require.NoError(t, err)
		require.Len(t, out.bodies, 1)
		assert.Contains(t, string(out.bodies[0]), `"Region":"eu-west-1"`)
		assert.Contains(t, logged, "failoverRegion=eu-west-1")
	}
}

// TestCacheTellsApart: in one table, an answer belongs to the credentials, the
// region, the endpoint, the secret, the version and the stage that it was asked for with.
func TestCacheTellsApart(t *testing.T) {
	kept, process := cache.New(time.Hour), []byte("a key of this process")
	ask := func(config, secret, version, stage string) string {
		api := newCachedAPI(told{value: config + secret + version + stage}, process, json.RawMessage(config), kept)
		optional := func(s string) *string {
			if s == "" {
				return nil
			}
			return &s
		}
		out, err := api.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{
			SecretId: &secret, VersionId: optional(version), VersionStage: optional(stage),
		})
		require.NoError(t, err)
		return *out.SecretString
	}
	const base = `"accessKeyId":"AKIA1","accessKeySecret":"one","region":"eu-central-1","endpoint":"https://a.example"`
	configs := []string{
		`{` + base + `}`,
		`{"accessKeyId":"AKIA2","accessKeySecret":"one","region":"eu-central-1","endpoint":"https://a.example"}`,
		`{"accessKeyId":"AKIA1","accessKeySecret":"two","region":"eu-central-1","endpoint":"https://a.example"}`,
		`{"accessKeyId":"AKIA1","accessKeySecret":"one","region":"eu-west-1","endpoint":"https://a.example"}`,
		`{"accessKeyId":"AKIA1","accessKeySecret":"one","region":"eu-central-1","endpoint":"https://b.example"}`,
		`{` + base + `,"sessionToken":"one"}`,
		`{` + base + `,"roleArn":"arn:aws:iam::123456789012:role/a"}`,
		`{` + base + `,"fips":true}`,
	}
	questions := [][3]string{{"s", "", ""}, {"s2", "", ""}, {"s", "v1", ""}, {"s", "", "v1"}, {"sv1", "", ""}, {"s", "v1", "AWSPREVIOUS"}, {"s", "v", "1"}}
	for range 2 { // the second time from the table
		for _, config := range configs {
			for _, q := range questions {
				assert.Equal(t, config+q[0]+q[1]+q[2], ask(config, q[0], q[1], q[2]))
			}
		}
	}
	assert.Contains(t, fmt.Sprint(kept), fmt.Sprintf("cache with %d answers", len(configs)*len(questions)))

	other := newCachedAPI(told{value: "another"}, []byte("a key of another process"), json.RawMessage(configs[0]), kept)
	out, err := other.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("s")})
	require.NoError(t, err)
	assert.Equal(t, "another", *out.SecretString)
}

// told answers with what it was told.
type told struct {
	awsapi.API

	value string
}

func (s told) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return &secretsmanager.GetSecretValueOutput{SecretString: &s.value}, nil
}

// pages answers each call with a page of its own, slowly.
type pages struct {
	awsapi.API

	mu    sync.Mutex
	calls int
}

func (p *pages) BatchGetSecretValue(_ context.Context, in *secretsmanager.BatchGetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.BatchGetSecretValueOutput, error) {
	time.Sleep(time.Second)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	out := &secretsmanager.BatchGetSecretValueOutput{SecretValues: make([]types.SecretValueEntry, 1, 8)} // with room to append
	out.SecretValues[0] = types.SecretValueEntry{Name: aws.String("page " + aws.ToString(in.NextToken)), SecretString: aws.String("value")}
	if in.NextToken == nil {
		out.NextToken = aws.String("two")
	}
	return out, nil
}

// TestCacheOfManyAtOnce: equal messages share each page, and none changes that of
// another.
func TestCacheOfManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &pages{}
		h := newHandler(t, fixed(api), "BatchGetSecretValue", component.Deps{Config: json.RawMessage(`{"cacheSeconds":60,"emitBehaviour":"emitAll"}`)})
		out := new(recorder)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				assert.NoError(t, h.Handle(t.Context(), newRequest(`{"Filters":[{"Key":"name","Values":["s"]}]}`), out))
			})
		}
		all.Wait()
		assert.Equal(t, 2, api.calls)
		require.Len(t, out.bodies, 50)
		for _, body := range out.bodies {
			assert.JSONEq(t, `{"SecretValues":[{"Name":"page ","SecretString":"value"},{"Name":"page two","SecretString":"value"}]}`, string(body))
		}
		time.Sleep(time.Hour) // the timers end
	})
}

// BenchmarkCached is a message that is answered from memory.
func BenchmarkCached(b *testing.B) {
	value := strings.Repeat("x", 1024)
	h := newHandler(b, fixed(told{value: value}), "GetSecretValue", component.Deps{Config: json.RawMessage(
		`{"accessKeyId":"AKIABENCHBENCHBENCH0","accessKeySecret":"bench","region":"eu-central-1","endpoint":"http://127.0.0.1:1","cacheSeconds":3600}`)})
	req := newRequest(`{"SecretId":"bench/secret"}`)
	b.ReportAllocs()
	for b.Loop() {
		if err := h.Handle(b.Context(), req, discard{}); err != nil {
			b.Fatal(err)
		}
	}
}
