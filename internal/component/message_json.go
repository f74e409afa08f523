package component

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"aws-secrets-manager-connector/internal/rawjson"
)

// UnmarshalJSON is ReadMessage.
func (m *Message) UnmarshalJSON(text []byte) (err error) {
	*m, err = ReadMessage(bytes.Clone(text))
	return err
}

// ReadMessage reads a message, and loses nothing of it; parts of text become
// parts of the message. It fails with an *Error named InvalidInput when the
// message, its headers, its passthrough or an entry in that is not an object.
func ReadMessage(text []byte) (m Message, err error) {
	members, err := readMembers(text)
	if err != nil {
		return Message{}, err
	}
	take := func(name string) json.RawMessage {
		raw := members[name]
		delete(members, name)
		return raw
	}

	m = Message{Body: take("body"), Attachments: take("attachments")}
	if m.Headers, err = readHeaders(take("headers")); err != nil {
		return Message{}, err
	}
	if string(members["passthrough"]) != "null" {
		if m.Passthrough, err = readPassthrough(take("passthrough")); err != nil {
			return Message{}, err
		}
	}
	if id, there := members["id"]; there && json.Unmarshal(id, &m.ID) == nil && m.ID != "" {
		delete(members, "id")
	}
	if len(members) > 0 {
		m.Others = members
	}
	return m, nil
}

// readMembers splits a message. A struct would take its members in any case.
func readMembers(text []byte) (members map[string]json.RawMessage, err error) {
	if members, usual := rawjson.Members(text); usual {
		return members, nil
	}
	if err := json.Unmarshal(text, &members); err != nil {
		if _, kind := errors.AsType[*json.UnmarshalTypeError](err); kind {
			return nil, NotObject("message", text)
		}
		return nil, err
	}
	if members == nil {
		return nil, NotObject("message", text)
	}
	return members, nil
}

func readHeaders(raw json.RawMessage) (map[string]any, error) {
	headers := map[string]any{}
	switch string(raw) {
	case "", "{}", "null", "false", "0", `""`: // the last four count as none in JavaScript
		return headers, nil
	}
	if raw[0] != '{' {
		return nil, NotObject("headers", raw)
	}
	if json.Unmarshal(raw, &headers) != nil {
		return nil, Errorf(InvalidInput, "headers: must not have numbers that are too large")
	}
	return headers, nil
}

func readPassthrough(raw json.RawMessage) (passthrough map[string]json.RawMessage, err error) {
	if raw == nil {
		return nil, nil
	}
	if json.Unmarshal(raw, &passthrough) != nil {
		return nil, NotObject("passthrough", raw)
	}
	for _, entry := range passthrough {
		if entry[0] != '{' {
			return nil, NotObject("entry in passthrough", entry)
		}
	}
	return passthrough, nil
}

// NotObject returns the error of a JSON value that is to be an object. It tells
// what the value is, and nothing of what is in it.
func NotObject(name string, value json.RawMessage) *Error {
	return Errorf(InvalidInput, "%s: must be an object (given: %s)", name, kindOf(bytes.TrimSpace(value)))
}

// kindOf names a JSON value as the violations of a schema do.
func kindOf(value []byte) string {
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}

// MarshalJSON writes the message with headers and with whatever else it has. It
// fails when a member is not JSON. Nothing is escaped for HTML, which would
// make messages longer.
func (m Message) MarshalJSON() ([]byte, error) {
	w := newObjectWriter(len(m.Body) + len(m.Attachments) + 512)
	if m.ID != "" {
		w.value("id", m.ID)
	}
	headers := m.Headers
	if headers == nil {
		headers = map[string]any{}
	}
	w.value("headers", headers)
	w.raw("body", m.Body)
	w.raw("attachments", m.Attachments)
	if m.Passthrough != nil {
		w.value("passthrough", m.Passthrough)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Others)) {
		if !slices.Contains(w.names, name) {
			w.raw(name, m.Others[name])
		}
	}
	return w.end()
}

// objectWriter writes a JSON object member by member.
type objectWriter struct {
	buf   bytes.Buffer
	enc   *json.Encoder
	names []string // that are written
	err   error    // the first one
}

func newObjectWriter(size int) *objectWriter {
	w := &objectWriter{names: make([]string, 0, 5)}
	w.buf.Grow(size)
	w.enc = json.NewEncoder(&w.buf)
	w.enc.SetEscapeHTML(false)
	return w
}

// raw writes a member as it is, but for white space, unless it is absent.
func (w *objectWriter) raw(name string, value json.RawMessage) {
	if len(value) == 0 || w.err != nil {
		return
	}
	w.name(name)
	switch {
	case w.err != nil:
	case rawjson.IsCompact(value):
		w.buf.Write(value)
	default:
		w.err = json.Compact(&w.buf, value)
	}
}

func (w *objectWriter) value(name string, value any) {
	w.name(name)
	w.encode(value)
}

func (w *objectWriter) name(name string) {
	if len(w.names) == 0 {
		w.buf.WriteByte('{')
	} else {
		w.buf.WriteByte(',')
	}
	w.names = append(w.names, name)
	if strings.ContainsFunc(name, mayNeedEscape) {
		w.encode(name)
	} else {
		w.buf.WriteByte('"')
		w.buf.WriteString(name)
		w.buf.WriteByte('"')
	}
	w.buf.WriteByte(':')
}

func mayNeedEscape(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }

func (w *objectWriter) encode(value any) {
	if w.err != nil {
		return
	}
	if w.err = w.enc.Encode(value); w.err == nil {
		w.buf.Truncate(w.buf.Len() - len("\n"))
	}
}

func (w *objectWriter) end() ([]byte, error) {
	if w.err != nil {
		return nil, w.err
	}
	w.buf.WriteByte('}') // headers are always there
	return w.buf.Bytes(), nil
}
