package schema

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzCheck holds for every document: no panic, no planted secret in any text,
// and a document that was accepted is accepted again as it was handed out.
func FuzzCheck(f *testing.F) {
	for _, doc := range []string{
		`{}`, `null`, `[]`, `"x"`, `{"Name":"a","Days":"7"}`, `{"Name":"a","Days":1e999999999}`, `{"Name":"\ud83d"}`,
		`{"Name":"a","Tags":[{"Key":"k","Key":"l"}]}`, `{"Name":"a","Passwords":{"a":"b"}}`, `{"Name":"a","Stages":{"v1":["x"]}}`,
		`{"Name":"a","Vault":{"Pin":"x"}}`, `{"Name":"a","Free":{"a":[{"b":null}]}}`, `{"Order":"asc","Force":"true","Days":7}`,
	} {
		f.Add([]byte(doc), byte(0))
		f.Add([]byte(doc), byte(5))
	}
	s := compiled(f, sample)
	f.Fuzz(func(t *testing.T, doc []byte, way byte) {
		_, isSecret := plant(doc, way)
		for _, d := range [][]byte{doc, isSecret} {
			out, err := s.Check(d)
			if err != nil {
				v := violations(t, err)
				if text := err.Error() + v.ErrorPaths(); strings.Contains(text, "pl4nted") && !strings.Contains(string(doc), "nted") {
					t.Fatalf("secret shows in %q", text)
				}
				continue
			}
			again, err := s.Check(out)
			if err != nil || string(again) != string(out) {
				t.Fatalf("%q became %q, then %q (%v)", d, out, again, err)
			}
		}
	})
}

// plant puts a secret into an object, in one of several ways.
func plant(doc []byte, way byte) (string, []byte) {
	var members map[string]any
	if json.Unmarshal(doc, &members) != nil || members == nil {
		members = map[string]any{}
	}
	places := []string{"SecretString", "SecretBinary", "Passwords", "Vault", "Unknown"}
	values := []any{
		planted, map[string]any{planted: planted}, []any{planted}, []any{map[string]any{planted: map[string]any{planted: 1}}},
		strings.Repeat(planted, 50), map[string]any{"Pin": planted},
	}
	place := places[int(way)%len(places)]
	members[place] = values[int(way)/len(places)%len(values)]
	out, err := json.Marshal(members)
	if err != nil {
		return place, []byte(`{}`)
	}
	return place, out
}
