package secretjson

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestApply(t *testing.T) {
	for _, c := range []struct {
		name, secret, set string
		remove            []string
		want              string
	}{
		{"a key that is there", `{"user":"app","password":"old"}`, `{"password":"new"}`, nil, `{"user":"app","password":"new"}`},
		{"a new key", `{"user":"app"}`, `{"port":5432}`, nil, `{"user":"app","port":5432}`},
		{"into an empty object", ` { } `, `{"a":{"b": [1, 2]}}`, nil, ` { "a":{"b": [1, 2]}} `},
		{"several", `{"a":1,"b":2,"c":3}`, `{"c":30,"d":4}`, []string{"a", "none"}, `{"b":2,"c":30,"d":4}`},
		{"remove the first", `{ "a" : 1 , "b" : 2 }`, ``, []string{"a"}, `{ "b" : 2 }`},
		{"remove the last", `{ "a" : 1 , "b" : 2 }`, ``, []string{"b"}, `{ "a" : 1 }`},
		{"remove the only one", `{"a":1}`, ``, []string{"a"}, `{}`},
		{"nothing to remove", `{"a":1}`, ``, []string{"b", "/a/b", "/c/d"}, `{"a":1}`},
		{"a key with dots", `{"spring.db.password":"old"}`, `{"spring.db.password":"new"}`, nil, `{"spring.db.password":"new"}`},
		{"nested", `{"db":{"user":"app", "password" : "old"},"x":1}`, `{"/db/password":"new"}`, nil, `{"db":{"user":"app", "password" : "new"},"x":1}`},
		{"nested, new", `{"db":{}}`, `{"/db/a":1,"/other/deep/er":true}`, nil, `{"db":{"a":1},"other":{"deep":{"er":true}}}`},
		{"nested, removed", `{"db":{"a":1,"b":2}}`, ``, []string{"/db/a"}, `{"db":{"b":2}}`},
		{"slash and tilde in a key", `{"a/b":1,"m~n":2,"/":3}`, `{"/a~1b":10,"/m~0n":20,"/~1":30}`, nil, `{"a/b":10,"m~n":20,"/":30}`},
		{"a key written with escapes", `{"p\u0061ss":1}`, `{"pass":2}`, nil, `{"p\u0061ss":2}`},
		{"what is not touched", "{\"n\":12345678901234567890.10,\"u\":\"\\u00fc\\ud800\",\n\t\"z\":{\"b\":1e5,\"a\":[]},\"d\":1,\"d\":2}", `{"k":"<&>"}`, nil,
			"{\"n\":12345678901234567890.10,\"u\":\"\\u00fc\\ud800\",\n\t\"z\":{\"b\":1e5,\"a\":[]},\"d\":1,\"d\":2,\"k\":\"<&>\"}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changes, err := NewChanges(json.RawMessage(c.set), c.remove)
			require.NoError(t, err)
			before := c.secret
			got, err := changes.Apply([]byte(c.secret))
			require.NoError(t, err)
			assert.Equal(t, c.want, string(got))
			assert.Equal(t, before, c.secret)
			again, err := changes.Apply(got)
			require.NoError(t, err)
			assert.Equal(t, string(got), string(again))
		})
	}
}

func TestChangesThatAreNone(t *testing.T) {
	for _, c := range []struct {
		name, set string
		remove    []string
		want      string
	}{
		{"not an object", `["planted"]`, nil, "Set must be an object"},
		{"nothing", `{}`, nil, "there is nothing to set or remove: the mapping found nothing"},
		{"null", `{"a":1,"planted":null}`, nil, "key 2 of Set is null: the mapping found nothing; use Remove to take a key away"},
		{"empty key", `{"":"planted"}`, nil, "key 1 of Set must not be empty"},
		{"empty key to remove", ``, []string{"a", ""}, "Remove[1] must not be empty"},
		{"no pointer", ``, []string{"/planted~2"}, "Remove[0] begins with / and is not a JSON Pointer: write ~ as ~0 and / as ~1"},
		{"set and removed", `{"planted":1}`, []string{"/planted"}, "key 1 of Set and Remove[0] change the same key, or one a part of the other"},
		{"a part of the other", `{"/planted/b/c":1,"z":0,"planted":{}}`, nil, "key 3 of Set and key 1 of Set change the same key, or one a part of the other"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := NewChanges(json.RawMessage(c.set), c.remove)
			assert.EqualError(t, err, c.want)
		})
	}
	_, err := NewChanges(json.RawMessage(`{"a":1,"/ab/c":1,"/b/c":1,"/b/d":1}`), []string{"/b/cd", "b.c"})
	assert.NoError(t, err, "alike, but apart")
}

func TestSecretsThatCannotBeChanged(t *testing.T) {
	for secret, want := range map[string]string{
		``: ErrNotObject.Error(), `planted`: ErrNotObject.Error(), `["planted"]`: ErrNotObject.Error(), `"planted"`: ErrNotObject.Error(),
		`{"planted":1} x`:            ErrNotObject.Error(),
		`{"a":"planted"}`:            "key 1 of Set leads through a value that is not an object",
		`{"a":["planted"]}`:          "key 1 of Set leads through a value that is not an object",
		`{"a":{"b":"planted"}}`:      "key 1 of Set leads through a value that is not an object",
		`{"a":{"x":1},"a":{}}`:       ErrTwice.Error(),
		`{"a":{"b":{},"b":1}}`:       ErrTwice.Error(),
		`{"a":{"b":{"c":1},"b":{}}}`: ErrTwice.Error(),
	} {
		changes, err := NewChanges(json.RawMessage(`{"/a/b/c":1}`), nil)
		require.NoError(t, err)
		_, err = changes.Apply([]byte(secret))
		assert.EqualError(t, err, want, secret)
	}
}

// FuzzApply holds that one key changes and all others stay, byte for byte and in
// their order.
func FuzzApply(f *testing.F) {
	f.Add(`{"a":1,"b":{"c":[1.10,"\u00fc"]}}`, "a", `{"x":null}`)
	f.Add(` { "a" : 1e5 } `, "/a~1b", `"v"`)
	f.Add(`{"\ud800":1,"":2}`, "", `0`)
	f.Fuzz(func(t *testing.T, secret, key, value string) {
		if !utf8.ValidString(key) || !json.Valid([]byte(value)) {
			return
		}
		set, err := json.Marshal(map[string]json.RawMessage{key: json.RawMessage(value)})
		require.NoError(t, err)
		putting, err := NewChanges(set, nil)
		if err != nil {
			return
		}
		path := putting.list[0].path
		before, err := parse([]byte(secret))
		if err != nil {
			_, err := putting.Apply([]byte(secret))
			require.ErrorIs(t, err, ErrNotObject)
			return
		}
		for _, changed := range []struct {
			changes Changes
			set     bool
		}{{putting, true}, {Changes{[]change{{path: path}}}, false}} {
			text, err := changed.changes.Apply([]byte(secret))
			if err != nil {
				require.False(t, errors.Is(err, ErrNotObject))
				continue
			}
			after, err := parse(text)
			require.NoError(t, err, "%s", text)
			require.Equal(t, others(before, path[0]), others(after, path[0]))
			if len(path) > 1 {
				continue
			}
			i, err := after.find(path[0])
			require.NoError(t, err)
			require.Equal(t, changed.set, i >= 0)
			if i >= 0 {
				m := after.members[i]
				require.Equal(t, string(putting.list[0].value), string(text[m.value:m.end]))
			}
		}
	})
}

func others(o object, name string) (list []string) {
	for _, m := range o.members {
		if m.name != name {
			list = append(list, string(o.text[m.begin:m.end]))
		}
	}
	return list
}
