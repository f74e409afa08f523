package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"aws-secrets-manager-connector/internal/envelope"
)

// step is a subject that runs between its queues.
type step struct {
	subject
	*queues
	*process
	checked bool // whether an output held the secret
}

// next waits for what the step puts out next.
func (s *step) next(ctx context.Context) (amqp.Delivery, error) {
	select {
	case d, open := <-s.outputs:
		if !open {
			return d, errors.New("the broker has closed the connection")
		}
		return d, s.check(d)
	case <-s.done:
		return amqp.Delivery{}, s.failure()
	case <-ctx.Done():
		return amqp.Delivery{}, fmt.Errorf("%s puts nothing out: %w", s.name, context.Cause(ctx))
	}
}

// check finds data in what was put out, and the secret in the first of it.
func (s *step) check(d amqp.Delivery) error {
	if d.RoutingKey != dataKey {
		failure, _, _ := envelope.DecodeErrorPayload(s.environment.cipher, d.Body) // empty where it is no error
		return fmt.Errorf("%s emits %s instead of data: %s", s.name, d.RoutingKey, failure.Message)
	}
	if s.checked || s.relays {
		return nil
	}
	s.checked = true
	msg, err := envelope.DecodeMessage(s.environment.cipher, d.Body, s.at.protocol)
	if err != nil {
		return fmt.Errorf("%s emits what cannot be read: %w", s.name, err)
	}
	if !strings.Contains(string(msg.Body), `"SecretString":"0123456789abcdef`) {
		return fmt.Errorf("%s emits no secret", s.name)
	}
	return nil
}

// consumes waits until the step consumes.
func (s *step) consumes(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		queue, err := s.environment.admin.Count(ctx, s.in)
		if err != nil || queue.Consumers > 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-s.done:
			return s.failure()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
