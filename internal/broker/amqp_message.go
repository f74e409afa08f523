package broker

import (
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// maxShortString is what AMQP allows for names, keys and properties at most, in
// bytes. The library breaks the connection when there is more.
const maxShortString = 255

// publishing turns p into what the library sends. It adds nothing, and fails
// on what AMQP cannot carry.
func publishing(p Publication) (amqp.Publishing, error) {
	for _, field := range []struct{ name, value string }{
		{"exchange", p.Exchange},
		{"routing key", p.RoutingKey},
		{"content type", p.ContentType},
		{"content encoding", p.ContentEncoding},
		{"correlation id", p.CorrelationID},
		{"reply to", p.ReplyTo},
		{"expiration", p.Expiration},
		{"message id", p.MessageID},
		{"type", p.Type},
		{"user id", p.UserID},
		{"app id", p.AppID},
	} {
		if len(field.value) > maxShortString {
			return amqp.Publishing{}, fmt.Errorf("%w: %s has %d bytes, more than the %d of AMQP",
				ErrUnsendable, field.name, len(field.value), maxShortString)
		}
	}
	headers, err := toTable(p.Headers, 0)
	if err != nil {
		return amqp.Publishing{}, fmt.Errorf("%w: %w", ErrUnsendable, err)
	}
	return amqp.Publishing{
		Headers:         headers,
		ContentType:     p.ContentType,
		ContentEncoding: p.ContentEncoding,
		DeliveryMode:    p.DeliveryMode,
		Priority:        p.Priority,
		CorrelationId:   p.CorrelationID,
		ReplyTo:         p.ReplyTo,
		Expiration:      p.Expiration,
		MessageId:       p.MessageID,
		Timestamp:       p.Timestamp,
		Type:            p.Type,
		UserId:          p.UserID,
		AppId:           p.AppID,
		Body:            p.Body,
	}, nil
}

// checkFrame returns a *TooLargeError when the content header of msg takes more
// than frameMax bytes without the reserve; a frameMax of 0 means no limit.
func checkFrame(msg amqp.Publishing, frameMax, reserve int) error {
	size, limit := contentHeaderSize(msg), frameMax-reserve
	if frameMax > 0 && size > limit {
		return &TooLargeError{Size: size, Limit: limit}
	}
	return nil
}

// delivered turns what the library received into a Delivery.
func delivered(d amqp.Delivery, s Settler) Delivery {
	out := Delivery{
		Properties: Properties{
			ContentType:     d.ContentType,
			ContentEncoding: d.ContentEncoding,
			Headers:         fromTable(d.Headers),
			DeliveryMode:    d.DeliveryMode,
			Priority:        d.Priority,
			CorrelationID:   d.CorrelationId,
			ReplyTo:         d.ReplyTo,
			Expiration:      d.Expiration,
			MessageID:       d.MessageId,
			Type:            d.Type,
			UserID:          d.UserId,
			AppID:           d.AppId,
		},
		Body:        d.Body,
		Exchange:    d.Exchange,
		RoutingKey:  d.RoutingKey,
		Redelivered: d.Redelivered,
		Settler:     s,
	}
	if !d.Timestamp.IsZero() {
		out.Timestamp = d.Timestamp.UTC()
	}
	return out
}
