package rawjson

import (
	"bytes"
	"encoding/json"
)

// Marshal is json.Marshal without its escapes for HTML, which would make
// documents longer.
func Marshal(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
