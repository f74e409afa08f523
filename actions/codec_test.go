package actions

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// filler sets every member of a value to something that no other member has,
// and tells what its JSON must be.
type filler struct{ n int }

func (f *filler) fill(v reflect.Value) any {
	f.n++
	if v.Type() == reflect.TypeFor[time.Time]() {
		at := time.Date(2024, 2, 29, 23, 59, 58, f.n*1_000_000, time.FixedZone("", 3600))
		v.Set(reflect.ValueOf(at))
		return fmt.Sprintf("2024-02-29T22:59:58.%03dZ", f.n)
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return f.fill(v.Elem())
	case reflect.String:
		text := fmt.Sprintf("<%d> & \"ü\" \u2028 \x01\n", f.n)
		v.SetString(text)
		return text
	case reflect.Bool:
		v.SetBool(f.n%2 == 0)
		return v.Bool()
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.n) + 1<<30)
		return json.Number(fmt.Sprint(v.Int()))
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{0, 0xff, byte(f.n)})
			return base64.StdEncoding.EncodeToString(v.Bytes())
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		return []any{f.fill(v.Index(0)), f.fill(v.Index(1))}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		want := map[string]any{}
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			name := f.fill(key).(string)
			want[name] = f.fill(value)
			v.SetMapIndex(key, value)
		}
		return want
	case reflect.Struct:
		want := map[string]any{}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && !field.Anonymous && field.Name != "ResultMetadata" {
				want[field.Name] = f.fill(v.Field(i))
			}
		}
		return want
	}
	panic("no rule for " + v.Type().String())
}

func fromJSON(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	var got any
	require.NoError(t, json.Unmarshal(raw, &got))
	return got
}

// operations calls check for each operation of the API with an input and an
// output that are empty.
func operations(t *testing.T, check func(t *testing.T, in, out reflect.Value)) {
	t.Helper()
	api := reflect.TypeFor[awsapi.API]()
	for i := range api.NumMethod() {
		m := api.Method(i)
		t.Run(m.Name, func(t *testing.T) { check(t, reflect.New(m.Type.In(1).Elem()), reflect.New(m.Type.Out(0).Elem())) })
	}
}

func TestEncodeEveryMemberOfEveryOutput(t *testing.T) {
	operations(t, func(t *testing.T, _, out reflect.Value) {
		assert.JSONEq(t, `{}`, string(encode(out.Interface().(smithy.Serializable))), "nothing set")

		want, err := json.Marshal(new(filler).fill(out.Elem()))
		require.NoError(t, err)
		assert.Equal(t, fromJSON(t, want), fromJSON(t, encode(out.Interface().(smithy.Serializable))))
	})
}

func TestDecodeEveryMemberOfEveryInput(t *testing.T) {
	operations(t, func(t *testing.T, in, _ reflect.Value) {
		body, err := json.Marshal(new(filler).fill(in.Elem()))
		require.NoError(t, err)
		got := reflect.New(in.Type().Elem())
		require.NoError(t, decode(body, got.Interface()))
		assert.Equal(t, in.Interface(), got.Interface())
	})
}

func TestEncode(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 678_900_000, time.UTC)
	tests := []struct {
		name string
		in   smithy.Serializable
		want string
	}{
		{"no HTML escapes", &secretsmanager.GetSecretValueOutput{SecretString: aws.String(`<a href="x">&</a>`)}, `{"SecretString":"<a href=\"x\">&</a>"}`},
		{"empty text is set", &secretsmanager.GetSecretValueOutput{SecretString: aws.String("")}, `{"SecretString":""}`},
		{"false is set", &secretsmanager.DescribeSecretOutput{RotationEnabled: aws.Bool(false)}, `{"RotationEnabled":false}`},
		{"empty list is set", &secretsmanager.ListSecretsOutput{SecretList: []types.SecretListEntry{}}, `{"SecretList":[]}`},
		{"milliseconds", &secretsmanager.GetSecretValueOutput{CreatedDate: &at}, `{"CreatedDate":"2024-01-02T03:04:05.678Z"}`},
		{"bytes once", &secretsmanager.GetSecretValueOutput{SecretBinary: []byte("hello")}, `{"SecretBinary":"aGVsbG8="}`},
		{
			"nested", &secretsmanager.DescribeSecretOutput{VersionIdsToStages: map[string][]string{"v": {"AWSCURRENT", "x"}}, RotationRules: &types.RotationRulesType{}},
			`{"RotationRules":{},"VersionIdsToStages":{"v":["AWSCURRENT","x"]}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, string(encode(tt.in))) })
	}
}

func TestDecodeErrors(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"wrong type", `{"SecretString":{"planted":"planted"}}`, "SecretString does not fit the input of the operation"},
		{"wrong type below", `{"RotationRules":{"AutomaticallyAfterDays":"planted"}}`, "RotationRules.AutomaticallyAfterDays does not fit"},
		{"bytes that are not base64", `{"SecretBinary":"plan*ted"}`, "the message's body does not fit"},
		{"unknown member", `{"planted":"planted"}`, "the message's body does not fit"},
		{"list for the body", `["planted"]`, "the message's body does not fit"},
		{"not JSON", `planted`, "the message's body does not fit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := decode(json.RawMessage(tt.body), &struct {
				SecretString  *string
				SecretBinary  []byte
				RotationRules *types.RotationRulesType
			}{})
			var e *component.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, component.InvalidInput, e.Name)
			assert.Contains(t, e.Message, tt.want)
			assert.NotContains(t, e.Message, "planted")
		})
	}
	for _, body := range []string{``, `null`, `{}`} {
		in := new(secretsmanager.ListSecretsInput)
		require.NoError(t, decode(json.RawMessage(body), in))
		assert.Equal(t, new(secretsmanager.ListSecretsInput), in)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"Name":"n","SecretString":"s","SecretBinary":"aGk=","Tags":[{"Key":"k","Value":"v"}]}`)
	f.Add(`{"SecretBinary":"*"}`)
	f.Fuzz(func(t *testing.T, body string) {
		first := new(secretsmanager.CreateSecretInput)
		if decode(json.RawMessage(body), first) != nil {
			return
		}
		again := new(secretsmanager.CreateSecretInput)
		require.NoError(t, decode(encode(first), again))
		assert.Equal(t, string(encode(first)), string(encode(again)))
	})
}
