package rawjson

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIsCompact(t *testing.T) {
	for doc, want := range map[string]bool{
		`null`: true, `true`: true, `false`: true, `0`: true, `-0`: true, `10.5e+3`: true, `1E3`: true, `""`: true, `"ä\"\\\/\b\f\n\r\t\u00fF"`: true,
		`{}`: true, `[]`: true, `{"a":1,"b":[true,null,{"c":""}]}`: true, strings.Repeat("[", 63) + strings.Repeat("]", 63): true,

		``: false, ` 1`: false, `1 `: false, `{"a": 1}`: false, "[1,\n2]": false, `nul`: false, `nulll`: false, `1,2`: false, "1\x00": false,
		`01`: false, `-`: false, `1.`: false, `.5`: false, `1e`: false, `+1`: false, `"`: false, `"\`: false, `"\x"`: false, `"\u00g0"`: false, `"\u00`: false,
		"\"\n\"": false, "\"\xff\"": false, `{`: false, `{"a"}`: false, `{"a":}`: false, `{"a":1,}`: false, `{,"a":1}`: false, `{a:1}`: false, `{"a"1}`: false,
		`[`: false, `[1,]`: false, `[,1]`: false, `[1 2]`: false, `{}}`: false,
		`{"\u0061":1}`: false, strings.Repeat("[", 65) + strings.Repeat("]", 65): false, // unusual, though JSON
	} {
		assert.Equal(t, want, IsCompact([]byte(doc)), doc)
	}
}

func TestText(t *testing.T) {
	for raw, want := range map[string]bool{
		"": true, "a": true, "\x7f": true, "ä": true, "\U0001F600": true, `\"`: true, `\\`: true, `\u00e4`: true, " !#[]^": true,
		"\x00": false, "\x1f": false, "\n": false, `\x`: false, `\u12g4`: false,
	} {
		s := NewScanner([]byte(`"` + raw + `" `))
		text, ok := s.Text()
		require.Equal(t, want, ok && s.End(), "%q", raw)
		if ok {
			require.Equal(t, raw, string(text.Raw))
		}
	}
}

func TestAppendPlain(t *testing.T) {
	for c := range 256 {
		text := "x" + string([]byte{byte(c)}) + "x"
		want := c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf
		got, plain := AppendPlain([]byte("a:"), text)
		require.Equal(t, want, plain, "%q", text)
		if plain {
			require.Equal(t, `a:"`+text+`"`, string(got))
		} else {
			require.Equal(t, "a:", string(got))
		}
	}
}

func TestMembers(t *testing.T) {
	doc := ` { "a" : [1, 2] , "b":{"c":"}"}, "":null } `
	got, ok := Members([]byte(doc))
	require.True(t, ok)
	assert.Equal(t, map[string]json.RawMessage{"a": json.RawMessage("[1, 2]"), "b": json.RawMessage(`{"c":"}"}`), "": json.RawMessage("null")}, got)

	for _, doc := range []string{``, `null`, `[]`, `"a"`, `{"a":1`, `{"a":1}}`, `{"a":1,"a":2}`, `{"\u0061":1}`, "{\"a\":\"\xff\"}", `{"a":tru}`} {
		_, ok := Members([]byte(doc))
		assert.False(t, ok, doc)
	}
}

func TestMembersDoNotGrowIntoEachOther(t *testing.T) {
	got, ok := Members([]byte(`{"a":1,"b":2}`))
	require.True(t, ok)
	_ = append(got["a"], "xxx"...)
	assert.JSONEq(t, "2", string(got["b"]))
}

// FuzzRawJSON holds everything against encoding/json.
func FuzzRawJSON(f *testing.F) {
	for _, doc := range []string{`{"a":[1,-2.5e3,"x\u00e4\n",true,false,null,{}]}`, ` [ ] `, `"\ud83d"`, `{"a":{"b":1}} `, `-0.0E-1`} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if IsCompact(doc) {
			var compact bytes.Buffer
			require.NoError(t, json.Compact(&compact, doc))
			require.Equal(t, string(doc), compact.String())
		}
		if members, ok := Members(doc); ok {
			var want map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(doc, &want))
			require.Equal(t, want, members)
		}
		s := NewScanner(doc)
		if _, ok := s.Integer(); ok && s.End() {
			require.True(t, json.Valid(doc))
		}
	})
}

func BenchmarkIsCompact(b *testing.B) {
	doc := []byte(`{"SecretString":"` + strings.Repeat("0123456789", 100) + `"}`)
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if !IsCompact(doc) {
			b.Fatal()
		}
	}
}
