package actions

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/schemas"
)

// handle sends body to a step with these fields, as the runtime does: its input
// is checked before, and its output after.
func (l local) handle(t *testing.T, function, fields, body string) (*recorder, error) {
	t.Helper()
	in, out, err := schemas.Load(function)
	require.NoError(t, err)
	checked, err := in.Check(json.RawMessage(body))
	require.NoError(t, err, body)
	got := new(recorder)
	err = newHandler(t, Specs(testOptions), function, l.deps(fields)).Handle(t.Context(), newRequest(string(checked)), got)
	for _, body := range got.bodies {
		_, err := out.Check(body)
		require.NoError(t, err)
	}
	return got, err
}

// store makes a secret of that text.
func (l local) store(t *testing.T, name, text string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"Name": name, "SecretString": text})
	require.NoError(t, err)
	l.run(t, "CreateSecret", string(body))
}

func secretOf(t *testing.T, body json.RawMessage) string {
	t.Helper()
	var value struct {
		Secret       json.RawMessage
		SecretString *string
	}
	require.NoError(t, json.Unmarshal(body, &value))
	assert.Nil(t, value.SecretString)
	return string(value.Secret)
}

func TestReadAsJSON(t *testing.T) {
	l := newLocal(t)
	for _, test := range []struct{ name, text, fields, want string }{
		{"as-it-is", "{ \"z\": 12345678901234567890.10,\n \"a\": [null, true, {\"ü<&>\\u00fc\": 1e5}], \"z\": \"\\ud83d\" }", ``,
			`{"z":12345678901234567890.10,"a":[null,true,{"ü<&>\u00fc":1e5}],"z":"\ud83d"}`},
		{"nothing", `{}`, ``, `{}`},
		{"some-keys", `{"user": "u", "password": "p", "db": {"host": "h", "port": 1}}`, `,"keys":"/db/port, user"`, `{"user":"u","db":{"port":1}}`},
		{"white-space", `{"user": "u"}`, `,"keys":" , "`, `{"user":"u"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			l.store(t, test.name, test.text)
			got, err := l.handle(t, "GetSecretValue", `"valueFormat":"json"`+test.fields, `{"SecretId":"`+test.name+`"}`)
			require.NoError(t, err)
			require.Empty(t, got.errs)
			assert.Equal(t, test.want, secretOf(t, got.bodies[0]))
			assert.Contains(t, string(got.bodies[0]), `"Name":"`+test.name+`"`)
			assert.Contains(t, string(got.bodies[0]), `"VersionStages":["AWSCURRENT"]`)

			got, err = l.handle(t, "BatchGetSecretValue", `"emitBehaviour":"emitIndividually","valueFormat":"json"`+test.fields, `{"SecretIdList":["`+test.name+`"]}`)
			require.NoError(t, err)
			require.Empty(t, got.errs)
			assert.Equal(t, test.want, secretOf(t, got.bodies[0]))
		})
	}
}

func TestReadAsJSONFails(t *testing.T) {
	l := newLocal(t)
	for name, text := range map[string]string{"a/text": "planted", "a/list": `["planted"]`, "a/number": "12345", "a/two": `{"planted":1}{}`, "a/broken": `{"planted"`} {
		l.store(t, name, text)
	}
	l.run(t, "CreateSecret", `{"Name":"a/binary","SecretBinary":"cGxhbnRlZA=="}`)
	l.store(t, "a/object", `{"planted":"planted","user":"u"}`)
	for _, test := range []struct{ secret, keys, want string }{
		{"a/text", "", `the value of "a/text" is not a JSON object, as valueFormat ("Format of the value") json asks for; choose text, or store an object`},
		{"a/list", "", `the value of "a/list" is not a JSON object, as`},
		{"a/number", "", `the value of "a/number" is not a JSON object, as`},
		{"a/two", "", `the value of "a/two" is not a JSON object, as`},
		{"a/broken", "", `the value of "a/broken" is not a JSON object, as`},
		{"a/binary", "", `the value of "a/binary" is not a JSON object, as`},
		{"a/object", "user,no<,/user/x", `the value of "a/object" does not have what keys asks for: "no<", "/user/x"`},
	} {
		t.Run(test.secret, func(t *testing.T) {
			fields := `"valueFormat":"json","keys":"` + test.keys + `"`
			got, err := l.handle(t, "GetSecretValue", fields, `{"SecretId":"`+test.secret+`"}`)
			require.NoError(t, err)
			require.Empty(t, got.bodies)
			require.Len(t, got.errs, 1)
			var failed *component.Error
			require.ErrorAs(t, got.errs[0], &failed)
			assert.Equal(t, component.InvalidOutput, failed.Name)
			assert.Contains(t, failed.Message, test.want)
			assert.NotContains(t, failed.Message, "planted")
			assert.NotContains(t, failed.Message, "12345")
		})
	}
}

// What has no object is among a page's errors, after those of AWS, and an error
// of its own where values are emitted one by one.
func TestReadPageAsJSON(t *testing.T) {
	l := newLocal(t)
	l.store(t, "one", `{"b": 1, "a": 2}`)
	l.store(t, "two", `planted`)
	l.store(t, "three", `{"a": {}}`)
	const ids = `{"SecretIdList":["one","two","nowhere","three"]}`
	const reason = `the value of \"two\" is not a JSON object, as valueFormat (\"Format of the value\") json asks for; choose text, or store an object`
	for _, behaviour := range []string{emitPage, emitAll} {
		got, err := l.handle(t, "BatchGetSecretValue", `"valueFormat":"json","emitBehaviour":"`+behaviour+`"`, ids)
		require.NoError(t, err)
		require.Len(t, got.bodies, 1)
		require.Empty(t, got.errs)
		body := string(got.bodies[0])
		assert.Contains(t, body, `"Secret":{"b":1,"a":2}`)
		assert.Contains(t, body, `"Secret":{"a":{}}`)
		assert.NotContains(t, body, "planted")
		assert.Contains(t, body, `,{"ErrorCode":"InvalidOutput","Message":"`+reason+`","SecretId":"two"}]`)
		assert.Less(t, strings.Index(body, `"nowhere"`), strings.Index(body, reason))
	}
	got, err := l.handle(t, "BatchGetSecretValue", `"valueFormat":"json","keys":"a","emitBehaviour":"emitIndividually"`, ids)
	require.NoError(t, err)
	require.Equal(t, []string{"data", "error", "data", "error"}, got.order)
	assert.JSONEq(t, `{"a":2}`, secretOf(t, got.bodies[0]))
	assert.ErrorContains(t, got.errs[0], `the value of "two" is not a JSON object`)

	got, err = l.handle(t, "BatchGetSecretValue", `"valueFormat":"json"`, `{"SecretIdList":["two"]}`)
	require.NoError(t, err)
	assert.Contains(t, string(got.bodies[0]), `"SecretValues":[]`)
}

// writers have, for each action that stores a value, a body that lacks the value.
var writers = map[string]string{
	"CreateSecret": `{"Name":"new","ForceOverwriteReplicaSecret":"true"`, "PutSecretValue": `{"SecretId":"old","VersionStages":"AWSCURRENT"`,
	"UpdateSecret": `{"SecretId":"old","Description":"d"`,
}

// stored is the text of the secret that a writer writes to.
func (l local) stored(t *testing.T, writer string) string {
	t.Helper()
	id := "old"
	if writer == "CreateSecret" {
		id = "new"
	}
	var value struct{ SecretString string }
	require.NoError(t, json.Unmarshal(l.run(t, "GetSecretValue", `{"SecretId":"`+id+`"}`), &value))
	return value.SecretString
}

func TestWriteAsJSON(t *testing.T) {
	for function, start := range writers {
		for name, test := range map[string]struct{ object, want string }{
			"as it is": {"{ \"z\": 12345678901234567890.10,\n \"a\": [ ], \"\\u0061\": \"ü<&>\\u00fc\\ud83d\", \"z\": -0 }", `{"z":12345678901234567890.10,"a":[],"\u0061":"ü<&>\u00fc\ud83d","z":-0}`},
			"nothing that the mapper means": {`{"SecretId": null, "VersionStages": "a", "ForceOverwriteReplicaSecret": "true", "n": 7.0, "Value": [{"Value": "x"}], "e": ""}`,
				`{"SecretId":null,"VersionStages":"a","ForceOverwriteReplicaSecret":"true","n":7.0,"Value":[{"Value":"x"}],"e":""}`},
			"nothing in it":     {`{}`, `{}`},
			"as long as it can": {`{"a": "` + strings.Repeat("ü", 32764) + `"}`, `{"a":"` + strings.Repeat("ü", 32764) + `"}`},
		} {
			t.Run(function+" "+name, func(t *testing.T) {
				l := newLocal(t)
				l.store(t, "old", "old")
				got, err := l.handle(t, function, `"valueFormat":"json"`, start+`,"Secret":`+test.object+`}`)
				require.NoError(t, err)
				require.Len(t, got.bodies, 1)
				assert.NotContains(t, string(got.bodies[0]), `"Secret"`)
				assert.Equal(t, test.want, l.stored(t, function))
			})
		}
	}
}

func TestWriteAsJSONFails(t *testing.T) {
	const both = "body: SecretString and SecretBinary are for valueFormat (\"Format of the value\") text – map Secret instead, or choose text in the step"
	tooLong := `{"a":"` + strings.Repeat("ü", 32765) + `"}`
	for _, test := range []struct{ name, fields, value, want string }{
		{"no value", `"valueFormat":"json"`, ``, `body.Secret ("Secret object"): is required where valueFormat ("Format of the value") is json – map the keys and values, or choose text in the step`},
		{"text", `"valueFormat":"json"`, `"SecretString":"planted"`, both},
		{"binary", `"valueFormat":"json"`, `"SecretBinary":"cGxhbnRlZA=="`, both},
		{"text beside it", `"valueFormat":"json"`, `"SecretString":"planted","Secret":{}`, both},
		{"too long", `"valueFormat":"json"`, `"Secret": ` + tooLong, `body.Secret ("Secret object"): must have at most 65,536 bytes as JSON text without white space (given: 65538 bytes)`},
		{"object in text", ``, `"Secret":{"planted":"planted"}`, `body.Secret ("Secret object"): is for valueFormat ("Format of the value") json – choose that in the step, or map SecretString`},
		{"format", `"valueFormat":"planted"`, `"Secret":{}`, `valueFormat ("Format of the value") must be text or json (given: a text of 7 characters)`},
	} {
		for function, start := range writers {
			if function == "PutSecretValue" && (test.value == "" || strings.Contains(test.value, `,`)) {
				continue // its schema says so already
			}
			t.Run(test.name+" "+function, func(t *testing.T) {
				l := newLocal(t)
				body := start + `,` + test.value + `}`
				if test.value == "" {
					body = start + `}`
				}
				got, err := l.handle(t, function, test.fields, body)
				require.EqualError(t, err, test.want)
				assert.Empty(t, got.order)
				assert.Empty(t, l.Calls())
			})
		}
	}
}

// A message that is delivered twice stores one version, and one with another value
// in the object another.
func TestWriteAsJSONOnce(t *testing.T) {
	for function, start := range writers {
		t.Run(function, func(t *testing.T) {
			l := newLocal(t)
			l.store(t, "old", "old")
			deliver := func(value string) string {
				req := newRequest(strings.Replace(start, `"VersionStages":"AWSCURRENT"`, `"VersionStages":["AWSCURRENT"]`, 1) + `,"Secret":` + value + `}`)
				req.Message.Body = json.RawMessage(strings.Replace(string(req.Message.Body), `"true"`, `true`, 1))
				req.MessageID = "m"
				out := new(recorder)
				require.NoError(t, newHandler(t, Specs(testOptions), function, l.deps(`"valueFormat":"json"`)).Handle(t.Context(), req, out))
				return string(out.bodies[0])
			}
			first := deliver(`{"a": 1}`)
			assert.JSONEq(t, first, deliver(`{"a":1}`))
			if function != "CreateSecret" {
				assert.NotEqual(t, first, deliver(`{"a":2}`))
				assert.Len(t, l.versions(t, "old").Versions, 3)
			}
		})
	}
}

// What AWS says of a value that it refuses does not show.
func TestRefusedObjectIsNotTold(t *testing.T) {
	l := newLocal(t)
	l.Deny("", "*")
	for function, start := range writers {
		_, err := l.handle(t, function, `"valueFormat":"json"`, start+`,"Secret":{"planted":"planted","n":12345678}}`)
		require.ErrorContains(t, err, "AccessDeniedException")
		assert.NotContains(t, err.Error(), "planted")
		assert.NotContains(t, err.Error(), "12345678")
	}
}

// FuzzReadAndWrite stores any object that was read, byte for byte but for white
// space.
func FuzzReadAndWrite(f *testing.F) {
	for _, text := range []string{`{}`, ` {"b" : 1.10, "a": [null, {"\u00fc": "<&>"}], "b": "\ud83d"}`, `{"Secret": {"SecretString": "x"}, "": 1e999}`} {
		f.Add(text)
	}
	api := &oneValue{}
	read := newHandler(f, fixed(api), "GetSecretValue", component.Deps{Config: json.RawMessage(`{"valueFormat":"json"}`)})
	write := newHandler(f, fixed(api), "PutSecretValue", component.Deps{Config: json.RawMessage(`{"valueFormat":"json"}`)})
	_, outSchema, err := schemas.Load("GetSecretValue")
	require.NoError(f, err)
	inSchema, _, err := schemas.Load("PutSecretValue")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		var compact bytes.Buffer
		if !utf8.ValidString(text) || json.Compact(&compact, []byte(text)) != nil || compact.Bytes()[0] != '{' || compact.Len() > 65536 {
			return
		}
		*api = oneValue{text: text}
		out := new(recorder)
		require.NoError(t, read.Handle(t.Context(), newRequest(`{"SecretId":"s"}`), out))
		require.Empty(t, out.errs)
		body, err := outSchema.Check(out.bodies[0])
		require.NoError(t, err)

		var got struct{ Secret json.RawMessage }
		require.NoError(t, json.Unmarshal(body, &got))
		body, err = inSchema.Check(json.RawMessage(`{"SecretId":"s","VersionStages":"AWSCURRENT","Secret":` + string(got.Secret) + `}`))
		require.NoError(t, err)
		require.NoError(t, write.Handle(t.Context(), newRequest(string(body)), out))
		require.Equal(t, compact.String(), api.text)
	})
}

// oneValue keeps the text of a secret.
type oneValue struct {
	awsapi.API
	text string
}

func (o *oneValue) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return &secretsmanager.GetSecretValueOutput{Name: in.SecretId, SecretString: &o.text}, nil
}

func (o *oneValue) PutSecretValue(_ context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	o.text = *in.SecretString
	return &secretsmanager.PutSecretValueOutput{Name: in.SecretId}, nil
}

func TestValueFormatIsChecked(t *testing.T) {
	for fields, want := range map[string]string{
		`"valueFormat":"planted"`:                   "valueFormat (\"Format of the value\") must be text or json (given: a text of 7 characters)",
		`"valueFormat":{"planted":1}`:               "valueFormat (\"Format of the value\") must be text",
		`"valueFormat":"json","keys":"/planted~"`:   "keys: key 1 begins with / and is not a JSON Pointer: write ~ as ~0 and / as ~1",
		`"keys":["planted"]`:                        "keys must be text",
		`"keys":"planted"`:                          "keys is for valueFormat (\"Format of the value\") json: choose that, or leave the keys empty",
		`"valueFormat":"text","keys":" planted , "`: "keys is for valueFormat (\"Format of the value\") json: choose that, or leave the keys empty",
	} {
		for function, body := range map[string]string{"GetSecretValue": `{"SecretId":"s"}`, "BatchGetSecretValue": `{"SecretIdList":["s"]}`} {
			l := newLocal(t)
			_, err := l.handle(t, function, fields, body)
			var failed *component.Error
			require.ErrorAs(t, err, &failed, fields)
			assert.Equal(t, component.InvalidConfig, failed.Name)
			assert.EqualError(t, err, want)
			assert.Empty(t, l.Calls())
		}
	}
	for _, fields := range []string{``, `"valueFormat":""`, `"valueFormat":"text"`, `"valueFormat":null,"keys":null`, `"keys":" "`} {
		l := newLocal(t)
		l.store(t, "s", `{"a":1}`)
		got, err := l.handle(t, "GetSecretValue", fields, `{"SecretId":"s"}`)
		require.NoError(t, err)
		assert.Contains(t, string(got.bodies[0]), `"SecretString":"{\"a\":1}"`, fields)
	}
}
