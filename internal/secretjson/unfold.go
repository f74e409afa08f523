package secretjson

import "encoding/json"

// Unfold returns a document in which each text SecretString that is a JSON object
// has become that object, called Secret.
func Unfold(doc json.RawMessage) json.RawMessage {
	var entries []json.RawMessage
	if in, err := parse(doc); err == nil {
		unfolded := []byte("{")
		for i, m := range in.members {
			if i > 0 {
				unfolded = append(unfolded, ',')
			}
			unfolded = append(unfolded, in.unfold(m)...)
		}
		return append(unfolded, '}')
	} else if json.Unmarshal(doc, &entries) != nil || entries == nil {
		return doc
	}
	unfolded := []byte("[")
	for i, entry := range entries {
		if i > 0 {
			unfolded = append(unfolded, ',')
		}
		unfolded = append(unfolded, Unfold(entry)...)
	}
	return append(unfolded, ']')
}

func (o object) unfold(m member) []byte {
	key, value := string(o.text[m.begin:m.value]), json.RawMessage(o.text[m.value:m.end])
	var text string
	if m.name == "SecretString" && json.Unmarshal(value, &text) == nil {
		if object, err := Compact([]byte(text)); err == nil {
			key, value = `"Secret":`, object
		}
	} else {
		value = Unfold(value)
	}
	return append([]byte(key), value...)
}
