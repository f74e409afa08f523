package envelope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func TestMessagesOfThePlatformAreUnderstood(t *testing.T) {
	v, c := readVectors(t)
	for _, vector := range v.Messages {
		t.Run(vector.Name, func(t *testing.T) {
			m, err := DecodeMessage(c, []byte(vector.Protocol1), Base64)
			require.NoError(t, err)

			sealed, err := EncodeMessage(c, m, Raw)
			require.NoError(t, err)
			plain, err := c.Decode(sealed, Raw)
			require.NoError(t, err)
			want := map[string]any{"headers": map[string]any{}} // what is put in where missing
			require.NoError(t, json.Unmarshal([]byte(vector.Plain), &want))
			var got map[string]any
			require.NoError(t, json.Unmarshal(plain, &got))
			assert.Equal(t, want, got)
		})
	}
}

func TestDecodeMessage(t *testing.T) {
	c := newCipher(t)
	empty := map[string]any{}
	for _, test := range []struct {
		name, plain string
		want        component.Message
		err         error
	}{
		{"all members", `{"id":"7","headers":{"a":1},"body":{"b":2},"attachments":{"c":3},"passthrough":{"d":{"body":4}}}`,
			component.Message{
				ID: "7", Headers: map[string]any{"a": 1.0}, Body: json.RawMessage(`{"b":2}`),
				Attachments: json.RawMessage(`{"c":3}`),
				Passthrough: map[string]json.RawMessage{"d": json.RawMessage(`{"body":4}`)},
			}, nil},
		{"no members", ` {} `, component.Message{Headers: empty}, nil},
		{"unknown members", `{"body":1,"more":2}`, component.Message{
			Headers: empty, Body: json.RawMessage("1"), Extra: map[string]json.RawMessage{"more": json.RawMessage("2")},
		}, nil},
		{"body is any JSON", `{"body":[1, "x"]}`, component.Message{Headers: empty, Body: json.RawMessage(`[1, "x"]`)}, nil},
		{"broken UTF-8", "{\"body\":\"a\xffb\"}", component.Message{Headers: empty, Body: json.RawMessage("\"a\uFFFDb\"")}, nil},
		{"headers are a list", `{"headers":["s3cret"]}`, component.Message{}, notObject("headers", json.RawMessage("[]"))},
		{"list", ` ["s3cret"]`, component.Message{}, notObject("message", json.RawMessage("[]"))},
		{"null", ` null`, component.Message{}, ErrDecode},
		{"number", `-5`, component.Message{}, ErrDecode},
		{"no JSON", `s3cret`, component.Message{}, ErrDecode},
		{"cut short", `{"body":"s3cr`, component.Message{}, ErrDecode},
		{"more behind it", `{} s3cret`, component.Message{}, ErrDecode},
		{"nothing inside", ``, component.Message{}, ErrDecode},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, protocol := range []int{Base64, Raw} {
				got, err := DecodeMessage(c, c.Encode([]byte(test.plain), protocol), protocol)
				assert.Equal(t, test.err, err)
				assert.Equal(t, test.want, got)
			}
		})
	}

	t.Run("empty delivery", func(t *testing.T) {
		_, err := DecodeMessage(c, nil, Base64)
		require.ErrorIs(t, err, ErrDecode)
	})
	t.Run("not encrypted", func(t *testing.T) {
		_, err := DecodeMessage(c, []byte(`{"body":"s3cret"}`), Base64)
		require.ErrorIs(t, err, ErrDecode)
	})
}

func TestEncodeMessage(t *testing.T) {
	c := newCipher(t)
	for _, test := range []struct {
		name string
		m    component.Message
		want string
	}{
		{"zero", component.Message{}, `{"headers":{}}`},
		{"nothing is escaped for HTML", component.NewMessage(json.RawMessage(`{"a":"<b> & c"}`)), `{"headers":{},"body":{"a":"<b> & c"}}`},
		{"headers neither", component.Message{Headers: map[string]any{"a": "<&>"}, Body: json.RawMessage("1")}, `{"headers":{"a":"<&>"},"body":1}`},
		{"all", component.Message{
			ID: "7", Headers: map[string]any{"a": 1}, Body: json.RawMessage("{ }"),
			Attachments: json.RawMessage("{}"), Passthrough: map[string]json.RawMessage{"s": json.RawMessage("{}")},
		}, `{"id":"7","headers":{"a":1},"body":{},"attachments":{},"passthrough":{"s":{}}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, protocol := range []int{Base64, Raw} {
				sealed, err := EncodeMessage(c, test.m, protocol)
				require.NoError(t, err)
				plain, err := c.Decode(sealed, protocol)
				require.NoError(t, err)
				assert.Equal(t, test.want, string(plain))
			}
		})
	}

	for name, m := range map[string]component.Message{
		"body is no JSON":     component.NewMessage(json.RawMessage(`{"s3cret`)),
		"header has no JSON":  {Headers: map[string]any{"a": func() {}}},
		"passthrough is none": {Passthrough: map[string]json.RawMessage{"s": json.RawMessage("s3cret")}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := EncodeMessage(c, m, Base64)
			require.ErrorIs(t, err, ErrJSON)
			assert.NotContains(t, err.Error(), "s3")
		})
	}
}

func TestEncodeMessageLeavesTheMessageAlone(t *testing.T) {
	m := component.Message{Body: json.RawMessage("{}")}
	_, err := EncodeMessage(newCipher(t), m, Base64)
	require.NoError(t, err)
	assert.Nil(t, m.Headers)
}

func FuzzDecodeMessage(f *testing.F) {
	c := newCipher(f)
	for _, seed := range []string{
		`{}`, `null`, `{"id":1,"headers":{"a":[]},"body":"\ud800","passthrough":{"s":{}}}`, `[`, `{"body":1e999}`, "{\"body\":\"\xff\"}", `{"body":1,"body":2}`,
		`{"id":null,"passthrough":null,"method":"GET"}`, `[1]`, `{"passthrough":{"s":1}}`,
	} {
		f.Add([]byte(seed), 2)
	}
	f.Fuzz(func(t *testing.T, plain []byte, protocol int) {
		_, _ = DecodeMessage(c, plain, protocol) // as garbage that is not even encrypted

		m, err := DecodeMessage(c, c.Encode(plain, protocol), protocol)
		if err != nil {
			return
		}
		require.True(t, m.Body == nil || json.Valid(m.Body))
		sealed, err := EncodeMessage(c, m, protocol)
		require.NoError(t, err)
		back, err := DecodeMessage(c, sealed, protocol)
		require.NoError(t, err)
		require.Equal(t, m.ID, back.ID)
		require.Equal(t, m.Headers, back.Headers)
		if m.Body != nil {
			var body bytes.Buffer
			require.NoError(t, json.Compact(&body, m.Body))
			require.Equal(t, body.String(), string(back.Body))
		}
		require.Len(t, back.Passthrough, len(m.Passthrough))
		require.Len(t, back.Extra, len(m.Extra))
	})
}

func BenchmarkMessage(b *testing.B) {
	c := newCipher(b)
	for _, size := range []int{1 << 10, 64 << 10} {
		m := component.NewMessage(json.RawMessage(`{"text":"` + strings.Repeat("x", size) + `"}`))
		for _, protocol := range []int{Base64, Raw} {
			b.Run(fmt.Sprintf("Encode/%dK/protocol%d", size>>10, protocol), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := EncodeMessage(c, m, protocol); err != nil {
						b.Fatal(err)
					}
				}
			})
			sealed, err := EncodeMessage(c, m, protocol)
			require.NoError(b, err)
			b.Run(fmt.Sprintf("Decode/%dK/protocol%d", size>>10, protocol), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := DecodeMessage(c, sealed, protocol); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
