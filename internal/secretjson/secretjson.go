// Package secretjson handles secrets whose value is a JSON object, as the text that
// they are: digits, the order of keys, escapes and keys given twice stay as they
// came. None of its errors shows a value or a key.
package secretjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// MaxBytes is the longest value that AWS stores.
const MaxBytes = 65_536

// ErrNotObject is the error of a value that is anything else.
var ErrNotObject = errors.New("the value is not a JSON object")

// Compact returns an object without its white space. Its error is ErrNotObject.
func Compact(text []byte) (json.RawMessage, error) {
	var compact bytes.Buffer
	if !utf8.Valid(text) || json.Compact(&compact, text) != nil || compact.Bytes()[0] != '{' {
		return nil, ErrNotObject
	}
	return compact.Bytes(), nil
}

// object is the text of a JSON object with the places of its members.
type object struct {
	text    []byte
	members []member
	close   int // of the brace
}

type member struct {
	name              string
	begin, value, end int
}

func parse(text []byte) (object, error) {
	o := object{text: text}
	if !json.Valid(text) {
		return o, ErrNotObject
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return o, ErrNotObject
	}
	for d.More() {
		var m member
		m.begin = int(d.InputOffset())
		m.begin += bytes.IndexByte(text[m.begin:], '"')
		token, err := d.Token()
		if err != nil {
			return o, err
		}
		m.name, _ = token.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return o, err
		}
		m.end = int(d.InputOffset())
		m.value = m.end - len(value)
		o.members = append(o.members, m)
	}
	_, err := d.Token()
	o.close = int(d.InputOffset()) - 1
	return o, err
}

// parsePath reads a key. One that begins with / is a JSON Pointer (RFC 6901) to a
// key of an object within the secret; any other is a key of the secret itself.
func parsePath(key string) ([]string, error) {
	if key[0] != '/' {
		return []string{key}, nil
	}
	path := strings.Split(key[1:], "/")
	for i, name := range path {
		if rest := strings.ReplaceAll(strings.ReplaceAll(name, "~0", ""), "~1", ""); strings.Contains(rest, "~") {
			return nil, errors.New("begins with / and is not a JSON Pointer: write ~ as ~0 and / as ~1")
		}
		path[i] = strings.NewReplacer("~0", "~", "~1", "/").Replace(name)
	}
	return path, nil
}
