package broker

import (
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Sizes in bytes, as AMQP 0-9-1 lays a frame out (sections 4.2.3 and 4.2.6.1):
// type, channel, size and end octet of the frame; class, weight, body size and
// flags of the content header.
const (
	frameOverhead   = 1 + 2 + 4 + 1
	contentOverhead = 2 + 2 + 8 + 2
)

// contentHeaderSize is the size of the frame that holds the properties of msg.
// What is not set is not written.
func contentHeaderSize(msg amqp.Publishing) int {
	size := frameOverhead + contentOverhead
	for _, text := range []string{
		msg.ContentType, msg.ContentEncoding, msg.CorrelationId, msg.ReplyTo, msg.Expiration,
		msg.MessageId, msg.Type, msg.UserId, msg.AppId,
	} {
		if text != "" {
			size += 1 + len(text)
		}
	}
	if len(msg.Headers) > 0 {
		size += tableSize(msg.Headers)
	}
	if msg.DeliveryMode > 0 {
		size++
	}
	if msg.Priority > 0 {
		size++
	}
	if !msg.Timestamp.IsZero() {
		size += 8
	}
	return size
}

func tableSize(table amqp.Table) int {
	size := 4
	for name, field := range table {
		size += 1 + len(name) + fieldSize(field)
	}
	return size
}

// fieldSize knows the types that toTable leaves.
func fieldSize(field any) int {
	switch v := field.(type) {
	case bool:
		return 1 + 1
	case int64, float64, time.Time:
		return 1 + 8
	case string:
		return 1 + 4 + len(v)
	case []byte:
		return 1 + 4 + len(v)
	case amqp.Table:
		return 1 + tableSize(v)
	case []any:
		size := 1 + 4
		for _, element := range v {
			size += fieldSize(element)
		}
		return size
	default: // nil
		return 1
	}
}
