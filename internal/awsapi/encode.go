package awsapi

import (
	"encoding/base64"
	"strconv"
	"time"

	"github.com/aws/smithy-go"
	smithyjson "github.com/aws/smithy-go/encoding/json"

	"aws-secrets-manager-connector/internal/rawjson"
)

const usualSize = 256 // bytes, of most that is encoded

// Encode writes the members of v that are set as JSON: times as ISO 8601 UTC
// with milliseconds, bytes as base64. No input of the API has a time, so that
// this is also the body of a request.
func Encode(v smithy.Serializable) []byte {
	w := writer{text: make([]byte, 0, usualSize)}
	v.Serialize(&w)
	return w.text
}

// writer is told by the SDK's own walk over a value what that holds: each
// member that is set, and no metadata of the call.
type writer struct {
	// Numbers with fractions, unions, documents and nulls do not occur in this
	// API. Should they ever, a call to this nil interface panics; the test that
	// fills and encodes every input and output finds it first.
	smithy.ShapeSerializer

	text []byte
	open []byte // of the objects and lists that are not closed yet, '{' or '['
}

// next begins the next value, with its name where it is a member.
func (w *writer) next(s *smithy.Schema) {
	if len(w.open) == 0 {
		return
	}
	switch last := w.text[len(w.text)-1]; last {
	case ':': // the name is there
		return
	case '{', '[':
	default:
		w.text = append(w.text, ',')
	}
	if w.open[len(w.open)-1] == '{' {
		w.name(s.MemberName())
	}
}

func (w *writer) name(name string) { w.text = append(appendText(w.text, name), ':') }

func (w *writer) begin(s *smithy.Schema, bracket byte) {
	w.next(s)
	w.text, w.open = append(w.text, bracket), append(w.open, bracket)
}

func (w *writer) end(bracket byte) {
	w.text, w.open = append(w.text, bracket), w.open[:len(w.open)-1]
}

// The methods of smithy.ShapeSerializer that this API needs.

func (w *writer) WriteStruct(s *smithy.Schema) { w.begin(s, '{') }
func (w *writer) CloseStruct()                 { w.end('}') }
func (w *writer) WriteMap(s *smithy.Schema)    { w.begin(s, '{') }
func (w *writer) CloseMap()                    { w.end('}') }
func (w *writer) WriteList(s *smithy.Schema)   { w.begin(s, '[') }
func (w *writer) CloseList()                   { w.end(']') }

func (w *writer) WriteKey(_ *smithy.Schema, key string) {
	if w.text[len(w.text)-1] != '{' {
		w.text = append(w.text, ',')
	}
	w.name(key)
}

func (w *writer) WriteString(s *smithy.Schema, v string) {
	w.next(s)
	w.text = appendText(w.text, v)
}

func (w *writer) WriteBool(s *smithy.Schema, v bool) {
	w.next(s)
	w.text = strconv.AppendBool(w.text, v)
}

func (w *writer) WriteInt32(s *smithy.Schema, v int32) { w.WriteInt64(s, int64(v)) }

func (w *writer) WriteInt64(s *smithy.Schema, v int64) {
	w.next(s)
	w.text = strconv.AppendInt(w.text, v, 10)
}

func (w *writer) WriteBlob(s *smithy.Schema, v []byte) {
	w.next(s)
	w.text = append(base64.StdEncoding.AppendEncode(append(w.text, '"'), v), '"')
}

func (w *writer) WriteTime(s *smithy.Schema, v time.Time) {
	w.next(s)
	w.text = v.UTC().AppendFormat(w.text, `"2006-01-02T15:04:05.000Z"`)
}

// appendText appends v as a JSON string, with the SDK's escapes where it needs
// any.
func appendText(text []byte, v string) []byte {
	if plain, ok := rawjson.AppendPlain(text, v); ok {
		return plain
	}
	escaped := smithyjson.NewEncoder()
	escaped.Value.String(v)
	return append(text, escaped.Bytes()...)
}
