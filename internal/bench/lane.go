package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

const (
	dataKey = "data"
	// fillBatch messages are on their way to the broker at once.
	fillBatch = 1000
)

// lane is an exchange with two queues, new for each measurement: what a step
// takes in, and all that it puts out.
type lane struct {
	world         *world
	at            load
	exchange, in  string
	body          []byte // of every message
	sender        *amqp.Channel
	reader        *amqp.Channel
	outputs       <-chan amqp.Delivery
	sent, checked int
}

func (w *world) openLane(at load) (_ *lane, err error) {
	w.lanes++
	name := fmt.Sprintf("bench-%d-%d", time.Now().UnixMilli(), w.lanes)
	l := &lane{world: w, at: at, exchange: name, in: name + ".in"}
	msg := component.NewMessage(json.RawMessage(`{"SecretId":"bench/secret"}`))
	if l.body, err = envelope.EncodeMessage(w.cipher, msg, at.protocol); err != nil {
		return nil, err
	}
	if l.sender, err = w.sending.Channel(); err != nil {
		return nil, err
	}
	if l.reader, err = w.reading.Channel(); err != nil {
		return nil, err
	}
	return l, l.declare()
}

func (l *lane) out() string { return l.exchange + ".out" }

func (l *lane) declare() error {
	if err := l.sender.Confirm(false); err != nil {
		return err
	}
	if err := l.sender.ExchangeDeclare(l.exchange, amqp.ExchangeDirect, true, false, false, false, nil); err != nil {
		return err
	}
	for _, queue := range []string{l.in, l.out()} {
		if _, err := l.sender.QueueDeclare(queue, true, false, false, false, nil); err != nil {
			return err
		}
	}
	for _, key := range []string{dataKey, "error", "rebound", "snapshot"} {
		if err := l.sender.QueueBind(l.out(), key, l.exchange, false, nil); err != nil {
			return err
		}
	}
	var err error
	// Without acknowledgements, the reader is as light as can be.
	l.outputs, err = l.reader.Consume(l.out(), "", true, false, false, false, nil)
	return err
}

func (l *lane) close() error {
	_, err1 := l.sender.QueueDelete(l.in, false, false, false)
	_, err2 := l.sender.QueueDelete(l.out(), false, false, false)
	return errors.Join(err1, err2, l.sender.ExchangeDelete(l.exchange, false, false), l.sender.Close(), l.reader.Close())
}

// sentHeader travels on with whatever follows from a message.
const sentHeader = "x-eio-meta-sent"

// send sends one message.
func (l *lane) send(ctx context.Context) error {
	_, err := l.publish(ctx)
	return err
}

func (l *lane) publish(ctx context.Context) (*amqp.DeferredConfirmation, error) {
	l.sent++
	return l.sender.PublishWithDeferredConfirmWithContext(ctx, "", l.in, true, false, amqp.Publishing{
		ContentType: "application/json", ContentEncoding: "utf8", DeliveryMode: amqp.Transient,
		Headers: amqp.Table{
			"messageId": fmt.Sprintf("00000000-0000-4000-8000-%012d", l.sent), "threadId": "bench-thread", "stepId": "step-before",
			"protocolVersion": int64(l.at.protocol), sentHeader: strconv.FormatInt(time.Now().UnixNano(), 10),
		},
		Body: l.body,
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
func (l *lane) fill(ctx context.Context, n int) error {
	for n > 0 {
		batch := make([]*amqp.DeferredConfirmation, 0, fillBatch)
		for range min(n, fillBatch) {
			confirm, err := l.publish(ctx)
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

// next waits for what the step puts out next.
func (l *lane) next(ctx context.Context, c contender, p *process) (amqp.Delivery, error) {
	select {
	case d, open := <-l.outputs:
		if !open {
			return d, errors.New("the broker has closed the connection")
		}
		return d, l.check(c, d)
	case <-p.done:
		return amqp.Delivery{}, p.failure()
	case <-ctx.Done():
		return amqp.Delivery{}, fmt.Errorf("%s puts nothing out: %w", c.name, context.Cause(ctx))
	}
}

// check finds data in what was put out, and the secret in the first of it.
func (l *lane) check(c contender, d amqp.Delivery) error {
	if d.RoutingKey != dataKey {
		failure, _, _ := envelope.DecodeErrorPayload(l.world.cipher, d.Body) // empty where it is no error
		return fmt.Errorf("%s emits %s instead of data: %s", c.name, d.RoutingKey, failure.Message)
	}
	l.checked++
	if l.checked > 1 || c.relays {
		return nil
	}
	msg, err := envelope.DecodeMessage(l.world.cipher, d.Body, l.at.protocol)
	if err != nil {
		return fmt.Errorf("%s emits what cannot be read: %w", c.name, err)
	}
	if !strings.Contains(string(msg.Body), `"SecretString":"0123456789abcdef`) {
		return fmt.Errorf("%s emits no secret", c.name)
	}
	return nil
}

// consumed waits until the step consumes.
func (l *lane) consumed(ctx context.Context, p *process) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		queue, err := l.sender.QueueDeclarePassive(l.in, true, false, false, false, nil)
		if err != nil || queue.Consumers > 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-p.done:
			return p.failure()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
