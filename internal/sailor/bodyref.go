package sailor

import (
	"bytes"
	"encoding/json"
	"maps"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/rawjson"
)

const (
	// objectIDHeader, among the headers of a message or of an entry in its
	// passthrough, makes its body an object of the storage.
	objectIDHeader = "x-ipaas-object-storage-id"
	emptyBody      = "{}"
	// idNotText stands for an id of another type, and is the id of no object.
	idNotText = "(not a text)"
)

// bodyRef is what holds a body, or the reference to one: a message, or a step's
// entry in its passthrough.
type bodyRef struct {
	id      string // of the object that is the body; empty for none
	body    json.RawMessage
	members map[string]json.RawMessage // all of an entry
}

func bodyRefOf(msg component.Message) *bodyRef {
	return &bodyRef{id: idText(msg.Headers[objectIDHeader]), body: msg.Body}
}

func isReference(msg component.Message) bool { return idText(msg.Headers[objectIDHeader]) != "" }

// parseEntries reads the entries of a passthrough, by step. What is not a JSON
// object is left out.
func parseEntries(passthrough map[string]json.RawMessage) map[string]*bodyRef {
	entries := make(map[string]*bodyRef, len(passthrough))
	for step, raw := range passthrough {
		if h, ok := parseEntry(raw); ok {
			entries[step] = h
		}
	}
	return entries
}

// parseReferences is parseEntries for those that are references.
func parseReferences(passthrough map[string]json.RawMessage) map[string]*bodyRef {
	var references map[string]*bodyRef
	for step, raw := range passthrough {
		if !bytes.Contains(raw, []byte(objectIDHeader)) { // spares to parse large entries
			continue
		}
		if h, ok := parseEntry(raw); ok && h.id != "" {
			if references == nil {
				references = map[string]*bodyRef{}
			}
			references[step] = h
		}
	}
	return references
}

func parseEntry(raw json.RawMessage) (h *bodyRef, ok bool) {
	h = &bodyRef{}
	if json.Unmarshal(raw, &h.members) != nil || h.members == nil {
		return nil, false
	}
	h.body = h.members["body"]
	var id any
	if raw, ok := h.headers()[objectIDHeader]; ok && json.Unmarshal(raw, &id) == nil {
		h.id = idText(id)
	}
	return h, true
}

// withEntries returns the passthrough with these entries in place of its own.
func withEntries(passthrough map[string]json.RawMessage, entries map[string]*bodyRef) (map[string]json.RawMessage, error) {
	if len(entries) == 0 {
		return passthrough, nil
	}
	changed := maps.Clone(passthrough)
	for step, h := range entries {
		raw, err := h.entry()
		if err != nil {
			return nil, err
		}
		changed[step] = raw
	}
	return changed, nil
}

func (h *bodyRef) entry() (json.RawMessage, error) {
	headers := h.headers()
	id, err := marshal(h.id)
	if err != nil {
		return nil, err
	}
	headers[objectIDHeader] = id
	h.members["body"] = h.body
	if h.members["headers"], err = marshal(headers); err != nil {
		return nil, err
	}
	return marshal(h.members)
}

// headers are those of an entry, empty where it has none.
func (h *bodyRef) headers() map[string]json.RawMessage {
	var headers map[string]json.RawMessage
	if json.Unmarshal(h.members["headers"], &headers) != nil || headers == nil {
		headers = map[string]json.RawMessage{}
	}
	return headers
}

// isAbsent reports whether there is neither a body nor a reference to one.
func (h *bodyRef) isAbsent() bool { return h.body == nil && h.id == "" }

// compact drops white space.
func (h *bodyRef) compact() error {
	if h.body == nil {
		return nil
	}
	var buf bytes.Buffer
	buf.Grow(len(h.body))
	if json.Compact(&buf, h.body) != nil {
		return envelope.ErrJSON
	}
	h.body = buf.Bytes()
	return nil
}

func idText(id any) string {
	switch id := id.(type) {
	case nil:
		return ""
	case string:
		return id
	default:
		return idNotText
	}
}

// isEmpty reports whether there is nothing in a body: it is an empty object,
// array or text, or none of these at all.
func isEmpty(body json.RawMessage) bool {
	body = bytes.TrimSpace(body)
	if len(body) < 2 {
		return true
	}
	switch body[0] {
	case '{', '[':
		return len(bytes.TrimSpace(body[1:len(body)-1])) == 0
	case '"':
		return len(body) == 2
	default:
		return true
	}
}

// marshal fails with envelope.ErrJSON.
func marshal(v any) (json.RawMessage, error) {
	text, err := rawjson.Marshal(v)
	if err != nil {
		return nil, envelope.ErrJSON
	}
	return text, nil
}
