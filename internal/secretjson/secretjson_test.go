package secretjson

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCompact(t *testing.T) {
	for text, want := range map[string]string{
		" { } ": `{}`,
		"{\"z\": 12345678901234567890.10,\n\"a\":1e5}": `{"z":12345678901234567890.10,"a":1e5}`,
		`{"a":"<&>\u003c\/","a":[ ] }`:                 `{"a":"<&>\u003c\/","a":[]}`,
		`{"\ud83d":"ü \u00fc"}`:                        `{"\ud83d":"ü \u00fc"}`,
	} {
		got, err := Compact([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, want, string(got), text)
	}
	for _, text := range []string{"", " ", "null", `"{}"`, "[{}]", "{", "{}{}", "{} x", `{"a"}`, "{\"a\":\"\xff\"}", "s3cret", `{s3cret:1}`} {
		_, err := Compact([]byte(text))
		require.Equal(t, ErrNotObject, err, text)
	}
}

func TestPick(t *testing.T) {
	const doc = `{"z": 1, "db": {"user": "u", "password": "p", "a/b": {"deep": 1}}, "db.host": "h", "\u00fc": [1], "list": [{"a": 1}], "z": 2, "db": 5}`
	for list, want := range map[string]struct {
		picked  string
		missing []string
	}{
		"z":                                      {`{"z":1,"z":2}`, nil},
		" list ,, z ,":                           {`{"z":1,"list":[{"a":1}],"z":2}`, nil},
		"ü":                                      {`{"\u00fc":[1]}`, nil},
		"/db/password":                           {`{"db":{"password":"p"}}`, nil},
		"/db/password,/db/user":                  {`{"db":{"user":"u","password":"p"}}`, nil},
		"/db,/db/user":                           {`{"db":{"user":"u","password":"p","a/b":{"deep":1}},"db":5}`, nil},
		"/db/user,db":                            {`{"db":{"user":"u","password":"p","a/b":{"deep":1}},"db":5}`, nil},
		"db.host":                                {`{"db.host":"h"}`, nil},
		"/db/a~1b/deep":                          {`{"db":{"a/b":{"deep":1}}}`, nil},
		"Z,/db/nope,/list/a,/db/,/z/a,db.user,/": {`{}`, []string{"Z", "/db/nope", "/list/a", "/db/", "/z/a", "db.user", "/"}},
	} {
		keys, err := ParseKeys(list)
		require.NoError(t, err)
		require.True(t, keys.Any())
		compact, err := Compact([]byte(doc))
		require.NoError(t, err)
		picked, missing, err := keys.Pick(compact)
		require.NoError(t, err)
		assert.Equal(t, want.picked, string(picked), list)
		assert.Equal(t, want.missing, missing, list)
	}
	keys, err := ParseKeys(" , ")
	require.NoError(t, err)
	assert.False(t, keys.Any())
	_, err = ParseKeys("a,/pl4nted~")
	assert.EqualError(t, err, "key 2 begins with / and is not a JSON Pointer: write ~ as ~0 and / as ~1")
	_, _, err = keys.Pick(json.RawMessage("[]"))
	assert.Equal(t, ErrNotObject, err)
}

func TestUnfold(t *testing.T) {
	for doc, want := range map[string]string{
		`{"Name": "n", "SecretString": "{\"b\": 1.0, \"a\": \"<\"}"}`: `{"Name": "n","Secret":{"b":1.0,"a":"<"}}`,
		`[{"List": [{"SecretString": "{}"}, 1]}, null]`:               `[{"List": [{"Secret":{}},1]},null]`,
		`{"SecretString": "text", "Other": "{}"}`:                     `{"SecretString": "text","Other": "{}"}`,
		`{"SecretString": 1}`:                                         `{"SecretString": 1}`, `[]`: `[]`, `{}`: `{}`, `null`: `null`, `1`: `1`,
	} {
		assert.Equal(t, want, string(Unfold(json.RawMessage(doc))))
	}
}

// FuzzPick picks all keys of any object, which leaves it as it is.
func FuzzPick(f *testing.F) {
	for _, text := range []string{`{}`, ` {"a" : {"b": [1, {"c": null}]}, "a": "\ud83d" }`, `{"\u0061.b":1,"/a":{"b":2}}`, `{"":{"":1}}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		secret, err := Compact([]byte(text))
		if err != nil {
			return
		}
		in, err := parse(secret)
		require.NoError(t, err)
		var keys Keys
		for _, m := range in.members {
			keys.list = append(keys.list, key{m.name, []string{m.name}})
		}
		all, missing, err := keys.Pick(secret)
		require.NoError(t, err)
		require.Empty(t, missing)
		require.Equal(t, string(secret), string(all))

		keys = Keys{[]key{{"/" + text, []string{text, text}}}}
		some, missing, err := keys.Pick(secret)
		require.NoError(t, err)
		require.Equal(t, missing != nil, string(some) == "{}")
	})
}
