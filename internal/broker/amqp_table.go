package broker

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Headers are plain Go values on our side: string, bool, int64, float64, nil,
// time.Time (whole seconds), []byte, []any and map[string]any. AMQP knows many
// widths of numbers; all of them are read, and the widest is written.

// maxDepth bounds nested tables and arrays. Nobody reads deeper ones: the
// library breaks the connection.
const maxDepth = 32

var errTooDeep = fmt.Errorf("tables and arrays are nested more than %d levels deep", maxDepth)

// toTable copies headers as AMQP has them. An error names the header, never its
// value.
func toTable(headers map[string]any, depth int) (amqp.Table, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	table := make(amqp.Table, len(headers))
	for name, value := range headers {
		if len(name) > maxShortString {
			return nil, fmt.Errorf("header %.20q… has a name of %d bytes, more than the %d of AMQP",
				name, len(name), maxShortString)
		}
		field, err := toField(value, depth)
		if err != nil {
			return nil, fmt.Errorf("header %q: %w", name, err)
		}
		table[name] = field
	}
	return table, nil
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

func toField(value any, depth int) (any, error) {
	switch v := value.(type) {
	case nil, bool, string, int64, float64:
		return v, nil
	case []byte:
		return bytes.Clone(v), nil
	case time.Time:
		return time.Unix(v.Unix(), 0), nil
	case []any:
		return toArray(v, depth+1)
	case map[string]any:
		return toTable(v, depth+1)
	}
	switch v := reflect.ValueOf(value); {
	case v.CanInt():
		return v.Int(), nil // the library would cut an int to 32 bits
	case v.CanUint() && v.Uint() > math.MaxInt64:
		return nil, fmt.Errorf("number is larger than the %d of AMQP", int64(math.MaxInt64))
	case v.CanUint():
		return int64(v.Uint()), nil
	case v.CanFloat():
		return v.Float(), nil
	}
	return nil, fmt.Errorf("AMQP has no type for %T", value)
}

// fromTable turns a table of AMQP into headers, in place.
func fromTable(table amqp.Table) map[string]any {
	for name, field := range table {
		table[name] = fromField(field)
	}
	return table
}

func fromField(field any) any {
	switch v := field.(type) {
	case string: // as nearly all are
		return v
	case amqp.Decimal:
		return float64(v.Value) / math.Pow10(int(v.Scale))
	case time.Time:
		return v.UTC()
	case []any:
		for i, element := range v {
			v[i] = fromField(element)
		}
		return v
	case amqp.Table:
		return fromTable(v)
	}
	switch v := reflect.ValueOf(field); {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return int64(v.Uint())
	case v.CanFloat():
		return v.Float()
	}
	return field
}
