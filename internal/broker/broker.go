// Package broker moves messages between a step and RabbitMQ.
//
// A Source hands out deliveries together with the means to settle them; a Sink
// publishes and waits for the broker's confirm. Both make one attempt at a
// time and report a lost connection as ErrNotConnected; whoever calls them
// decides when to connect again. Memory is their twin inside the process, for
// tests and local runs.
package broker

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrNotConnected: there is no connection, or it was lost on the way. The
	// fate of what was being sent is unknown.
	ErrNotConnected = errors.New("not connected to the broker")
	// ErrNacked: the broker refused the message, as a full queue with the
	// overflow policy reject-publish does.
	ErrNacked = errors.New("broker refused the message")
	// ErrUnsendable: no try can publish the message as it is. AMQP cannot carry
	// it, or the broker closes the channel for it.
	ErrUnsendable = errors.New("message cannot be sent")
	// ErrStale: the delivery's channel is gone. The broker delivers the message
	// again, and only that newer delivery can be settled.
	ErrStale = errors.New("delivery belongs to a lost channel")
	// ErrSettled: the delivery was acknowledged or rejected before. A broker
	// answers a second time by closing the channel, so it is never sent.
	ErrSettled = errors.New("delivery is already settled")
	// ErrStopped: the source was stopped or closed and hands out no more
	// deliveries. It does not connect again.
	ErrStopped = errors.New("source is stopped")
	// ErrClosed: the sink was closed. It does not connect again.
	ErrClosed = errors.New("sink is closed")
	// ErrURI: the broker's URI is malformed, so that trying again is of no use.
	// The text around it tells the rule and never shows the URI.
	ErrURI = errors.New("broker URI is malformed")
)

// ReturnedError tells that no queue is bound for a mandatory message.
type ReturnedError struct {
	Exchange   string
	RoutingKey string
	Code       uint16 // AMQP reply code, 312 for NO_ROUTE
	Text       string // AMQP reply text
}

func (e *ReturnedError) Error() string {
	return fmt.Sprintf("message is unroutable: exchange %q has no queue for routing key %q (%d %s)",
		e.Exchange, e.RoutingKey, e.Code, e.Text)
}

// TooLargeError tells that a message's properties and headers need a larger frame
// than was agreed on with the broker: AMQP does not split them. It was not sent.
type TooLargeError struct {
	Size, Limit int // bytes, of the whole frame
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%v: its properties and headers take %d bytes, more than the %d of an AMQP frame",
		ErrUnsendable, e.Size, e.Limit)
}

// Unwrap returns ErrUnsendable.
func (e *TooLargeError) Unwrap() error { return ErrUnsendable }

// ProtocolError is why the broker closed a channel or connection: something that
// was sent broke a rule, or named what does not exist. It stands beside
// ErrNotConnected.
type ProtocolError struct {
	Code uint16 // AMQP reply code, 4xx or 5xx
	Text string // AMQP reply text
}

func (e *ProtocolError) Error() string { return fmt.Sprintf("%s (%d)", e.Text, e.Code) }

// connectionLost is ErrNotConnected with the broker's reason.
func connectionLost(code uint16, text string) error {
	reason := &ProtocolError{Code: code, Text: text}
	if code < 400 {
		return fmt.Errorf("%w: %v", ErrNotConnected, reason)
	}
	return fmt.Errorf("%w: %w", ErrNotConnected, reason)
}

// Properties are the AMQP basic properties of a message.
type Properties struct {
	ContentType     string
	ContentEncoding string
	Headers         map[string]any
	DeliveryMode    uint8 // 1 transient, 2 persistent
	Priority        uint8
	CorrelationID   string
	ReplyTo         string
	Expiration      string // ms, as decimal text
	MessageID       string
	Timestamp       time.Time
	Type            string
	UserID          string
	AppID           string
}

// Delivery is a message that the broker handed out and waits to hear about.
// Its body is encrypted, but may still not be logged.
type Delivery struct {
	Properties
	Body        []byte
	Exchange    string
	RoutingKey  string
	Redelivered bool
	// Settler is bound to the channel the delivery came from.
	Settler Settler
}

// Settler ends a delivery, once: whatever comes second returns ErrSettled.
// Both methods return ErrStale when the channel is gone.
type Settler interface {
	Ack(ctx context.Context) error
	// Reject drops the message, or dead-letters it where the queue says so.
	Reject(ctx context.Context) error
	// Requeue puts the message back, to be delivered again.
	Requeue(ctx context.Context) error
}

// Publication is a message to be published as mandatory.
type Publication struct {
	Properties
	Exchange   string
	RoutingKey string
	Body       []byte
	// Reserve is room to leave in the frame of properties and headers, in bytes.
	// When RabbitMQ dead-letters a message it adds headers, and then delivers a
	// frame of any size, for which a consumer loses its connection.
	Reserve int
}

// Source hands out the messages of one queue. It is used from one goroutine;
// only Stop, Close and the settlers may be called from others.
type Source interface {
	// Connect opens connection and channel, in one attempt. On a Source that
	// lost its connection it opens new ones, on a connected one it does
	// nothing. It does not consume yet.
	Connect(ctx context.Context) error
	// Consume starts the consumer on the connected channel.
	Consume(ctx context.Context) error
	// Receive waits for the next delivery. It returns ErrNotConnected when the
	// connection or channel was lost or the broker cancelled the consumer (call
	// Connect and Consume again), ErrStopped after Stop, or the context's error.
	Receive(ctx context.Context) (Delivery, error)
	// Stop ends the consumer; deliveries already handed out can still be
	// settled, those that were not go back to the queue at Close.
	Stop(ctx context.Context) error
	// Close stops the source and closes the connection, for good. Unsettled
	// deliveries go back to the queue.
	Close() error
}

// Sink publishes messages. All methods may be called from many goroutines at
// once.
type Sink interface {
	// Connect opens connection and channel, in one attempt. On a connected Sink
	// it does nothing.
	Connect(ctx context.Context) error
	// Publish sends and waits for the confirm: nil, ErrNacked, ErrNotConnected
	// (with a *ProtocolError when the broker closed the channel, for this message
	// or for another), ErrClosed, *ReturnedError, or the context's error. What
	// AMQP cannot carry is ErrUnsendable, and a *TooLargeError where it is that;
	// it is not sent.
	//
	// When the context ends first, the message may still be on its way, so the
	// body must not be changed afterwards.
	Publish(ctx context.Context, p Publication) error
	// Close closes the connection, for good.
	Close() error
}
