package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
)

// ParseMessage reads a message, and loses nothing of it; parts of text become
// parts of the message. It fails with a *component.Error named InvalidInput when
// the message, its headers, its passthrough or an entry in that is not an object.
func ParseMessage(text []byte) (m component.Message, err error) {
	in, err := readMembers(text)
	if err != nil {
		return component.Message{}, err
	}
	m = component.Message{ID: readID(in.id), Body: in.body, Attachments: in.attachments}
	if m.ID == "" && in.id != nil {
		in.addExtra("id", in.id)
	}
	if m.Headers, err = readHeaders(in.headers); err != nil {
		return component.Message{}, err
	}
	if string(in.passthrough) == "null" {
		in.addExtra("passthrough", in.passthrough)
	} else if m.Passthrough, err = readPassthrough(in.passthrough); err != nil {
		return component.Message{}, err
	}
	m.Extra = in.extra
	return m, nil
}

// members are those of a message, as they stand in its text.
type members struct {
	id, headers, body, attachments, passthrough json.RawMessage
	extra                                       map[string]json.RawMessage
}

// readMembers splits a message. A struct with tags would take its members in any
// case.
func readMembers(text []byte) (in members, err error) {
	if rawjson.EachMember(text, in.add) {
		return in, nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		if _, kind := errors.AsType[*json.UnmarshalTypeError](err); kind {
			return members{}, notObject("message", text)
		}
		return members{}, err
	}
	if all == nil {
		return members{}, notObject("message", text)
	}
	in = members{}
	for name, value := range all {
		in.add([]byte(name), value)
	}
	return in, nil
}

// add is false for a member that is there already.
func (in *members) add(name []byte, value json.RawMessage) bool {
	var place *json.RawMessage
	switch string(name) {
	case "id":
		place = &in.id
	case "headers":
		place = &in.headers
	case "body":
		place = &in.body
	case "attachments":
		place = &in.attachments
	case "passthrough":
		place = &in.passthrough
	default:
		return in.addExtra(string(name), value)
	}
	if *place != nil {
		return false
	}
	*place = value
	return true
}

func (in *members) addExtra(name string, value json.RawMessage) bool {
	if _, twice := in.extra[name]; twice {
		return false
	}
	if in.extra == nil {
		in.extra = map[string]json.RawMessage{}
	}
	in.extra[name] = value
	return true
}

// readID returns an id that is a text, or an empty one.
func readID(raw json.RawMessage) (id string) {
	if raw == nil || json.Unmarshal(raw, &id) != nil {
		return ""
	}
	return id
}

func readHeaders(raw json.RawMessage) (map[string]any, error) {
	switch string(raw) {
	case "", "{}", "null", "false", "0", `""`: // the last four count as none in JavaScript
		return map[string]any{}, nil
	}
	if raw[0] != '{' {
		return nil, notObject("headers", raw)
	}
	var headers map[string]any
	if json.Unmarshal(raw, &headers) != nil {
		return nil, component.Errorf(component.InvalidInput, "headers: must not have numbers that are too large")
	}
	return headers, nil
}

func readPassthrough(raw json.RawMessage) (map[string]json.RawMessage, error) {
	if raw == nil {
		return nil, nil
	}
	passthrough, err := readObject(raw)
	if err != nil {
		return nil, notObject("passthrough", raw)
	}
	for _, entry := range passthrough {
		if entry[0] != '{' {
			return nil, notObject("entry in passthrough", entry)
		}
	}
	return passthrough, nil
}

func readObject(raw json.RawMessage) (object map[string]json.RawMessage, err error) {
	if object, usual := rawjson.Members(raw); usual {
		return object, nil
	}
	err = json.Unmarshal(raw, &object)
	return object, err
}

// notObject returns the error of a JSON value that is to be an object. It tells
// what the value is, and nothing of what is in it.
func notObject(name string, value json.RawMessage) *component.Error {
	return component.Errorf(component.InvalidInput, "%s: must be an object (given: %s)", name, kindOf(bytes.TrimSpace(value)))
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

// FormatMessage writes a message with headers and with whatever else it has. It
// fails when a member is not JSON. Nothing is escaped for HTML, which would
// make messages longer.
func FormatMessage(m component.Message) ([]byte, error) {
	w := objectWriter{text: make([]byte, 0, sizeHint(m))}
	w.begin()
	if m.ID != "" {
		w.name("id")
		w.encode(m.ID)
	}
	w.name("headers")
	w.headers(m.Headers)
	w.member("body", m.Body)
	w.member("attachments", m.Attachments)
	if m.Passthrough != nil {
		w.name("passthrough")
		w.passthrough(m.Passthrough)
	}
	for _, name := range sortedNames(m.Extra) {
		if !hasField(m, name) {
			w.member(name, m.Extra[name])
		}
	}
	w.end()
	if w.err != nil {
		return nil, w.err
	}
	return w.text, nil
}

// sizeHint is how many bytes the message takes in JSON, with the block that
// encryption may add, unless its headers are long.
func sizeHint(m component.Message) int {
	const names, header, block = len(`{"id":"","headers":{},"body":,"attachments":,"passthrough":{}}`), 64, 16
	size := names + len(m.ID) + len(m.Headers)*header + len(m.Body) + len(m.Attachments) + block
	for _, more := range []map[string]json.RawMessage{m.Passthrough, m.Extra} {
		for name, value := range more {
			size += len(`"":,`) + len(name) + len(value)
		}
	}
	return size
}

// hasField reports whether a field is written under that name.
func hasField(m component.Message, name string) bool {
	switch name {
	case "id":
		return m.ID != ""
	case "headers":
		return true
	case "body":
		return len(m.Body) > 0
	case "attachments":
		return len(m.Attachments) > 0
	case "passthrough":
		return m.Passthrough != nil
	}
	return false
}

func sortedNames(members map[string]json.RawMessage) []string {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// objectWriter writes JSON objects member by member.
type objectWriter struct {
	text []byte
	err  error // the first one
}

func (w *objectWriter) begin() { w.text = append(w.text, '{') }
func (w *objectWriter) end()   { w.text = append(w.text, '}') }

func (w *objectWriter) headers(headers map[string]any) {
	if len(headers) == 0 {
		w.text = append(w.text, "{}"...)
		return
	}
	w.encode(headers)
}

func (w *objectWriter) passthrough(entries map[string]json.RawMessage) {
	w.begin()
	for _, step := range sortedNames(entries) {
		w.name(step)
		if entry := entries[step]; entry == nil {
			w.raw(json.RawMessage("null"))
		} else {
			w.raw(entry)
		}
	}
	w.end()
}

// member writes a member unless it is absent.
func (w *objectWriter) member(name string, value json.RawMessage) {
	if len(value) > 0 {
		w.name(name)
		w.raw(value)
	}
}

func (w *objectWriter) name(name string) {
	if w.text[len(w.text)-1] != '{' {
		w.text = append(w.text, ',')
	}
	var plain bool
	if w.text, plain = rawjson.AppendPlain(w.text, name); !plain {
		w.encode(name)
	}
	w.text = append(w.text, ':')
}

// raw writes a value as it is, but for white space.
func (w *objectWriter) raw(value json.RawMessage) {
	if rawjson.IsCompact(value) {
		w.text = append(w.text, value...)
		return
	}
	buf := bytes.NewBuffer(w.text)
	w.keep(json.Compact(buf, value))
	w.text = buf.Bytes()
}

func (w *objectWriter) encode(value any) {
	text, err := rawjson.Marshal(value)
	w.keep(err)
	w.text = append(w.text, text...)
}

func (w *objectWriter) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}
