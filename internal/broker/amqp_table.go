package broker

import (
	"fmt"
	"math"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Headers are plain Go values on our side: string, bool, int64, float64, nil,
// time.Time (whole seconds), []byte, []any and map[string]any. AMQP knows many
// widths of numbers; all of them are read, and the widest is written.

// maxDepth bounds tables and arrays inside of each other. Nobody reads deeper
// ones: the library breaks the connection.
const maxDepth = 32

var errTooDeep = fmt.Errorf("more than %d tables and arrays inside of each other", maxDepth)

// toTable returns headers as AMQP has them, the same map where that is possible.
// An error names the header, never its value.
func toTable(headers map[string]any) (amqp.Table, error) {
	if plain(headers) {
		return headers, nil
	}
	return toTableAt(headers, 0)
}

// plain reports whether headers are as AMQP has them.
func plain(headers map[string]any) bool {
	for name, value := range headers {
		switch value.(type) {
		case nil, bool, string, int64, float64:
		default:
			return false
		}
		if len(name) > shortText {
			return false
		}
	}
	return true
}

func toTableAt(headers map[string]any, depth int) (amqp.Table, error) {
	if headers == nil {
		return nil, nil
	}
	if depth > maxDepth {
		return nil, errTooDeep
	}
	table := make(amqp.Table, len(headers))
	for name, value := range headers {
		if len(name) > shortText {
			return nil, fmt.Errorf("header %.20q… has a name of %d bytes, more than the %d of AMQP",
				name, len(name), shortText)
		}
		field, err := toField(value, depth)
		if err != nil {
			return nil, fmt.Errorf("header %q: %w", name, err)
		}
		table[name] = field
	}
	return table, nil
}

func toField(value any, depth int) (any, error) {
	switch v := value.(type) {
	case nil, bool, string, int64, float64, []byte, time.Time:
		return v, nil
	case int:
		return int64(v), nil // the library would cut it to 32 bits
	case int8:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case uint8:
		return int64(v), nil
	case uint16:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	case uint:
		return fromUnsigned(uint64(v))
	case uint64:
		return fromUnsigned(v)
	case float32:
		return float64(v), nil
	case []any:
		return toArray(v, depth+1)
	case map[string]any:
		return toTableAt(v, depth+1)
	default:
		return nil, fmt.Errorf("AMQP has no type for %T", value)
	}
}

func fromUnsigned(v uint64) (any, error) {
	if v > math.MaxInt64 {
		return nil, fmt.Errorf("number is larger than the %d of AMQP", int64(math.MaxInt64))
	}
	return int64(v), nil
}

func toArray(values []any, depth int) ([]any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	array := make([]any, len(values))
	for i, value := range values {
		field, err := toField(value, depth)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		array[i] = field
	}
	return array, nil
}

// fromTable turns a table of AMQP into headers, in place.
func fromTable(table amqp.Table) map[string]any {
	for name, field := range table {
		if _, text := field.(string); !text { // as nearly all are
			table[name] = fromField(field)
		}
	}
	return table
}

func fromField(field any) any {
	switch v := field.(type) {
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case uint8:
		return int64(v)
	case uint16:
		return int64(v)
	case uint32:
		return int64(v)
	case float32:
		return float64(v)
	case amqp.Decimal:
		return float64(v.Value) / math.Pow10(int(v.Scale))
	case time.Time:
		return v.UTC()
	case []any:
		array := make([]any, len(v))
		for i, element := range v {
			array[i] = fromField(element)
		}
		return array
	case amqp.Table:
		return fromTable(v)
	default:
		return v
	}
}
