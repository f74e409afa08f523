package awsapi

import (
	"time"

	"github.com/aws/smithy-go"
	smithyjson "github.com/aws/smithy-go/encoding/json"
)

// Encode writes the members of v that are set as JSON: times as ISO 8601 UTC
// with milliseconds, bytes as base64. No input of the API has a time, so that
// this is also the body of a request.
func Encode(v smithy.Serializable) []byte {
	w := writer{json: smithyjson.NewEncoder()}
	v.Serialize(&w)
	return w.json.Bytes()
}

// writer is told by the SDK's own walk over a value what that holds: each
// member that is set, and no metadata of the call.
type writer struct {
	// Numbers with fractions, unions, documents and nulls do not occur in this
	// API. Should they ever, a call to this nil interface panics; the test that
	// fills and encodes every input and output finds it first.
	smithy.ShapeSerializer

	json *smithyjson.Encoder
	open []container // objects and lists that are not closed yet
	key  *string     // of the map entry whose value comes next
}

// container is an object or a list; the other one is nil.
type container struct {
	object *smithyjson.Object
	list   *smithyjson.Array
}

// next is the place of the next value.
func (w *writer) next(s *smithy.Schema) smithyjson.Value {
	if len(w.open) == 0 {
		return w.json.Value
	}
	in := w.open[len(w.open)-1]
	switch {
	case in.list != nil:
		return in.list.Value()
	case w.key != nil:
		key := *w.key
		w.key = nil
		return in.object.Key(key)
	default:
		return in.object.Key(s.MemberName())
	}
}

func (w *writer) push(c container) { w.open = append(w.open, c) }

func (w *writer) pop() container {
	last := w.open[len(w.open)-1]
	w.open = w.open[:len(w.open)-1]
	return last
}

// The methods of smithy.ShapeSerializer that this API needs.

func (w *writer) WriteStruct(s *smithy.Schema) { w.push(container{object: w.next(s).Object()}) }
func (w *writer) CloseStruct()                 { w.pop().object.Close() }
func (w *writer) WriteMap(s *smithy.Schema)    { w.push(container{object: w.next(s).Object()}) }
func (w *writer) CloseMap()                    { w.pop().object.Close() }
func (w *writer) WriteList(s *smithy.Schema)   { w.push(container{list: w.next(s).Array()}) }
func (w *writer) CloseList()                   { w.pop().list.Close() }

func (w *writer) WriteKey(_ *smithy.Schema, key string)   { w.key = &key }
func (w *writer) WriteString(s *smithy.Schema, v string)  { w.next(s).String(v) }
func (w *writer) WriteBool(s *smithy.Schema, v bool)      { w.next(s).Boolean(v) }
func (w *writer) WriteInt32(s *smithy.Schema, v int32)    { w.next(s).Integer(v) }
func (w *writer) WriteInt64(s *smithy.Schema, v int64)    { w.next(s).Long(v) }
func (w *writer) WriteBlob(s *smithy.Schema, v []byte)    { w.next(s).Base64EncodeBytes(v) }
func (w *writer) WriteTime(s *smithy.Schema, v time.Time) { w.next(s).String(isoTime(v)) }

func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
