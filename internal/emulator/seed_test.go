package emulator_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

func TestSeed(t *testing.T) {
	w := newEnvironment(t)
	require.NoError(t, w.emulator.Seed(strings.NewReader(`{
		"region": "eu-central-1",
		"secrets": [
			{"name": "text", "secretString": "plain", "description": "d", "kmsKeyId": "alias/k", "tags": {"b": "2", "a": "1"}},
			{"name": "json", "secretString": {"password": "p <&>", "n": 12345678901234567890}},
			{"name": "binary", "secretBinary": "AAH/"},
			{"name": "empty"}
		]
	}`)))
	check := func() {
		require.Equal(t, "plain", w.text("text"))
		require.Equal(t, "d", *w.describe("text").Description)
		require.Equal(t, "alias/k", *w.describe("text").KmsKeyId)
		require.Equal(t, []string{"a=1", "b=2"}, w.tags("text"))
		require.Equal(t, `{"password":"p <&>","n":12345678901234567890}`, w.text("json"))
		out, err := w.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("binary")})
		require.NoError(t, err)
		require.Equal(t, []byte{0, 1, 255}, out.SecretBinary)
		require.Empty(t, w.stages("empty"))
	}
	check()
	w.put("text", "changed")
	require.NoError(t, w.emulator.Reset())
	check()

	require.NoError(t, w.emulator.Seed(strings.NewReader(`{"secrets":[{"name":"elsewhere","secretString":"x"}]}`)))
	require.Equal(t, "x", w.in("us-east-1").text("elsewhere"))
}

func TestSeedRefuses(t *testing.T) {
	tests := []struct {
		name string
		seed string
		text string
	}{
		{"empty", ``, "ends too early"},
		{"cut off", `{"secrets":[`, "ends too early"},
		{"not JSON", `{"secrets":[hush]}`, "not valid JSON at byte"},
		{"two objects", `{} "hush"`, "something follows"},
		{"unknown member", `{"secret":[]}`, `unknown field "secret"`},
		{"wrong type", `{"secrets":[{"name":12345}]}`, "name must not be a JSON number"},
		{"no base64", `{"secrets":[{"name":"a","secretBinary":"hush!"}]}`, "secretBinary is not base64"},
		{"no Region", `{"region":"hush!"}`, "no AWS Region"},
		{"bad name", `{"secrets":[{"name":"ok"},{"name":"a b","secretString":"hush"}]}`, `secrets[1] "a b": ValidationException: Invalid name`},
		{"both values", `{"secrets":[{"name":"a","secretString":"hush","secretBinary":"aHVzaA=="}]}`, "both"},
		{"twice", `{"secrets":[{"name":"a","secretString":"hush"},{"name":"a","secretString":"hush"}]}`, "already exists"},
		{"long value", `{"secrets":[{"name":"a","secretString":"` + strings.Repeat("hush", 16385) + `"}]}`, "65536"},
		{"tag of AWS", `{"secrets":[{"name":"a","tags":{"aws:x":"hush"}}]}`, "aws:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := emulator.New(emulator.Options{}).Seed(strings.NewReader(tt.seed))
			require.ErrorContains(t, err, tt.text)
			if tt.name != "no Region" {
				require.NotContains(t, err.Error(), "hush")
			}
			require.NotContains(t, err.Error(), "12345")
		})
	}
}

func FuzzSeed(f *testing.F) {
	f.Add([]byte(`{"region":"eu-central-1","secrets":[{"name":"a","secretString":{"k":1},"secretBinary":null,"tags":{"a":"b"}}]}`))
	f.Add([]byte(`{"secrets":[{"name":"a","secretBinary":"AAEC"}]}`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		e := emulator.New(emulator.Options{Random: random(1), Clock: newClock().Now})
		if e.Seed(bytes.NewReader(b)) == nil {
			if err := e.Reset(); err != nil {
				panic(err) // what was planted once can be planted again
			}
		}
	})
}
