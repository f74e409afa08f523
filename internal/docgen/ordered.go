package docgen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
)

// ordered is a JSON object whose members keep the order of the file.
type ordered[V any] struct {
	names  []string
	values map[string]V
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *ordered[V]) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	o.names, o.values = nil, map[string]V{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name := fmt.Sprint(token)
		var v V
		if err := d.Decode(&v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		o.names = append(o.names, name)
		o.values[name] = v
	}
	return nil
}

func (o ordered[V]) all() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, name := range o.names {
			if !yield(name, o.values[name]) {
				return
			}
		}
	}
}
