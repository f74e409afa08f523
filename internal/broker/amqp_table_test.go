package broker

import (
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Other clients write types that ours never does.
func TestFromTableYieldsPlainValues(t *testing.T) {
	now := time.Unix(1700000000, 0)
	assert.Equal(t, map[string]any{
		"int8": int64(-1), "int16": int64(-2), "int32": int64(-3), "int64": int64(-4),
		"uint8": int64(1), "uint16": int64(2), "uint32": int64(3),
		"float32": 0.5, "float64": 0.25, "decimal": 123.45, "scaled": 12345.0,
		"text": "x", "yes": true, "nil": nil, "bytes": []byte("b"), "time": now.UTC(),
		"list":  []any{int64(1), map[string]any{"a": int64(2)}, []any{0.5}},
		"table": map[string]any{"b": map[string]any{}},
	}, fromTable(amqp.Table{
		"int8": int8(-1), "int16": int16(-2), "int32": int32(-3), "int64": int64(-4),
		"uint8": uint8(1), "uint16": uint16(2), "uint32": uint32(3),
		"float32": float32(0.5), "float64": 0.25,
		"decimal": amqp.Decimal{Scale: 2, Value: 12345}, "scaled": amqp.Decimal{Value: 12345},
		"text": "x", "yes": true, "nil": nil, "bytes": []byte("b"), "time": now,
		"list":  []any{int16(1), amqp.Table{"a": int8(2)}, []any{float32(0.5)}},
		"table": amqp.Table{"b": amqp.Table{}},
	}))
	assert.Nil(t, fromTable(nil))
}

func TestToTableNamesWhatItRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		value any
		err   string
	}{
		"struct":          {struct{ A string }{"s3cr3t"}, `header "h": AMQP has no type for struct { A string }`},
		"in a list":       {[]any{1, []string{"s3cr3t"}}, `header "h": element 1: AMQP has no type for []string`},
		"in a table":      {map[string]any{"inner": struct{}{}}, `header "h": header "inner": AMQP has no type for struct {}`},
		"too large":       {uint64(1 << 63), `header "h": number is larger than the 9223372036854775807 of AMQP`},
		"too large, uint": {uint(1 << 63), `header "h": number is larger than the 9223372036854775807 of AMQP`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := toTable(map[string]any{"h": test.value}, 0)
			require.EqualError(t, err, test.err)
		})
	}
}
