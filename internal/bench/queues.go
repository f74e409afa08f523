package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

const (
	dataKey = "data"
	// fillBatch messages are on their way to the broker at once.
	fillBatch = 1000
)

// queues are what a step takes in and all that it puts out, with their
// exchange, new for each measurement.
type queues struct {
	environment    *environment
	at             load
	topology       broker.Topology
	in             string
	body           []byte // of every message
	sender, reader *amqp.Channel
	outputs        <-chan amqp.Delivery
	sent           int
}

func (e *environment) openQueues(ctx context.Context, at load) (_ *queues, err error) {
	e.opened++
	name := fmt.Sprintf("bench-%d-%d", time.Now().UnixMilli(), e.opened)
	q := &queues{environment: e, at: at, in: name + ".in", topology: broker.Topology{Exchange: name, Queues: []broker.Queue{
		{Name: name + ".in"}, {Name: name + ".out", RoutingKeys: []string{dataKey, "error", "rebound", "snapshot"}},
	}}}
	msg := component.NewMessage(json.RawMessage(`{"SecretId":"bench/secret"}`))
	if q.body, err = envelope.EncodeMessage(e.cipher, msg, at.protocol); err != nil {
		return nil, err
	}
	if err := e.admin.Declare(ctx, q.topology); err != nil {
		return nil, err
	}
	if q.sender, err = e.sending.Channel(); err != nil {
		return nil, err
	}
	if q.reader, err = e.reading.Channel(); err != nil {
		return nil, err
	}
	// Without acknowledgements, the reader is as light as can be.
	if q.outputs, err = q.reader.Consume(name+".out", "", true, false, false, false, nil); err != nil {
		return nil, err
	}
	return q, q.sender.Confirm(false)
}

func (q *queues) close(ctx context.Context) error {
	return errors.Join(q.sender.Close(), q.reader.Close(), q.environment.admin.Delete(ctx, q.topology))
}

// sentHeader travels on with whatever follows from a message.
const sentHeader = "x-eio-meta-sent"

func (q *queues) send(ctx context.Context) error {
	_, err := q.publish(ctx)
	return err
}

func (q *queues) publish(ctx context.Context) (*amqp.DeferredConfirmation, error) {
	q.sent++
	return q.sender.PublishWithDeferredConfirmWithContext(ctx, "", q.in, true, false, amqp.Publishing{
		ContentType: "application/json", ContentEncoding: "utf8", DeliveryMode: amqp.Transient,
		Headers: amqp.Table{
			"messageId": fmt.Sprintf("00000000-0000-4000-8000-%012d", q.sent), "threadId": "bench-thread", "stepId": "step-before",
			"protocolVersion": int64(q.at.protocol), sentHeader: strconv.FormatInt(time.Now().UnixNano(), 10),
		},
		Body: q.body,
	})
}

// sinceSent tells how long ago the message was sent that an output follows
// from.
func sinceSent(d amqp.Delivery) (time.Duration, error) {
	text, _ := d.Headers[sentHeader].(string)
	sent, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("header %s of an output: %w", sentHeader, err)
	}
	return time.Since(time.Unix(0, sent)), nil
}

// fill lets n messages wait.
func (q *queues) fill(ctx context.Context, n int) error {
	for n > 0 {
		batch := make([]*amqp.DeferredConfirmation, 0, fillBatch)
		for range min(n, fillBatch) {
			confirm, err := q.publish(ctx)
			if err != nil {
				return fmt.Errorf("fill the queue: %w", err)
			}
			batch = append(batch, confirm)
		}
		for _, confirm := range batch {
			if ok, err := confirm.WaitContext(ctx); err != nil || !ok {
				return fmt.Errorf("fill the queue: confirmed %t: %w", ok, err)
			}
		}
		n -= len(batch)
	}
	return nil
}
