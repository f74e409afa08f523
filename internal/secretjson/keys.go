package secretjson

import (
	"encoding/json"

	"aws-secrets-manager-connector/internal/rawjson"
)

const (
	maxDepth = 8    // levels of objects and lists that are told
	maxKeys  = 1000 // that are told
)

// Properties returns the keys of a secret as the properties of a JSON schema, in
// their order: names and types, with those of objects and of the entries of lists
// below them. Nothing in it depends on a value that is no object or list. What has
// several types, or is null, has none. Of very large secrets not all is told.
func Properties(secret []byte) (json.RawMessage, error) {
	if _, err := parse(secret); err != nil {
		return nil, err
	}
	var s shape
	left := maxKeys
	s.learn(secret, maxDepth, &left)
	return s.writeProperties(), nil
}

// shape is what there is to tell of the values at one place.
type shape struct {
	kind    string // JSON type, or unknown
	keys    []string
	members map[string]*shape
	entries *shape
}

const unknown = "unknown" // of null, and where there are several

// learn adds a value. left is how many keys may still be told.
func (s *shape) learn(value json.RawMessage, depth int, left *int) {
	kind := kindOf(value)
	if s.kind == "" {
		s.kind = kind
	}
	if s.kind != kind {
		s.kind = unknown
	}
	if depth == 0 {
		return
	}
	switch kind {
	case "object":
		in, err := parse(value)
		if err != nil {
			return // cannot happen: it is part of what was parsed
		}
		for _, m := range in.members {
			if member := s.member(m.name, left); member != nil {
				member.learn(value[m.value:m.end], depth-1, left)
			}
		}
	case "array":
		var entries []json.RawMessage
		_ = json.Unmarshal(value, &entries) // as above
		for _, entry := range entries {
			if s.entries == nil {
				s.entries = new(shape)
			}
			s.entries.learn(entry, depth-1, left)
		}
	}
}

// member returns the shape of a member, nil when there are too many.
func (s *shape) member(name string, left *int) *shape {
	if known := s.members[name]; known != nil || *left == 0 {
		return known
	}
	*left--
	if s.members == nil {
		s.members = map[string]*shape{}
	}
	s.keys = append(s.keys, name)
	s.members[name] = new(shape)
	return s.members[name]
}

func kindOf(value json.RawMessage) string {
	switch value[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return unknown
	}
	return "number"
}

func (s *shape) writeProperties() json.RawMessage {
	doc := []byte("{")
	for i, name := range s.keys {
		if i > 0 {
			doc = append(doc, ',')
		}
		quoted, _ := rawjson.Marshal(name) // text always can be
		doc = append(append(doc, quoted...), ':')
		doc = append(doc, s.members[name].schema(quoted, len(s.keys)-i)...)
	}
	return append(doc, '}')
}

// schema has a title and an order where the designer shows them.
func (s *shape) schema(title json.RawMessage, order int) json.RawMessage {
	all := struct {
		Title      json.RawMessage `json:"title,omitempty"`
		Order      int             `json:"order,omitempty"`
		Type       string          `json:"type,omitempty"`
		Properties json.RawMessage `json:"properties,omitempty"`
		Items      json.RawMessage `json:"items,omitempty"`
	}{Title: title, Order: order}
	if s.kind != unknown {
		all.Type = s.kind
	}
	if s.kind == "object" {
		all.Properties = s.writeProperties()
	}
	if s.kind == "array" && s.entries != nil {
		all.Items = s.entries.schema(nil, 0)
	}
	doc, _ := rawjson.Marshal(all) // it is made of what can be
	return doc
}
