package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

func TestRawRequests(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "one")
	tests := []struct {
		name      string
		operation string
		body      string
		code      string // "" means 200
		text      string
	}{
		{"unknown member is ignored", "DescribeSecret", `{"SecretId":"a","Colour":"red"}`, "", ""},
		{"null is absent", "GetSecretValue", `{"SecretId":"a","VersionId":null}`, "", ""},
		{"white space", "DescribeSecret", " {\n\"SecretId\" : \"a\" } \n", "", ""},
		{"no token: create without a value", "CreateSecret", `{"Name":"b"}`, "", ""},
		{"no token: update without a value", "UpdateSecret", `{"SecretId":"a","Description":"d"}`, "", ""},
		{"other case is another member", "DescribeSecret", `{"secretid":"a"}`, "ValidationException", "1 validation error detected: Value null at 'secretId'"},
		{"required null", "DescribeSecret", `{"SecretId":null}`, "ValidationException", "must not be null"},
		{"all violations at once", "UpdateSecretVersionStage", `{"SecretId":"","RemoveFromVersionId":"x"}`, "ValidationException", "3 validation errors detected"},
		{"unknown operation", "GetSecrets", `{}`, "UnknownOperationException", ""},
		{"no JSON", "ListSecrets", `hush`, "SerializationException", "not valid JSON"},
		{"no body", "ListSecrets", ``, "SerializationException", "not valid JSON"},
		{"half of a surrogate pair", "PutSecretValue", `{"SecretId":"a","ClientRequestToken":"00000000-0000-4000-8000-000000000001","SecretString":"hush \ud800"}`, "SerializationException", "not valid Unicode"},
		{"no UTF-8", "PutSecretValue", `{"SecretId":"a","ClientRequestToken":"00000000-0000-4000-8000-000000000001","SecretString":"hush ` + "\xff" + `"}`, "SerializationException", "not valid Unicode"},
		{"two values", "ListSecrets", `{} {}`, "SerializationException", "more than one"},
		{"list", "ListSecrets", `[]`, "SerializationException", "request must be an object"},
		{"number for string", "DescribeSecret", `{"SecretId":12345}`, "SerializationException", "secretId must be a string"},
		{"string for number", "ListSecrets", `{"MaxResults":"5"}`, "SerializationException", "maxResults must be an integer"},
		{"fraction for number", "ListSecrets", `{"MaxResults":1.5}`, "SerializationException", "integer"},
		{"huge number", "ListSecrets", `{"MaxResults":99999999999999999999}`, "SerializationException", "integer"},
		{"string for boolean", "ListSecrets", `{"IncludePlannedDeletion":"true"}`, "SerializationException", "a boolean"},
		{"string for list", "UntagResource", `{"SecretId":"a","TagKeys":"k"}`, "SerializationException", "tagKeys must be a list"},
		{"string for structure", "TagResource", `{"SecretId":"a","Tags":["k"]}`, "SerializationException", "tags.1.member must be an object"},
		{"null in a list", "UntagResource", `{"SecretId":"a","TagKeys":[null]}`, "SerializationException", "tagKeys.1.member"},
		{"no base64", "PutSecretValue", `{"SecretId":"a","SecretBinary":"hush!"}`, "SerializationException", "base64"},
		{"secret of the wrong type", "PutSecretValue", `{"SecretId":"a","SecretString":{"password":"hush"}}`, "SerializationException", "secretString must be a string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, body := w.raw(tt.operation, tt.body)
			if tt.code == "" {
				require.Equal(t, http.StatusOK, status, body)
				return
			}
			require.Equal(t, http.StatusBadRequest, status)
			require.Equal(t, tt.code, body["__type"])
			require.Contains(t, body["Message"], tt.text)
			require.NotContains(t, body["Message"], "hush")
		})
	}
}

func TestWire(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "<&>")
	_, body := w.raw("GetSecretValue", `{"SecretId":"a"}`)
	require.Equal(t, 1741964966.535, body["CreatedDate"])
	require.Equal(t, "<&>", body["SecretString"])

	post := func(method, path, contentType, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("X-Amz-Target", "secretsmanager.ListSecrets")
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=K/20250314/eu-central-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=00")
		rec := httptest.NewRecorder()
		w.emulator.ServeHTTP(rec, r)
		return rec
	}
	good := post("POST", "/", "application/x-amz-json-1.1", `{}`)
	require.Equal(t, http.StatusOK, good.Code)
	require.Equal(t, "application/x-amz-json-1.1", good.Header().Get("Content-Type"))
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, good.Header().Get("X-Amzn-Requestid"))
	for name, rec := range map[string]*httptest.ResponseRecorder{
		"method":       post("GET", "/", "application/x-amz-json-1.1", `{}`),
		"path":         post("POST", "/secrets", "application/x-amz-json-1.1", `{}`),
		"content type": post("POST", "/", "application/json", `{}`),
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, http.StatusBadRequest, rec.Code)
			require.Contains(t, rec.Body.String(), "UnknownOperationException")
		})
	}
	require.Equal(t, http.StatusRequestEntityTooLarge,
		post("POST", "/", "application/x-amz-json-1.1", `"`+strings.Repeat("x", 1<<20)+`"`).Code)
}

// TestSameSeedSameResponses: with clock and randomness injected, all is repeatable.
func TestSameSeedSameResponses(t *testing.T) {
	run := func() string {
		w := newEnvironment(t)
		arn, _ := w.create("a", "one")
		_, err := w.rotate(withToken(1))
		require.NoError(t, err)
		return arn + " " + w.text("a")
	}
	require.Equal(t, run(), run())
}

// TestNothingIsPrinted plants values and keys and looks for them in the log
// and in every way of printing what is exported.
func TestNothingIsPrinted(t *testing.T) {
	const planted = "hush-hush"
	var log bytes.Buffer
	o := emulator.Options{
		Log:         slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug - 8})),
		Credentials: map[string]emulator.Credential{"AKIDTEST": {SecretKey: component.NewSecret(planted)}},
	}
	w := newEnvironment(t, func(have *emulator.Options) { have.Log, have.Credentials = o.Log, o.Credentials })
	c := w.client("eu-central-1", func(o *secretsmanager.Options) { o.Credentials = staticKeys("AKIDTEST", planted, "") })
	ctx := t.Context()
	_, err := c.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("a"), SecretString: aws.String(planted), ClientRequestToken: token(1)})
	require.NoError(t, err)
	_, err = c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: aws.String("a"), SecretBinary: []byte(planted)})
	require.NoError(t, err)
	_, err = c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: aws.String("a"), SecretString: aws.String(planted + planted), ClientRequestToken: token(1)})
	require.Error(t, err)
	require.NotContains(t, err.Error(), planted)

	require.NoError(t, w.emulator.Seed(strings.NewReader(`{"secrets":[{"name":"b","secretString":"`+planted+`"}]}`)))
	slog.New(slog.NewTextHandler(&log, nil)).Info("print", "emulator", w.emulator, "options", o)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&log, verb+verb+verb, w.emulator, o, []any{w.emulator})
	}
	//lint:ignore SA9005 that there is nothing to see is what is tested
	encoded, err := json.Marshal(w.emulator)
	require.NoError(t, err)
	log.Write(encoded)
	require.NotContains(t, log.String(), planted)
	require.NotContains(t, log.String(), fmt.Sprintf("%x", planted))
	require.Contains(t, log.String(), `"operation":"PutSecretValue","secret":"a","status":400,"error":"ResourceExistsException","duration":0,"requestId":"`)
}

// TestConcurrentCalls is for the race detector, and for what must hold at the
// end: one version for each token, one AWSCURRENT.
func TestConcurrentCalls(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "0")
	var wg sync.WaitGroup
	for n := range 12 {
		wg.Go(func() {
			in := &secretsmanager.PutSecretValueInput{SecretId: aws.String("a"), SecretString: aws.String("x"), ClientRequestToken: token(n % 4)}
			_, err := w.PutSecretValue(t.Context(), in)
			if err != nil {
				t.Error(err)
			}
			_, err = w.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
			if err != nil {
				t.Error(err)
			}
			_, err = w.TagResource(t.Context(), &secretsmanager.TagResourceInput{SecretId: aws.String("a"), Tags: tagsOf(fmt.Sprintf("k=%d", n))})
			if err != nil {
				t.Error(err)
			}
			_ = w.emulator.Calls()
		})
	}
	wg.Wait()
	require.Len(t, w.versions("a", true), 5)
	require.Len(t, w.tags("a"), 1)
}

// serve serves one request, without a connection.
func serve(e *emulator.Emulator, operation string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "secretsmanager."+operation)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=K/20250314/eu-central-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=00")
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, r)
	return rec
}

// FuzzFront sends any body to any operation: never a panic, never a 500, and
// always an answer that can be read.
func FuzzFront(f *testing.F) {
	m := model(f)
	for op := range m {
		f.Add(op, []byte(`{"ClientRequestToken":"00000000-0000-4000-8000-000000000001","SecretId":"a","Name":"b","SecretString":"s","VersionStage":"L","ResourcePolicy":"{}","Tags":[{"Key":"k"}],"TagKeys":["k"],"AddReplicaRegions":[{"Region":"us-east-1"}],"RemoveReplicaRegions":["us-east-1"]}`))
	}
	f.Add("ListSecrets", []byte(`{"Filters":[{"Key":"all","Values":["!a b"]}],"NextToken":"AAAA","SortBy":"name"}`))
	f.Add("BatchGetSecretValue", []byte(`{"SecretIdList":["a","arn:aws:secretsmanager:eu-central-1:123456789012:secret:a"]}`))
	f.Add("RotateSecret", []byte(`{"ClientRequestToken":"00000000-0000-4000-8000-000000000001","SecretId":"a","RotationLambdaARN":"l","RotationRules":{"ScheduleExpression":"cron(0 8 ? * MON#1 *)","Duration":"2h"}}`))
	f.Add("GetRandomPassword", []byte(`{"PasswordLength":8,"ExcludeCharacters":"abc"}`))
	f.Fuzz(func(t *testing.T, op string, body []byte) {
		e := emulator.New(emulator.Options{Random: random(1), Clock: newClock().Now})
		require.NoError(t, e.Seed(strings.NewReader(`{"region":"eu-central-1","secrets":[{"name":"a","secretString":"one"}]}`)))
		rec := serve(e, op, body)
		switch rec.Code {
		case http.StatusOK:
			require.NoError(t, checkOutput(m[op].Output, rec.Body.Bytes()), "answer of %s", op)
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
			var answer struct {
				Type string `json:"__type"`
			}
			require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &answer))
			require.NotEmpty(t, answer.Type)
		default:
			t.Fatalf("%s answered with status %d", op, rec.Code)
		}
	})
}

// FuzzAuthorization: a header from outside never breaks the front.
func FuzzAuthorization(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIDGOOD/20250314/eu-central-1/secretsmanager/aws4_request, SignedHeaders=host;x-amz-date, Signature=00", "20250314T150926Z", "{}")
	f.Add("AWS4-ECDSA-P256-SHA256 Credential=AKIDGOOD/20250314/secretsmanager/aws4_request, SignedHeaders=host, Signature=00", "", "Action=AssumeRole")
	e := emulator.New(emulator.Options{Credentials: map[string]emulator.Credential{"AKIDGOOD": {SecretKey: component.NewSecret("goodsecret")}}})
	f.Fuzz(func(t *testing.T, authorization, date, body string) {
		for _, contentType := range []string{"application/x-amz-json-1.1", "application/x-www-form-urlencoded"} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("Content-Type", contentType)
			r.Header.Set("X-Amz-Target", "secretsmanager.ListSecrets")
			r.Header.Set("Authorization", authorization)
			r.Header.Set("X-Amz-Date", date)
			rec := httptest.NewRecorder()
			e.ServeHTTP(rec, r)
			require.Contains(t, []int{400, 403, 413}, rec.Code, "nothing passes without the secret")
		}
	})
}
